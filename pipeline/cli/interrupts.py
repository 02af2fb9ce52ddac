"""Signals that end a command: each as Ctrl-C, which may be asked to keep the best so far."""

from __future__ import annotations

import signal
import threading
import time
from types import FrameType, TracebackType
from typing import Any, Protocol, Self

_AGAIN = 1.0  # seconds in which the same key, or a second signal, is still the first one
_ENDING = ("SIGINT", "SIGTERM", "SIGHUP")  # the last is not everywhere


class Endable(Protocol):
    """A run that can be ended with the best so far."""

    def finish_early(self) -> bool:
        """End it, if there is something to keep."""


class EndingSignals:
    """Inside it Ctrl-C, a plain `kill` and a closed terminal are one KeyboardInterrupt.

    What follows within a second is not another, so that nothing is left while files are removed.
    Signals that the program's parent has had ignored, as `nohup` does, or that a program handles
    itself stay as they are.
    """

    def __init__(self) -> None:
        self._former: dict[int, Any] = {}
        self._last: float | None = None

    @property
    def came(self) -> bool:
        """Whether there was one: a library may have made another exception of it."""
        return self._last is not None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            usual = (signal.SIG_DFL, signal.default_int_handler)
            for name in _ENDING:
                number = getattr(signal, name, None)
                if number is not None and signal.getsignal(number) in usual:
                    self._former[number] = signal.signal(number, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for number, former in self._former.items():
            signal.signal(number, former)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        before, self._last = self._last, now
        if before is None or now - before > _AGAIN:
            raise KeyboardInterrupt


class Interrupts:
    """Inside it, if `wanted`, a first Ctrl-C ends a run with the best so far.

    A second one is KeyboardInterrupt as ever, and so is one while there is nothing to keep.
    """

    def __init__(self, wanted: bool) -> None:
        self._wanted = wanted
        self._run: Endable | None = None
        self._asked = self.ending = False

    def __enter__(self) -> Self:
        if self._wanted:
            self._before = signal.signal(signal.SIGINT, self._handle)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._wanted:
            signal.signal(signal.SIGINT, self._before)

    def watch(self, run: Endable) -> None:
        """Name the run to end."""
        self._run = run

    def _handle(self, number: int, frame: FrameType | None) -> None:
        first, self._asked = not self._asked, True
        # Nothing is printed here: the signal may have come in the middle of a line.
        self.ending = first and self._run is not None and self._run.finish_early()
        if not self.ending:
            raise KeyboardInterrupt
