"""A line of jobs: one computes at a time, the others wait and know their place."""

from __future__ import annotations

import threading
from collections.abc import Callable

from .events import Waiting
from .ticket import Notify, Steps, Ticket


class Line:
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
