"""What the finders find: squares around faces, as dlib's detector would give them, and how sure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .landmarks import Frame

_APART = 0.4  # of the larger side: two faces' middles lie at least so far apart


class Found(NamedTuple):
    """One face in a picture."""

    frame: Frame
    score: float
    """How sure the finder is, 0 to 1."""

    def through(self, transform: NDArray[np.float64]) -> Found:
        """The same in the picture that a similarity (2, 3) takes this one to."""
        step = complex(transform[0, 0], transform[1, 0])
        centre = self.frame.centre * step + complex(*transform[:, 2])
        return Found(Frame(centre, self.frame.side * step), self.score)


def merged(found: Iterable[Found]) -> list[Found]:
    """Of those that lie on one face only the surest; the surest first."""
    kept: list[Found] = []
    for one in sorted(found, key=lambda one: -one.score):
        if all(are_two(one.frame, other.frame) for other in kept):
            kept.append(one)
    return kept


def are_two(one: Frame, other: Frame) -> bool:
    """Whether two frames lie on two faces."""
    return abs(one.centre - other.centre) > _APART * max(abs(one.side), abs(other.side))
