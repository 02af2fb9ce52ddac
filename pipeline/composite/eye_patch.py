"""An eye cut out level and of a fixed size, with the rims of its lids as the photo shows them.

The mesh says about where the rims are; it smooths them on some people. So each is moved to where
skin ends: the strongest step between what is like the skin around and what is not, along a path
that bends little (dynamic programming).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceMesh
from photodrag.alignment import mesh_parts as parts

from ..imaging.sampling import FloatArray, as_float

UNIT = 160
"""Pixels of a patch from corner to corner of the eye: its width."""
BESIDE, ABOVE = round(0.6 * UNIT), UNIT
"""Where the eye's left corner lies in a patch."""
PATCH = (round(2.2 * UNIT), round(1.8 * UNIT))
"""The size of a patch: width, height."""
DARKEST = 2e-3  # linear light: what is darker counts as this
_ROWS = (
    (parts.UPPER_LID_LEFT, parts.LOWER_LID_LEFT, parts.BROW_BOTTOM_LEFT),
    (parts.UPPER_LID_RIGHT, parts.LOWER_LID_RIGHT, parts.BROW_BOTTOM_RIGHT),
)
_REACH = (0.09, 0.05)  # of the width: how far the rims may lie from the mesh's, above and below
_PULL = (1.0, 0.6)  # how much the photo's step counts for each
_STAY, _BEND, _STEP = 0.8, 0.04, 0.12  # prior of no offset, of none between columns; a whole step
_BELOW = 0.032  # of the width: lashes and the wet edge, which a shut eye covers, too
_ROW_STEP = 4  # columns between those that are looked at
Curve = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class EyePatch:
    """An eye in its patch; heights are rows of the patch, one for each column.

    `side` is 0 for the eye on the viewer's left. `axes` (2, 2) has the patch's right and down in
    photo pixels as columns, `corner` is where the patch's first pixel is. `light` (h, w, 3) is the
    logarithm of linear light, `odd` (h, w) says how unlike skin a pixel is, 0 to about 3.
    """

    side: int
    axes: NDArray[np.float64]
    corner: NDArray[np.float64]
    light: FloatArray
    odd: FloatArray
    upper: Curve
    lower: Curve
    brow: Curve

    @property
    def pixel(self) -> float:
        """What a pixel of the patch is in the photo."""
        return float(np.hypot(*self.axes[:, 0]))

    def to_photo(self, x: FloatArray, y: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Places in the patch => in the photo."""
        axes, (left, top) = self.axes, self.corner
        return (
            as_float(x * axes[0, 0] + y * axes[0, 1] + left),
            as_float(x * axes[1, 0] + y * axes[1, 1] + top),
        )


def cut_eye(light: FloatArray, mesh: FaceMesh, side: int) -> EyePatch:
    """The patch of an eye of a photo's linear light (H, W, 3)."""
    upper, lower, brow = (mesh.points[list(row), :2] for row in _ROWS[side])
    width = max(float(np.hypot(*(upper[-1] - upper[0]))), 1.0)
    right = (upper[-1] - upper[0]) / width
    axes = np.array([[right[0], -right[1]], [right[1], right[0]]]) * (width / UNIT)
    corner = upper[0] - axes @ (BESIDE, ABOVE)
    to_patch: Callable[[Curve], Curve] = lambda at: (at - corner) @ np.linalg.inv(axes).T  # noqa: E731
    cut = _cut(light, axes, corner)
    curves = [_smooth_row(to_patch(row)) for row in (upper, lower)]
    edge = to_patch(brow)
    odd, lids = _refined(cut, curves[0], curves[1])
    return EyePatch(
        side=side,
        axes=axes,
        corner=corner,
        light=np.log(np.maximum(cut, DARKEST)),
        odd=odd,
        upper=lids[0],
        lower=lids[1],
        brow=np.interp(np.arange(PATCH[0]), edge[:, 0], edge[:, 1]),
    )


def ease(x: NDArray[np.floating]) -> FloatArray:
    """0 up to 0, 1 from 1 on, smooth between."""
    x = np.clip(x, 0, 1)
    return as_float(x * x * (3 - 2 * x))


def _cut(light: FloatArray, axes: NDArray[np.float64], corner: NDArray[np.float64]) -> FloatArray:
    """The patch (h, w, 3), averaged where the photo is finer."""
    finer = max(1, int(np.ceil(np.hypot(*axes[:, 0]))))
    origin = axes @ np.full(2, 0.5 / finer - 0.5) + corner
    cut = cv2.warpAffine(
        light,
        np.column_stack([axes / finer, origin]),
        (PATCH[0] * finer, PATCH[1] * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return as_float(cv2.resize(cut, PATCH, interpolation=cv2.INTER_AREA) if finer > 1 else cut)


def _smooth_row(row: Curve) -> Curve:
    """The heights of a row of points (9, 2) for each column; level beyond its ends."""
    columns = np.clip(np.arange(PATCH[0]), row[0, 0], row[-1, 0])
    return np.asarray(np.polyval(np.polyfit(row[:, 0] / UNIT, row[:, 1], 5), columns / UNIT))


def _refined(cut: FloatArray, upper: Curve, lower: Curve) -> tuple[FloatArray, tuple[Curve, Curve]]:
    """How unlike skin each pixel is, and both rims moved to where skin ends."""
    rows, columns = np.arange(PATCH[1])[:, None], np.arange(PATCH[0])
    inside = (columns > BESIDE + 0.05 * UNIT) & (columns < BESIDE + 0.95 * UNIT)
    skin = (rows > lower + 0.14 * UNIT) & (rows < lower + 0.3 * UNIT)
    skin |= (rows < upper - 0.06 * UNIT) & (rows > upper - 0.16 * UNIT)
    skin &= inside
    seen = np.sqrt(np.maximum(cut, 1e-5))
    luma = seen @ np.array([0.25, 0.5, 0.25], np.float32)
    chroma = (seen / np.maximum(luma[..., None], 0.03))[..., [0, 2]]
    bright, tint = float(np.median(luma[skin])), np.median(chroma[skin], axis=0)
    spread = np.maximum(1.5 * np.abs(chroma[skin] - tint).mean(axis=0), 0.03)
    darker = np.clip((bright - luma) / max(bright, 0.05) / 0.3, 0, 3)
    other = np.linalg.norm((chroma - tint) / spread / 3, axis=2).clip(0, 2)
    odd = as_float(cv2.GaussianBlur(as_float(np.hypot(darker, other)), (0, 0), 2.0))
    step = np.zeros_like(odd)
    step[1:-1] = (odd[2:] - odd[:-2]) / 2
    high = _follow(step, upper, inside, _REACH[0], _PULL[0])
    low = _follow(-step, lower, inside, _REACH[1], _PULL[1]) + _BELOW * UNIT
    return odd, (high, np.maximum(low, high + 1))


def _follow(
    step: FloatArray, curve: Curve, inside: NDArray[np.bool_], reach: float, pull: float
) -> Curve:
    """A curve moved to the strongest rise beside it; its ends stay."""
    most = int(reach * UNIT)
    offsets, columns = np.arange(-most, most + 1), np.flatnonzero(inside)[::_ROW_STEP]
    at = as_float(curve[columns][:, None] + offsets)
    across = as_float(np.repeat(columns[:, None], len(offsets), axis=1))
    found = np.clip(cv2.remap(step, across, at, cv2.INTER_LINEAR), 0, _STEP) / _STEP
    costs = _STAY * np.square(offsets / most) - pull * found
    bends = _BEND * np.square(offsets[:, None] - offsets[None])
    total, came_from = costs[0], []
    for cost in costs[1:]:
        ways = total[None] + bends
        came_from.append(ways.argmin(axis=1))
        total = ways.min(axis=1) + cost
    path = [int(total.argmin())]
    for back in came_from[::-1]:
        path.append(int(back[path[-1]]))
    middle, half = (columns[0] + columns[-1]) / 2, (columns[-1] - columns[0]) / 2
    legendre = np.polynomial.legendre
    fit = legendre.legfit((columns - middle) / half, offsets[path[::-1]].astype(float), 3)
    every = np.arange(len(curve))
    moved = legendre.legval(np.clip((every - middle) / half, -1, 1), fit)
    ends = ease((every - BESIDE) / (0.2 * UNIT)) * ease((BESIDE + UNIT - every) / (0.2 * UNIT))
    return np.asarray(curve + moved * ends, np.float64)
