"""Shut lips that should part.

A generator's lips stick together: what would open them a little only makes them fuller, and from
some way on they part at once, as far as it likes. So where shut lips should part, those of the
dragged face are moved to where they should be, parted or not, and what is seen between them comes
from another face, whose lips have parted about as far.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.faces import eye_distance

from .fresh import Painter
from .motion import moved_image
from .painted import LIP_PAIRS, LIPS, Marks, PaintedMarks, mouth_gap

_ASKED = 0.03  # of the eye distance: lips that should part by less need not be seen to
_SHUT = 0.05  # of the eye distance: lips this near to each other are not open
_NEAR = 0.03  # of the eye distance: a handle this near to a lip's landmark is that landmark

Image = NDArray[np.uint8]


def part_lips(
    marks: PaintedMarks,
    landmarks: Marks,
    goals: Marks,
    crop: FaceCrop,
    after: Image,
    fresh: Painter,
) -> tuple[PaintedMarks, Image, Painter]:
    """Part the lips of a dragged face `after` (S, S, 3) where they are shut in the photo.

    Returns its landmarks, the face, and what paints the gap: as given where lips should not part,
    or `fresh` finds no face with open lips. `landmarks` are the photo's and `goals` where its lips
    should be (`lip_goals`), (68, 2) in pixels of the marks' map. Lips of which nothing is said go
    along with the others.
    """
    as_given = marks, after, fresh
    if not should_part(landmarks, goals):
        return as_given
    asked = (goals - landmarks) / marks.size
    led = [mark for mark in _LIPS if asked[mark].any()]
    ways = fresh.likely_ways(led, asked[led])
    if ways is None:
        return as_given
    ways[led] = asked[led]
    # The photo's own landmarks of the lips, which are its pixels': painted lips may be mistaken.
    before, lips = marks.before.copy(), marks.after.copy()
    before[LIPS], lips[LIPS] = landmarks[LIPS], (landmarks + ways * marks.size)[LIPS]
    opened = fresh.opened(crop, mouth_gap(lips) / marks.size)
    if opened is None:
        return as_given
    painted = marks.after.copy()
    painted[LIPS] += (landmarks - marks.before)[LIPS]
    parted = moved_image(after, PaintedMarks(painted, lips, marks.size).moved())
    return PaintedMarks(before, lips, marks.size), parted, opened


def lip_goals(landmarks: Marks, handles: Marks, targets: Marks) -> Marks:
    """Landmarks (68, 2), those of lips at which handles (N, 2) lie at their targets instead.

    Where lips touch it is the upper one that goes up: handles that were followed through several
    edits have lost what tells them apart.
    """
    goals = landmarks.copy()
    away = np.linalg.norm(handles[:, None] - landmarks[LIPS], axis=2)
    near = _NEAR * eye_distance(landmarks)
    given: dict[int, int] = {}
    for _, handle, lip in sorted(
        (float(away[place]), *place) for place in np.ndindex(away.shape) if away[place] < near
    ):
        if handle not in given.values():
            given.setdefault(_LIPS[lip], handle)
    for lip, handle in given.items():
        goals[lip] = targets[handle]
    for upper, lower in LIP_PAIRS:
        if {upper, lower} <= given.keys() and goals[upper, 1] > goals[lower, 1]:
            goals[[upper, lower]] = goals[[lower, upper]]
    return goals


def should_part(landmarks: Marks, goals: Marks) -> bool:
    """Whether lips that are shut in landmarks (68, 2) should part: those that have goals."""
    pairs = [pair for pair in LIP_PAIRS if (landmarks[[*pair]] != goals[[*pair]]).any()]
    if not pairs:
        return False
    gap, eyes = mouth_gap(landmarks, pairs), eye_distance(landmarks)
    return gap < _SHUT * eyes and mouth_gap(goals, pairs) - gap > _ASKED * eyes


_LIPS: Sequence[int] = range(*LIPS.indices(68))
