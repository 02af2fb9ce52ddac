"""How far a job is, and how long it will still take; what it stands still does not count."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence

from photodrag.runs import Stages

from ...edit.values import EditStep
from ...runtime.run_progress import RunProgress
from ..protocol.events import Progress
from ..protocol.requests import Place


class StageProgress:
    """Turns the steps of a run into `Progress`; `stages` gives those that are to be expected.

    Call `resume` when the work goes on after each step: what lies between is not counted.
    """

    def __init__(self, stages: Callable[[], Stages], clock: Callable[[], float] = time.monotonic):
        self._stages = stages
        self._run = RunProgress(clock)

    def resume(self) -> None:
        """The work goes on."""
        self._run.resume()

    def progress(self, step: EditStep, targets: Sequence[Place] = ()) -> Progress:
        """What is told of a step; `targets` are those of the edit's own points."""
        self._run.step(step, self._stages())
        handles = (step.positions or ())[: len(targets)]
        return Progress(
            step.stage,
            step.index,
            step.total,
            self._run.fraction,
            self._run.seconds_left,
            handles,
            tuple(math.dist(*pair) for pair in zip(handles, targets, strict=False)),
            step.loss,
            step.purpose,
        )
