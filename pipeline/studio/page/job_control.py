"""The job that a page has under way, and what comes after it.

All of it happens in the server's loop; the desk's threads only hand their events over.
"""

from __future__ import annotations

import asyncio
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from photodrag.errors import PhotodragError

from ..engine.job_queue import Ticket
from ..protocol.events import Done, Event, Failed, Frame, Paused, Progress, Stopped, Waiting
from .plans import Plans

# of a file that was brought: the person knows it by its name
_OWN_FOLDER = re.compile(r"\S*photodrag-studio-[\w-]+/desk-\w+/(upload-\d+/)?")


@dataclass
class Work:
    """The job under way, and the newest that is known of it."""

    ticket: Ticket
    state: str = "working"
    """working, waiting, pausing, paused or stopping."""
    place: int = 0
    progress: Progress | None = None
    given_up: bool = False
    """Stopped, not only to make way for another job."""


class JobControl(ABC):
    """One job at a time: begun, held, ended, and followed by the next.

    `changed(what)` is called after each event: "work", "frame" or "all". `problem` and `note`
    are told to the person.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop):
        self._loop = loop
        self.work: Work | None = None
        self.frame: Frame | None = None
        self.frames = 0
        self.stopped = False
        self.changed: Callable[[str], None] = lambda _: None
        self.problem: Callable[[str], None] = lambda _: None
        self.note: Callable[[str], None] = lambda _: None
        self._plans = Plans()

    @abstractmethod
    def _done(self, event: Done) -> None:
        """A job is done; no other is under way."""

    def pause(self) -> None:
        """Hold the job, or let it go on."""
        if self.work is None or not self.work.ticket.can_pause:
            return
        if self.work.state in ("paused", "pausing"):
            self.work.ticket.resume()
            if self.work.state == "pausing":
                self.work.state = "working"
        elif self.work.ticket.pause():
            self.work.state = "pausing"
        self.changed("work")

    def finish(self) -> None:
        """End the run at its next step, and keep what it has reached."""
        if self.work is None:
            return
        if not self.work.ticket.finish():
            self.note("There is nothing to keep yet.")
        elif self.work.state == "pausing":
            self.work.state = "working"

    def stop(self) -> None:
        """End the job; the desk is then as it was before, and is shown so at once."""
        self._plans.drop()
        if self.work is not None:
            self.work.given_up = True
            if self.work.ticket.job == "edit":
                self.frame, self.stopped = None, True
        self._stop()

    def ask(self, start: Callable[[], Ticket]) -> None:
        """Begin a job; one that is under way is stopped first."""
        if self.work is not None:
            self._plans.asked = lambda: self.ask(start)
            self._stop()
            return
        try:
            self.work = Work(start())
        except PhotodragError as error:
            self.problem(str(error))
        self.changed("all")

    def save(self, start: Callable[[], Ticket]) -> None:
        """Write a file, after the job that is under way."""
        if self.work is None:
            self.ask(start)
        elif self._plans.asked is None:
            self._plans.asked = lambda: self.ask(start)
            self.note("The file is written as soon as this is done.")

    @property
    def gives_up(self) -> bool:
        """Whether the run under way was stopped, and is not to be seen any more."""
        return self.work is not None and self.work.given_up

    def _hand_over(self, event: Event) -> None:
        """From the desk's threads."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, event)

    def _take(self, event: Event) -> None:
        work = self.work
        if work is None or event.ticket != work.ticket.id:
            return
        what = "work"
        match event:
            case Frame():
                if not self.gives_up:
                    self.frame = event
                    self.frames += 1
                what = "frame"
            case Progress():
                work.progress = event
            case Waiting():
                work.state, work.place = "waiting", event.place
            case Paused():
                work.state = "paused"
            case Done() | Stopped() | Failed():
                what = "all"
                self._end(event)
            case _ if work.state not in ("pausing", "stopping"):
                work.state = "working"
        self.changed(what)

    def _end(self, event: Done | Stopped | Failed) -> None:
        given_up = self.gives_up
        self.work = self.frame = None
        self.stopped = not isinstance(event, Done)
        if isinstance(event, Done):
            self._done(event)
            if given_up:  # too late
                self._plans.follows = None
        elif isinstance(event, Failed):
            self._plans.asked = None
            if event.job == "invert":
                self._plans.drop()
            self.problem(_OWN_FOLDER.sub("", event.message))
        while self.work is None and (act := self._plans.take()) is not None:
            act()

    def _stop(self) -> None:
        if self.work is not None:
            self.work.state = "stopping"
            self.work.ticket.stop()
            self.changed("work")
