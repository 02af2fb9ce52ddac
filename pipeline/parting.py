"""Lips that are asked to part and stay shut.

A generator's lips stick together: what would open them a little only makes them fuller, and from
some way on they part at once. So the likeliest change is made larger until they have parted, and
smaller again until they have parted as far as asked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.faces import eye_distance

from .painted import LIP_PAIRS, mouth_gap

_ASKED = 0.03  # of the eye distance: lips that should part by less need not be seen to
_UNSEEN = 0.015  # of the eye distance: so much further lips are apart than landmarks of them say
_SHUT = 0.05  # of the eye distance: lips this near to each other are not open
_STUCK = 0.5  # of the way: lips that have parted less may be shut still
_NEAR = 0.2  # of the way: as far as asked
_USABLE = (0.5, 1.6)  # of the way: better than shut lips
_LOOKS = 6

Marks = NDArray[np.float64]


@dataclass(frozen=True)
class Opening:
    """By how much the gaps between lips that are opposite each other should widen, in pixels."""

    pairs: tuple[tuple[int, int], ...]
    wider: float

    def share(self, first: Marks, marks: Marks) -> float:
        """How much of the way the lips (68, 2) have parted since `first`."""
        return (mouth_gap(marks, self.pairs) - mouth_gap(first, self.pairs)) / self.wider

    def stuck(self, first: Marks, marks: Marks) -> bool:
        """Whether the lips are shut still."""
        is_shut = mouth_gap(marks, self.pairs) < _SHUT * eye_distance(first)
        return is_shut and self.share(first, marks) < _STUCK


def asked_opening(landmarks: Marks, goals: Marks) -> Opening | None:
    """What landmarks (68, 2) and where they should be ask of the lips; None where it is nothing."""
    pairs = tuple(
        pair for pair in LIP_PAIRS if not np.array_equal(landmarks[[*pair]], goals[[*pair]])
    )
    if not pairs:
        return None
    wider, eyes = mouth_gap(goals, pairs) - mouth_gap(landmarks, pairs), eye_distance(landmarks)
    return Opening(pairs, wider - _UNSEEN * eyes) if wider > _ASKED * eyes else None


@dataclass(frozen=True)
class Push:
    """A try: how many `times` as far as likely; `too_little` and `too_much` are known as such."""

    times: float = 1.0
    too_little: float = 0.0
    too_much: float | None = None
    looks: int = 1

    def next(self, share: float) -> Push | None:
        """After lips that have parted by a share of the way; None where the search ends."""
        if abs(share - 1) < _NEAR or self.looks == _LOOKS:
            return None
        if share < 1:
            known = replace(self, too_little=self.times)
        else:
            known = replace(self, too_much=self.times)
        low, high = known.too_little, known.too_much
        times = 2 * self.times if high is None else (low + high) / 2
        return replace(known, times=times, looks=self.looks + 1)


def is_usable(share: float) -> bool:
    """Whether lips that have parted by a share of the way are better than shut ones."""
    return _USABLE[0] < share < _USABLE[1]
