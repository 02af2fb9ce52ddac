"""How far a job is, and how long it will still take; what it stands still does not count."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from ...edit.values import EditStep, Stages
from ...runtime.time_left import TimeLeft, after
from ..protocol.events import Progress
from ..protocol.requests import Place


class StageProgress:
    """Turns the steps of a run into `Progress`; `stages` gives those that are to be expected.

    Call `resume` when the work goes on after each step: what lies between is not counted.
    """

    def __init__(self, stages: Callable[[], Stages]):
        self._stages = stages
        self._remaining = TimeLeft(0.0)
        self._clock, self._since = 0.0, time.monotonic()
        self._share = self._farthest = 0.0

    def resume(self) -> None:
        """The work goes on."""
        self._since = time.monotonic()

    def progress(self, step: EditStep, targets: Sequence[Place] = ()) -> Progress:
        """What is told of a step; `targets` are those of the edit's own points."""
        now = time.monotonic()
        self._clock, self._since = self._clock + now - self._since, now
        share = step.index / step.total
        if step.distance is not None:
            if step.index == 1:
                self._farthest = step.distance
            share = max(share, 1 - step.distance / self._farthest if self._farthest else 1.0)
        ahead = after(self._stages(), step.stage)
        left = self._remaining.step(self._clock, step.stage, share, step.total, ahead)
        if left is not None and self._clock + left > 0:
            self._share = max(self._share, self._clock / (self._clock + left))
        handles = (step.positions or ())[: len(targets)]
        return Progress(
            step.stage,
            step.index,
            step.total,
            min(self._share, 1.0),
            left,
            handles,
            tuple(math.dist(*pair) for pair in zip(handles, targets, strict=False)),
            step.loss,
        )
