"""From one painted face to the next without a jump, and on with the points while none is painted.

Painting a face takes longer than a frame may. So the last painted picture is warped, by a few
pixels, to where its landmarks and the dragged points are to be seen by now. It is one picture that
is warped, never two that are mixed: nothing is doubled.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.frames import rescaled

from ...imaging.sampling import FloatArray
from .preview import Pixels

Edges = tuple[int, int, int, int]
Places = NDArray[np.float64]
_SETTLING = 0.18  # seconds, in which two thirds of the way are gone
_SETTLED = 0.2  # pixels
_REACH = 0.04  # of the face's side: how far around a landmark all moves with it
_REACH_OF_POINTS = 0.08  # of the face's side
_STILL = 0.1  # the weight of what stays where it is
_COARSE = 4  # pixels between which the warp is linear


@dataclass(frozen=True, eq=False)
class Sight:
    """The picture (h, w, 3) at a step that was painted, and what of it differs from the photo.

    `landmarks` (68, 2) are the face's landmarks in it and `positions` (N, 2) the dragged points,
    in its pixels; `box` is left, top, right and bottom edge.
    """

    pixels: Pixels
    landmarks: Places
    positions: Places
    box: Edges


class FrameWarp:
    """What is shown between sights. `side` is the face's in pixels of the pictures.

    `allowed` (h, w) says how much may move where, 0..1; None: all.
    """

    def __init__(self, side: float, allowed: FloatArray | None = None):
        self._side, self._allowed = side, allowed
        self.sight: Sight | None = None
        self._own = self._goal = self._shown = np.zeros((0, 2))

    @property
    def is_settled(self) -> bool:
        """Whether all is shown where it is."""
        return not len(self._goal) or bool(np.abs(self._goal - self._shown).max() == 0)

    def take(self, sight: Sight) -> None:
        """A newer picture; what it shows begins where it was shown before."""
        self._own = self._goal = np.concatenate([sight.landmarks, sight.positions])
        if self.sight is None:
            self._shown = self._own
        self.sight = sight

    def lead(self, positions: Places) -> None:
        """The points are at `positions` (N, 2) by now, and the landmarks around them follow."""
        sight = self.sight
        if sight is None:
            return
        moved = positions - sight.positions
        reach = _reach(_REACH_OF_POINTS * self._side, moved)
        weights = np.exp(-0.5 * (_distances(sight.landmarks, sight.positions) / reach) ** 2)
        landmarks = sight.landmarks + weights @ moved / (
            weights.sum(axis=1, keepdims=True) + _STILL
        )
        self._goal = np.concatenate([landmarks, positions])

    def advance(self, seconds: float) -> None:
        """Show it so much later."""
        left = (self._goal - self._shown) * np.exp(-seconds / _SETTLING)
        near = bool(np.abs(left).max(initial=0) < _SETTLED)
        self._shown = self._goal if near else self._goal - left

    def picture(self) -> Sight:
        """What is to be seen now: the sight, warped, with the box of all that differs."""
        sight = self.sight
        assert sight is not None
        offsets = self._own - self._shown
        if np.abs(offsets).max(initial=0) < _SETTLED:
            return sight
        height, width = sight.pixels.shape[:2]
        reach = _reach(_REACH * self._side, offsets)
        moving = self._shown[np.abs(offsets).max(axis=1) >= _SETTLED]
        margin = 4 * reach
        left, top = np.maximum(np.floor(moving.min(axis=0) - margin), 0).astype(int).tolist()
        right, bottom = (
            np.minimum(np.ceil(moving.max(axis=0) + margin), (width, height)).astype(int).tolist()
        )
        if left >= right or top >= bottom:
            return sight
        positions = _warp((left, top, right, bottom), self._shown, offsets, reach)
        if self._allowed is not None:
            positions *= self._allowed[top:bottom, left:right, None]
        positions[..., 0] += np.arange(left, right, dtype=np.float32)
        positions[..., 1] += np.arange(top, bottom, dtype=np.float32)[:, None]
        pixels = sight.pixels.copy()
        x, y = cv2.split(positions)
        pixels[top:bottom, left:right] = cv2.remap(
            sight.pixels, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        box = joined(sight.box, (left, top, right, bottom))
        landmarks, shown_places = np.split(self._shown, [len(sight.landmarks)])
        return Sight(pixels, landmarks, shown_places, box)


def joined(one: Edges, other: Edges) -> Edges:
    """The box that holds both."""
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return left, top, max(one[2], other[2]), max(one[3], other[3])


def _warp(box: Edges, positions: Places, offsets: Places, reach: float) -> FloatArray:
    """Means of offsets (N, 2) at `positions` (N, 2), nearer ones count more: (h, w, 2) of a box."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    x = left + rescaled(np.arange(-(-width // _COARSE)), _COARSE)
    y = top + rescaled(np.arange(-(-height // _COARSE)), _COARSE)
    across, down = (
        np.exp(-0.5 * ((line[:, None] - positions[:, axis]) / reach) ** 2)
        for axis, line in enumerate((x, y))
    )
    total = down @ across.T + _STILL
    coarse = np.stack([(down * offsets[:, axis]) @ across.T / total for axis in (0, 1)], axis=2)
    wide = (len(x) * _COARSE, len(y) * _COARSE)
    fine = cv2.resize(coarse.astype(np.float32), wide, interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(fine[:height, :width])


def _reach(least: float, offsets: Places) -> float:
    """Wide enough not to fold."""
    return max(least, 2 * float(np.linalg.norm(offsets, axis=1).max(initial=0)))


def _distances(one: Places, other: Places) -> Places:
    return np.asarray(np.linalg.norm(one[:, None] - other, axis=2), np.float64)
