"""Adjustments on a face: what its landmarks are to do, and what they did."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from photodrag.alignment import Face
from photodrag.alignment.face_measures import Landmarks, face_axes
from photodrag.alignment.face_parts import EYES
from photodrag.alignment.head_pose import turned
from photodrag.alignment.tolerances import CLOSED_GAP
from photodrag.errors import PointError

from ..request.adjustments import POSES, Adjust, Adjustment, eye_closings, find_adjustment


def adjusted_landmarks(adjust: Adjust, face: Face, still: Collection[int] = ()) -> Landmarks:
    """Where a face's landmarks are dragged to, (68, 2) in photo pixels: first turned, then changed.

    That is beyond what was asked for, by each adjustment's gain; but nothing closes beyond shut.
    Lids that come down are left out, no generated face has them, and so are the eyes in `still`.
    """
    turns = {name: value * find_adjustment(name).gain for name, value in adjust if name in POSES}
    moved = np.array(face.landmarks)
    if turns:
        moved = turned(moved, *(turns.get(name, 0.0) for name in POSES))
    axes, shut = face_axes(moved) / 100, eye_closings(adjust)
    for name, value in adjust:
        known = find_adjustment(name)
        if not known.is_pose:
            gain = 1.0 if _closes(known, value) else known.gain
            displacements = adjustment_displacements(known)
            for eye in known.eyes:
                if shut[eye] or eye in still:
                    displacements[EYES[eye]] = 0
            moved += displacements * (value * gain * closing_factor(known, value, face)) @ axes
    return moved


def adjustment_displacements(known: Adjustment) -> Landmarks:
    """The ways at 1, (68, 2) in percent of the eye distance."""
    displacements = np.zeros((68, 2))
    for landmark, displacement in known.displacements.items():
        displacements[landmark] = displacement
    return displacements


def _closes(known: Adjustment, value: float) -> bool:
    return value < 0 and bool(known.gaps)


def closing_factor(known: Adjustment, value: float, face: Face) -> float:
    """How much of the ways a value of -1 stands for where a gap closes: until it is shut."""
    if not _closes(known, value):
        return 1.0
    upper, lower = (np.array(side) for side in zip(*known.gaps, strict=True))
    apart = face.landmarks[lower] - face.landmarks[upper]
    gap = float((apart @ np.linalg.inv(face_axes(face.landmarks) / 100))[:, 1].mean())
    displacements = adjustment_displacements(known)
    opening = float((displacements[lower] - displacements[upper])[:, 1].mean())
    if gap <= 100 * CLOSED_GAP:
        raise PointError(f"{known.name} is {value:g}, and it is closed already; leave it out")
    return gap / opening
