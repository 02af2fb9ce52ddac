"""What can be wrong with a picture and be seen by a program: numbers, and from where on they alarm.

An alarm says where to look first. A picture without one may still be ugly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .edge_alarm import edge_length, unexplained_edges
from .grain_alarm import streak_area, streaks
from .line_alarm import bent_lines
from .wild_edits import FaceView, Trial

LIMITS = {"identity": 0.35, "edges": 0.15, "lines": 2.0, "streaks": 3.0}
LEAST_REACHED, MOST_REACHED = 0.4, 1.75  # parts of what was asked


@dataclass(frozen=True)
class Judgement:
    """What one edit of a photo measures.

    identity: dlib's distance to the photo. edges: unexplained ones, in distances between the eyes.
    lines: the bend of the most bent line of the background, in percent of that distance. streaks:
    their area, in percent of that distance squared. reached: the part of each adjustment.
    """

    identity: float
    edges: float
    lines: float
    streaks: float
    reached: dict[str, float]

    @property
    def alarms(self) -> tuple[str, ...]:
        """Which of them are beyond their limits."""
        beyond = tuple(name for name, most in LIMITS.items() if getattr(self, name) > most)
        missed = tuple(
            name for name, part in self.reached.items() if not LEAST_REACHED <= part <= MOST_REACHED
        )
        return (*beyond, *(f"{name} {self.reached[name]:.2f}" for name in missed))

    def as_row(self) -> dict[str, Any]:
        """Numbers and alarms as values for JSON."""
        return {**vars(self), "alarms": list(self.alarms)}


def judge(before: FaceView, trial: Trial) -> Judgement:
    """Measure one edit that was done."""
    after = trial.view
    assert after is not None
    assert trial.asked is not None
    assert trial.reached is not None
    eye = before.eye_distance
    bends = [line.bend for line in bent_lines(before, after)]
    return Judgement(
        identity=trial.identity,
        edges=edge_length(unexplained_edges(before, after), eye),
        lines=max(bends, default=0.0),
        streaks=streak_area(streaks(before, after), eye),
        reached={name: trial.reached[name] / asked for name, asked in trial.asked.items()},
    )
