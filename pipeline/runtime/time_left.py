"""How long a run will still take: what it has done so far, scaled to what is to come."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Stages = Sequence[tuple[str, int]]


@dataclass(frozen=True)
class _Usual:
    """Seconds of one step, and how many steps it usually takes at most."""

    seconds: float
    steps: int = 10_000


_TELLING = 0.1  # usual seconds, before which the pace is not known
# Of the default generator and settings on 2 cores; to `TimeLeft` only how they compare counts.
_USUAL: Mapping[str, _Usual] = {
    "cached": _Usual(0.01),
    "pivot": _Usual(0.35),
    "w+": _Usual(0.5),
    "tune": _Usual(0.5),
    "guide": _Usual(0.2, 5),
    "drag": _Usual(0.03, 60),
    "composite": _Usual(1.0),
    "film": _Usual(0.3),
}


class TimeLeft:
    """Estimates the seconds to the end of a run from the times of its steps.

    The stage at work takes as long as its steps so far say. What stages to come usually take is
    multiplied by how much slower or faster than usual this run has been.
    """

    def __init__(self, now: float) -> None:
        self._begin = self._latest = now
        self._stage: str | None = None
        self._taken = self._usual = 0.0  # seconds of all that is finished
        self._before = (0.0, 0.0)  # the same at the end of the last stage

    def step(
        self, now: float, stage: str, share: float, steps: int, ahead: Stages = ()
    ) -> float | None:
        """Seconds that are left after a step; None where nobody can know yet.

        `share` (0..1) of the stage, of at most `steps` steps, is finished; `ahead` are the stages
        after it.
        """
        if stage != self._stage:
            self._stage, self._begin = stage, self._latest
            self._before = (self._taken, self._usual)
        self._latest = now
        if share <= 0:
            return None
        taken, usual = now - self._begin, share * _usual_seconds(stage, steps)
        self._taken, self._usual = self._before[0] + taken, self._before[1] + usual
        pace = self._taken / self._usual if self._usual >= _TELLING else 1.0
        rest = usual_seconds(ahead)
        return taken / share * (1 - share) + pace * rest


def usual_seconds(stages: Stages) -> float:
    """Seconds that stages usually take with the default generator on 2 cores."""
    return sum(_usual_seconds(*one) for one in stages)


def _usual_seconds(stage: str, steps: int) -> float:
    usual = _USUAL.get(stage, _Usual(0))
    return usual.seconds * min(steps, usual.steps)


def after(stages: Stages, stage: str) -> Stages:
    """Those after the first one of this name; after a stage that was not expected the last."""
    names = [name for name, _ in stages]
    return stages[names.index(stage) + 1 :] if stage in names else stages[-1:]


def as_text(seconds: float) -> str:
    """As a person would say it: "8 s", "2:05", "1:02:00"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, left = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
