"""Ctrl-C as an end with the best so far, where that was asked for."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Protocol, Self


class Endable(Protocol):
    """A run that can be ended with the best so far."""

    def finish_early(self) -> bool:
        """End it, if there is something to keep."""


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
