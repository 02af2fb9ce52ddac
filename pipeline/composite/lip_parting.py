"""Shut lips that should part.

A generator's lips stick together: what would open them a little only makes them fuller, and from
some way on they part at once, as far as it likes. So where shut lips should part, those of the
dragged face are moved to where they should be, parted or not, and what is seen between them comes
from another face, whose lips have parted about as far.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks, eye_distance
from photodrag.alignment.face_parts import LIP_NUMBERS, LIP_PAIRS, LIPS
from photodrag.alignment.tolerances import AT_LIP, LIPS_PART, LIPS_SHUT, MOUTH_OPENED

from ..imaging.sampling import moved_image
from .landmark_motion import LandmarkMotion
from .new_mouth import FacePainter

_AT = 0.01  # pixels: a handle this near to one is no other
Image = NDArray[np.uint8]


class Parted(NamedTuple):
    """A dragged face (S, S, 3), its landmarks, what paints a gap between its lips.

    `led` are the numbers of handles that lie at their targets as lips.
    """

    landmark_motion: LandmarkMotion
    after: Image
    fresh: FacePainter
    led: list[int]


def part_lips(
    given: Parted, landmarks: Landmarks, handles: Landmarks, targets: Landmarks, crop: FaceCrop
) -> Parted:
    """Part the lips of a dragged face where they are shut in the photo and should not be.

    As given where they should not part, or no face with open lips is found. `landmarks` (68, 2) are
    the photo's, `handles` and `targets` (N, 2), all in pixels of the marks' map. Lips without a
    handle go along with the others.
    """
    landmark_motion, after, fresh, _ = given
    led_by = lip_handles(landmarks, handles, targets)
    goals = landmarks.copy()
    for landmark, handle in led_by.items():
        goals[landmark] += targets[handle] - handles[handle]
    if not should_part(landmarks, goals):
        return given
    asked = (goals - landmarks) / landmark_motion.size
    led = [landmark for landmark in LIP_NUMBERS if asked[landmark].any()]
    displacements = fresh.likely_displacements(led, asked[led])
    if displacements is None:
        return given
    displacements[led] = asked[led]
    # The photo's own landmarks of the lips, which are its pixels': painted lips may be mistaken.
    before, lips = landmark_motion.before.copy(), landmark_motion.after.copy()
    before[LIPS], lips[LIPS] = (
        landmarks[LIPS],
        (landmarks + displacements * landmark_motion.size)[LIPS],
    )
    gap = _height(lips, LIP_PAIRS)
    opened = None if gap <= 0 else fresh.opened(crop, gap / landmark_motion.size)
    if opened is None:
        return given
    painted = landmark_motion.after.copy()
    painted[LIPS] += (landmarks - landmark_motion.before)[LIPS]
    parted = moved_image(after, LandmarkMotion(painted, lips, landmark_motion.size).field())
    both = LandmarkMotion(before, lips, landmark_motion.size)
    return Parted(both, parted, opened, list(led_by.values()))


def lip_handles(landmarks: Landmarks, handles: Landmarks, targets: Landmarks) -> dict[int, int]:
    """By landmark (68, 2) of the lips the number of the handle (N, 2) that leads it.

    Where lips touch, a handle that is not at a landmark tells by its way which of them it is.
    """
    near = AT_LIP * eye_distance(landmarks)
    down = targets[:, 1] - handles[:, 1]
    away = np.linalg.norm(handles[:, None] - landmarks[LIPS], axis=2)
    for upper, lower in LIP_PAIRS:
        if _height(landmarks, ((upper, lower),)) > near:
            continue
        ends = away[:, [upper - LIPS.start, lower - LIPS.start]]
        either = (ends.max(axis=1) < near) & ((ends < _AT).sum(axis=1) != 1)
        away[either & (down > 0), upper - LIPS.start] = np.inf
        away[either & (down < 0), lower - LIPS.start] = np.inf
    led_by: dict[int, int] = {}
    for _, handle, lip in sorted(
        (float(away[place]), *place) for place in np.ndindex(away.shape) if away[place] < near
    ):
        if handle not in led_by.values():
            led_by.setdefault(LIP_NUMBERS[lip], handle)
    return led_by


def stay_shut(landmarks: Landmarks, handles: Landmarks, targets: Landmarks) -> bool:
    """Whether drags say of both lips, along all of them, that they part no further."""
    led_by = lip_handles(landmarks, handles, targets)
    if not {lip for pair in LIP_PAIRS for lip in pair} <= led_by.keys():
        return False
    goals = landmarks.copy()
    for landmark, handle in led_by.items():
        goals[landmark] += targets[handle] - handles[handle]
    wider = _height(goals, LIP_PAIRS) - max(_height(landmarks, LIP_PAIRS), 0.0)
    return wider < MOUTH_OPENED[0] * eye_distance(landmarks)


def should_part(landmarks: Landmarks, goals: Landmarks) -> bool:
    """Whether lips that are shut in landmarks (68, 2) should part: those that have goals."""
    pairs = [pair for pair in LIP_PAIRS if (landmarks[[*pair]] != goals[[*pair]]).any()]
    if not pairs:
        return False
    height, eyes = _height(landmarks, pairs), eye_distance(landmarks)
    return height < LIPS_SHUT * eyes and _height(goals, pairs) - max(height, 0) > LIPS_PART * eyes


def _height(landmarks: Landmarks, pairs: Sequence[tuple[int, int]]) -> float:
    """How far the lower lip is below the upper one, of an upright face's landmarks (68, 2)."""
    return float(np.mean([landmarks[lower, 1] - landmarks[upper, 1] for upper, lower in pairs]))
