"""The face on its way, several times a second, beside the drag that moves it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from photodrag.checkpoints import Latent

from ...edit.values import EditStep
from ...guide.painted_face import RenderedFace
from ..protocol.events import Frame
from .frame_warp import FrameWarp, Sight
from .live_composite import Live

RATE = 12
"""Frames a second at most."""
_PATIENCE = 2.0  # seconds that the end waits for the frame at work


class Frames:
    """Tells frames of an edit: each step that `live` paints, and what leads from one to the next.

    The first is told by `take` itself, the others by a thread of its own, which computes little.
    Use it as a context: at its end no more is told. What fails in the thread is raised by the next
    `take`, or at the end.
    """

    def __init__(self, live: Live, tell: Callable[[Frame], None]):
        self._live, self._tell = live, tell
        self._easing = FrameWarp(live.side, live.allowed)
        self._change = threading.Condition()
        self._ends = threading.Event()
        self._thread: threading.Thread | None = None
        self._error: Exception | None = None

    def take(self, step: EditStep, first: RenderedFace | None, start: Latent) -> None:
        """Another step; `first` and `start` as `Live.sight` has them."""
        self._check()
        sight = self._live.sight(step, first, start)
        with self._change:
            if sight is not None:
                self._easing.take(sight)
            elif step.positions is not None:
                self._easing.lead(self._live.small(step.positions))
            self._change.notify()
        if sight is not None and self._thread is None:
            self._tell(self._live.cut(sight))
            self._thread = threading.Thread(target=self._work, name="photodrag-frames", daemon=True)
            self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._change:
            self._ends.set()
            self._change.notify()
        if self._thread is not None:
            self._thread.join(_PATIENCE)
        if error is None:
            self._check()

    def _check(self) -> None:
        if self._error is not None:
            raise self._error

    def _work(self) -> None:
        try:
            last = time.monotonic()
            while (seen := self._next(last)) is not None:
                last = time.monotonic()
                self._tell(self._live.cut(seen))
                self._ends.wait(max(0.0, last + 1 / RATE - time.monotonic()))
        except Exception as error:  # raised where the job is
            self._error = error

    def _next(self, last: float) -> Sight | None:
        """What is to be seen now, when something moves; None at the end."""
        with self._change:
            while self._easing.is_settled and not self._ends.is_set():
                self._change.wait()
            if self._ends.is_set():
                return None
            self._easing.advance(min(time.monotonic() - last, 2 / RATE))
            return self._easing.picture()
