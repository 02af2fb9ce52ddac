"""A line of jobs: one computes at a time, the others wait and know their place."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from photodrag.errors import PhotodragError
from photodrag.logs import room_logger

from ..protocol.events import Done, End, Event, Failed, Paused, Stopped, Waiting, Working

Steps = Generator[None, None, Any]
Notify = Callable[[Event], None]
_LOG = room_logger("studio")
_numbers = itertools.count(1)


class JobQueue:
    """Works off jobs, one after the other, on a thread of its own; methods are for any thread.

    A paused job lets the next one go ahead; when it goes on, it is the next. Lines that share a
    `lock` can be asked from each other's callbacks.
    """

    def __init__(self, name: str, lock: threading.RLock | None = None):
        self.name = name
        self.lock = lock or threading.RLock()
        self._waiting: list[Ticket] = []
        self._running: Ticket | None = None
        self._change = threading.Condition(self.lock)
        self._thread: threading.Thread | None = None
        self._closed = False

    def submit(
        self,
        job: str,
        make: Callable[[Ticket], Steps],
        notify: Notify,
        *,
        can_pause: bool = False,
        at_end: Callable[[Ticket], None] = lambda ticket: None,
    ) -> Ticket:
        """Take a job in at the end.

        `make` gives its steps (see `Ticket`), `notify` is told its events; `at_end` is called
        before the last of them. Where the line is closed, the job is stopped at once.
        """
        with self.lock:
            ticket = Ticket(self, job, make, notify, can_pause, at_end)
            if self._closed:
                ticket.give_up()
                return ticket
            self._waiting.append(ticket)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=self.name, daemon=True)
                self._thread.start()
            if self._running is not None or len(self._waiting) > 1:
                ticket.tell(Waiting(len(self._waiting)))
            self._change.notify_all()
        return ticket

    def place(self, ticket: Ticket) -> int:
        """1 for the next ticket, and so on; 0 for one that does not wait."""
        with self.lock:
            return self._waiting.index(ticket) + 1 if ticket in self._waiting else 0

    def resume(self, ticket: Ticket) -> None:
        """A paused ticket goes on as the next; others are left alone."""
        with self.lock:
            if ticket.state != "paused":
                return
            ticket.state = "waiting"
            self._waiting.insert(0, ticket)
            self._tell_places(0 if self._running is not None else 1)
            self._change.notify_all()

    def withdraw(self, ticket: Ticket) -> None:
        """Take a ticket out that waits or stands still; one that computes stops by itself."""
        with self.lock:
            if ticket in self._waiting:
                place = self._waiting.index(ticket)
                self._waiting.remove(ticket)
                ticket.give_up()
                self._tell_places(place)
            elif ticket.state == "paused":
                ticket.give_up()

    def close(self, timeout: float | None = None) -> None:
        """Stop everything but what stands still, and wait for the step at work to end."""
        with self.lock:
            self._closed = True
            for ticket in [*self._waiting, *([self._running] if self._running else [])]:
                ticket.stop()
            self._change.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout)

    def _work(self) -> None:
        while True:
            with self.lock:
                self._running = None
                while not self._waiting and not self._closed:
                    self._change.wait()
                if not self._waiting:
                    return
                ticket = self._running = self._waiting.pop(0)
                ticket.state = "running"
                self._tell_places(0)
            ticket.go()
            del ticket  # it may hold much

    def _tell_places(self, first: int) -> None:
        for place, ticket in enumerate(self._waiting[first:], start=first + 1):
            ticket.tell(Waiting(place))


class Ticket:
    """A job that waits, computes, stands still or has ended; its methods are for any thread.

    `state` is "waiting", "running", "paused", "done", "stopped" or "failed". The job is a generator
    that yields after each step and returns what `Done` tells. To stop it is to close it, so it must
    leave everything as it was until it returns. A line makes tickets.
    """

    def __init__(
        self,
        line: JobQueue,
        job: str,
        make: Callable[[Ticket], Steps],
        notify: Notify,
        can_pause: bool,
        at_end: Callable[[Ticket], None],
    ):
        self.id, self.job, self.can_pause = next(_numbers), job, can_pause
        self.state = "waiting"
        self.finisher: Callable[[], bool] | None = None
        self._line = line
        self._make: Callable[[Ticket], Steps] | None = make
        self._steps: Steps | None = None
        self._notify, self._at_end = notify, at_end
        self._asked: str | None = None
        self._ended = threading.Event()
        self._end: End | None = None

    @property
    def place(self) -> int:
        """1 where it is the next in the line, and so on; 0 where it does not wait."""
        return self._line.place(self)

    def pause(self) -> bool:
        """Stand still at the next step and let others go ahead; False if it cannot now."""
        with self._line.lock:
            can = self.can_pause and self.state == "running" and self._asked is None
            if can:
                self._asked = "pause"
            return can

    def resume(self) -> None:
        """Go on, as the next in the line."""
        with self._line.lock:
            if self._asked == "pause":
                self._asked = None
            self._line.resume(self)

    def stop(self) -> None:
        """Give it up: at its next step, or at once where it does not compute."""
        with self._line.lock:
            self._asked = "stop"
            self._line.withdraw(self)

    def finish(self) -> bool:
        """End at the next step with the best so far; False while there is nothing to keep."""
        finisher = self.finisher
        if finisher is None or not finisher():
            return False
        self.resume()
        return True

    def wait(self, timeout: float | None = None) -> End | None:
        """Wait for the end; None if it did not come in that many seconds."""
        self._ended.wait(timeout)
        return self._end

    def tell(self, event: Event) -> None:
        """Tell the page; a fault there is logged and does not touch the work."""
        try:
            self._notify(replace(event, ticket=self.id, job=self.job))
        except Exception:
            _LOG.exception("a page could not be told of its %s", self.job)

    def go(self) -> None:
        """Do steps until it ends or stands still. For the line's thread."""
        self.tell(Working())
        try:
            if self._steps is None:
                assert self._make is not None
                self._steps = self._make(self)
            while True:
                with self._line.lock:
                    asked = self._asked
                    if asked == "pause":
                        self._asked, self.state = None, "paused"
                        self.tell(Paused())
                        return
                if asked == "stop":
                    self._steps.close()
                    end: End = Stopped()
                    break
                next(self._steps)
        except StopIteration as finished:
            end = Done(finished.value)
        except PhotodragError as error:
            end = Failed(str(error))
        except MemoryError:
            end = Failed("there is not enough memory for this; try a smaller photo")
        except Exception as error:
            _LOG.exception("a page's %s failed", self.job)
            end = Failed(f"something went wrong inside photodrag ({_line(error)})", bug=True)
        self._finish(end)

    def give_up(self) -> None:
        """End it while it does not compute. For its line."""
        if self._steps is not None:
            self._steps.close()
        self._finish(Stopped())

    def _finish(self, end: End) -> None:
        self._steps = self._make = self.finisher = None  # frees what they hold
        self._end = replace(end, ticket=self.id, job=self.job)
        self.state = type(end).__name__.lower()
        self._at_end(self)
        self.tell(end)
        self._ended.set()


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text:.200}" if text else type(error).__name__
