"""Which drags shut an eye, and how far.

Such a drag begins at the middle of an eye's upper lid, half way between its two landmarks, and says
by how much of the opening the lid comes down. Nothing else begins just there; so a drag among many
needs no other mark, in sessions neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.face_measures import Landmarks, face_axes
from photodrag.alignment.face_parts import LID_CORNERS, LOWER_LIDS, UPPER_LIDS
from photodrag.alignment.tolerances import AT_LANDMARK, ON_LID
from photodrag.drag import DragPoint

from .lids import RISE

_LEAST = 0.01  # of the eye distance: eyes that are shut have this opening at least
_SEEN = 0.02  # of the opening: no lid follows less
_FOLLOWS = 0.6  # of an iris' way down, the upper lid's
_DOWNWARD = 0.7  # of a drag's length, at least, where it lowers a lid
_OPEN = 1e-4  # of the opening: an eye that was opened again
Move = NDArray[np.float64]
Sides = tuple[int | None, ...]


@dataclass(frozen=True, eq=False)
class ShutEyes:
    """How far edits have shut both eyes, (2,), and the ways of their lids until shut, (2, 2)."""

    closings: Landmarks
    ways: Landmarks

    def __contains__(self, side: int) -> bool:
        return bool(self.closings[side] > _OPEN)

    def opening_drag(self, side: int, part: float, landmarks: Landmarks) -> DragPoint:
        """The drag that opens an eye of a face as it is by a part of its whole opening."""
        x, y = lid_middles(landmarks)[side].tolist()
        left, top = (min(part, self.closings[side]) * self.ways[side]).tolist()
        return DragPoint((x, y), (x - left, y - top))


def lid_middles(landmarks: Landmarks) -> Landmarks:
    """The middles of both upper lids, (2, 2)."""
    return np.array([landmarks[list(lid)].mean(axis=0) for lid in UPPER_LIDS])


def lid_ways(landmarks: Landmarks) -> Landmarks:
    """How far the middles of both upper lids go until their eyes are shut, (2, 2): down."""
    right, down = face_axes(landmarks)
    lower = np.array([landmarks[list(lid)].mean(axis=0) for lid in LOWER_LIDS])
    length = float(np.hypot(*right))
    gaps = (lower - lid_middles(landmarks)) @ down / length
    return np.asarray(np.maximum(gaps, _LEAST * length)[:, None] * (1 - RISE) * down / length)


def lid_sides(points: Sequence[DragPoint], landmarks: Landmarks) -> Sides:
    """Which eye each drag shuts, 0 or 1; None: none. `landmarks` are those where it begins."""
    middles, near = lid_middles(landmarks), ON_LID * float(np.hypot(*face_axes(landmarks)[0]))

    def side(point: DragPoint) -> int | None:
        away = np.linalg.norm(middles - point.handle, axis=1)
        return int(away.argmin()) if away.min() <= near else None

    return tuple(side(point) for point in points)


def asked_lids(
    points: Sequence[DragPoint], landmarks: Landmarks, own: int, shut: ShutEyes
) -> Sides:
    """Which eye's lid each drag of a request moves by itself; None: it is the generator's.

    The first `own` drags were asked for as such: one that lowers a landmark of the upper lid,
    while no corner of that eye is dragged, is the lid's. So is one that raises the lid of an eye
    that edits before have `shut` in part.
    """
    near = AT_LANDMARK * float(np.hypot(*face_axes(landmarks)[0]))
    ways, found = lid_ways(landmarks), list(lid_sides(points, landmarks))
    handles = np.array([point.handle for point in points[:own]]).reshape(-1, 2)

    def dragged(numbers: tuple[int, ...]) -> bool:
        away = np.linalg.norm(handles[:, None] - landmarks[list(numbers)], axis=2)
        return bool((away <= near).any())

    for number, point in enumerate(points):
        side = found[number]
        if side is None and number < own:
            at = [np.linalg.norm(landmarks[list(lid)] - point.handle, axis=1) for lid in UPPER_LIDS]
            least = [float(one.min()) for one in at]
            nearest = int(np.argmin(least))
            if least[nearest] <= near and not dragged(LID_CORNERS[nearest]):
                side = nearest
        if side is not None:
            moved = np.subtract(point.target, point.handle)
            down = float(moved @ ways[side]) / float(np.hypot(*ways[side]))
            lowers = down > _DOWNWARD * float(np.hypot(*moved))
            found[number] = side if lowers or side in shut else None
    return tuple(found)


def closings(points: Sequence[DragPoint], landmarks: Landmarks) -> Landmarks:
    """How far drags shut both eyes, (2,): 0 for as they are, 1 for shut; not bounded."""
    return shares(_moves(points), lid_sides(points, landmarks), landmarks)


def shares(moves: Sequence[Move], sides: Sides, landmarks: Landmarks) -> Landmarks:
    """The same of displacements of the lids of `sides`; several of one eye count as their mean."""
    ways = lid_ways(landmarks)
    found: tuple[list[float], list[float]] = ([], [])
    for moved, side in zip(moves, sides, strict=True):
        if side is not None:
            found[side].append(float(moved @ ways[side] / (ways[side] @ ways[side])))
    return np.array([float(np.mean(one)) if one else 0.0 for one in found])


def _moves(points: Sequence[DragPoint]) -> list[Move]:
    return [np.subtract(point.target, point.handle) for point in points]


def following(displacements: Landmarks, landmarks: Landmarks) -> Landmarks:
    """How far the upper lids come down, (2,), where the irises move by `displacements` (2, 2)."""
    ways = lid_ways(landmarks)
    down = (displacements * ways).sum(axis=1) / (ways * ways).sum(axis=1)
    return np.asarray(np.where(down > _SEEN, _FOLLOWS * down, 0), np.float64)


def closing_drag(side: int, closing: float, landmarks: Landmarks) -> DragPoint:
    """The drag that shuts an eye so far."""
    x, y = lid_middles(landmarks)[side].tolist()
    left, top = (max(closing, _OPEN) * lid_ways(landmarks)[side]).tolist()
    return DragPoint((x, y), (x + left, y + top))


def kept_closings(
    points: Sequence[DragPoint],
    sides: Sides,
    seen: Landmarks,
    base: Landmarks,
    shut: ShutEyes,
) -> dict[int, DragPoint]:
    """Drags of lids on the landmarks of the base, by the number of each among `points`.

    `seen` are the landmarks where the points begin, when the eyes were `shut` so far: a lid comes
    down by a part of what is left, and goes up by what it is dragged.
    """
    kept = {}
    for number, (point, side) in enumerate(zip(points, sides, strict=True)):
        if side is None:
            continue
        moves = _moves([point])
        before, part = float(shut.closings[side]), float(shares(moves, (side,), seen)[side])
        opened = float(shares(moves, (side,), base)[side])
        closing = before + (opened if part < 0 else part * (1 - before))
        kept[number] = closing_drag(side, closing, base)
    return kept
