"""One job of a page on its way through the line."""

from __future__ import annotations

import itertools
import logging
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from photodrag.errors import PhotodragError

from .events import Done, End, Event, Failed, Paused, Stopped, Working

if TYPE_CHECKING:
    from .line import Line

Steps = Generator[None, None, Any]
Notify = Callable[[Event], None]

_LOG = logging.getLogger("photodrag.studio")
_numbers = itertools.count(1)


class Ticket:
    """A job that waits, computes, stands still or has ended; its methods are for any thread.

    `state` is "waiting", "running", "paused", "done", "stopped" or "failed". The job is a generator
    that yields after each step and returns what `Done` tells. To stop it is to close it, so it must
    leave everything as it was until it returns. A line makes tickets.
    """

    def __init__(
        self,
        line: Line,
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
