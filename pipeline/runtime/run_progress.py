"""How far a run is, and how long it will still take: what a bar, a page and a notebook show."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from typing import TypeVar

from photodrag.runs import RunStep, Stages

from .time_left import TimeLeft, after

Step = TypeVar("Step", bound=RunStep)


class RunProgress:
    """Counts the finished steps of a run.

    `fraction` (0..1) of the work is done: its seconds so far, of these and those that are left. It
    never goes backwards. `seconds_left` is None while nobody can know, and `stage_fraction` (0..1)
    is the part of the stage at work that is done. Only time in which the run worked counts:
    between a step and `resume` it stands still. `clock` gives seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._now = clock
        self.begin()

    def begin(self) -> None:
        """The work begins."""
        self.fraction = self.stage_fraction = 0.0
        self.seconds_left: float | None = None
        self._left = TimeLeft(0.0)
        self._worked, self._since = 0.0, self._now()
        self._farthest = 0.0  # the stage's first distance

    def resume(self) -> None:
        """The work goes on."""
        self._since = self._now()

    def step(self, step: RunStep, stages: Stages) -> None:
        """A step is finished; `stages` are those of the run, as it expects them now.

        A stage with a distance to go is as far as that says, as it may end before its most steps.
        """
        done, distance = step.index / step.total, getattr(step, "distance", None)
        if distance is not None:
            if step.index == 1:
                self._farthest = distance
            done = max(done, 1 - distance / self._farthest if self._farthest else 1.0)
        self.advance(step.stage, done, step.total, stages)

    def advance(self, stage: str, done: float, total: int, stages: Stages) -> None:
        """`done` (0..1) of a stage of at most `total` steps is finished."""
        now = self._now()
        self._worked, self._since = self._worked + now - self._since, now
        self.stage_fraction = done
        left = self._left.step(self._worked, stage, done, total, after(stages, stage))
        self.seconds_left = left
        if left is not None and self._worked + left > 0:
            reached = self._worked / (self._worked + left)
            self.fraction = min(1.0, max(self.fraction, reached))

    def end(self) -> None:
        """All is done."""
        self.fraction = self.stage_fraction = 1.0
        self.seconds_left = 0.0

    def follow(
        self,
        steps: Generator[Step, None, None],
        stages: Callable[[], Stages],
        log: logging.Logger | None = None,
    ) -> Iterator[Step]:
        """The steps of a run, from its beginning to its end, each counted before it is yielded.

        A `log` is told of every stage that has ended, and its seconds.
        """
        self.begin()
        last: Step | None = None
        ends = 0.0  # seconds of work when the last stage had ended
        with closing(steps):  # at once where the loop is left
            for step in steps:
                if last is not None and step.stage != last.stage:
                    ends = self._tell(log, last, ends)
                self.step(step, stages())
                last = step
                yield step
                self.resume()
        if last is not None:
            self._tell(log, last, ends)
        self.end()

    def _tell(self, log: logging.Logger | None, last: RunStep, begin: float) -> float:
        """Log that a stage has ended with its last step; the seconds of work so far."""
        if log is not None:
            seconds = self._worked - begin
            log.info("%s: %d of %d steps, %.1f s", last.stage, last.index, last.total, seconds)
        return self._worked
