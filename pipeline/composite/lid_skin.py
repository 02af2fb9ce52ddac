"""What an upper lid is made of: its skin without lashes, the skin's grain, the line of the lashes.

A lid that comes down is stretched to twice its height or more. Stretched pixels are streaks; so its
smooth colours are stretched, and the grain is laid over them anew, as large as it was.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..imaging.sampling import FloatArray, as_float
from .eye_patch import BESIDE, PATCH, UNIT, Curve, EyePatch, ease

Sigmas = tuple[float, float]
_STILL = 0.35  # of the way from the brow's edge to the rim: it moves with the brow
_LASHES = 0.16  # of the width: lashes reach no further
_GRAIN = (2.2, 0.008, 0.12)  # of the median difference from smooth skin; least, most
_STRUCTURE = 0.015  # of the width: grain is told from creases over so much
_FRAME = 0.75  # how unlike skin the rims of glasses are
_FAINTEST = -0.35  # the logarithm of how much darker than skin a line of lashes is, at least
_OUTER = (0.6, 0.30, 0.12)  # lashes beyond the outer corner: how unlike skin; reach with, without


@dataclass(frozen=True, eq=False)
class LidSkin:
    """The skin around an eye in its patch: logarithms of linear light (h, w, 3), and curves (w,).

    `top` is where the lid begins to move, `lash_top` how high lashes reach. `frame` (h, w) is 1
    where the rims of glasses cross, which stay. `fine` and `smooth` are the upper lid's skin,
    continued under the rim, `lower` the lower lid's, continued above it; `even` is the picture
    that grain is told from, `grain` how strong that is and `plain` (h, w) where it is no more than
    that, 0..1: creases and hairs are no grain. `cheek` (3,) the colour below the eye.
    `root` (w,) is how much darker than skin the lashes' line is, `outside` how far beyond the
    outer corner lashes go along, in widths.
    """

    top: Curve
    lash_top: Curve
    frame: FloatArray
    fine: FloatArray
    smooth: FloatArray
    lower: FloatArray
    even: FloatArray
    grain: float
    plain: FloatArray
    cheek: FloatArray
    root: Curve
    outside: float


def lid_skin(eye: EyePatch) -> LidSkin:
    """What the photo shows of the skin around an eye."""
    upper, rows = eye.upper, np.arange(PATCH[1])[:, None]
    columns = np.arange(PATCH[0])
    still = np.minimum(eye.brow + _STILL * np.maximum(upper - eye.brow, 0), upper - 0.08 * UNIT)
    still = np.minimum(_along(still, 0.06), upper - 0.07 * UNIT)
    shown = np.where((eye.odd < 0.55) & (rows < upper - 0.01 * UNIT), rows, -1).max(axis=0)
    bare = np.maximum(shown, upper - _LASHES * UNIT)
    lash_top = _along(cv2.erode(as_float(bare)[None], np.ones((1, 13)))[0], 0.04)
    frame, top = _frame(eye, bare), still
    if frame.any():
        edge = np.where(frame.any(axis=0), PATCH[1] - 1 - frame[::-1].argmax(axis=0), 0)
        top = np.maximum(still, np.minimum(_along(edge + 4.0, 0.02), upper - 0.045 * UNIT))
    zone = ease((rows - still + 3) / 6) * ease((upper - 0.03 * UNIT - rows) / (0.02 * UNIT))
    zone = zone * (1 - cv2.dilate(frame, np.ones((13, 13))))
    fine, smooth = _continued(eye, zone, (0.02, 0.06), (0.2, 0.12))
    below = ease((rows - eye.lower - 0.03 * UNIT) / (0.03 * UNIT))
    below = below * ease((eye.lower + 0.35 * UNIT - rows) / (0.05 * UNIT))
    lower, _ = _continued(eye, below, (0.04, 0.08), (0.15, 0.15))
    even = as_float(cv2.GaussianBlur(eye.light, (0, 0), 0.02 * UNIT))
    middle = np.abs(columns - BESIDE - UNIT / 2) < 0.4 * UNIT
    flat = (rows > top + 4) & (rows < upper - 0.07 * UNIT) & middle
    uneven = np.abs(eye.light - even).mean(axis=2)
    rough = float(np.median(uneven[flat])) if flat.any() else 0.01
    around = cv2.GaussianBlur(uneven, (0, 0), _STRUCTURE * UNIT)
    cheek = (rows > eye.lower + 0.05 * UNIT) & (rows < eye.lower + 0.22 * UNIT) & middle
    return LidSkin(
        top=top,
        lash_top=lash_top,
        frame=as_float(cv2.GaussianBlur(cv2.dilate(frame, np.ones((5, 5))), (0, 0), 1.0)),
        fine=fine,
        smooth=smooth,
        lower=lower,
        even=even,
        grain=float(np.clip(_GRAIN[0] * rough, *_GRAIN[1:])),
        plain=as_float(np.minimum(1, (rough / np.maximum(around, 1e-6)) ** 2)),
        cheek=as_float(np.median(eye.light[cheek], axis=0)),
        root=_root(eye, fine),
        outside=_outside(eye),
    )


def blurred_along(curve: Curve, sigma: float) -> Curve:
    """A curve smoothed along the eye, by a part of its width."""
    return _along(curve, sigma)


def _along(curve: NDArray[np.floating], sigma: float) -> Curve:
    done = cv2.GaussianBlur(as_float(curve)[None], (0, 0), sigma * UNIT)
    return np.asarray(done[0], np.float64)


def _continued(
    eye: EyePatch,
    zone: NDArray[np.floating],
    narrow: tuple[float, float],
    wide: tuple[float, float],
) -> tuple[FloatArray, FloatArray]:
    """The skin of a zone at two widths of blur (of the eye's width), continued all around it.

    `wide` is the blur across and along where the zone is far.
    """
    weight = as_float(zone * np.clip(1.3 - eye.odd, 0, 1) + 1e-5)
    far = _weighted(eye.light, weight, wide)[0]
    near, amount = _weighted(eye.light, weight, (narrow[1], narrow[1]))
    smooth = _mixed(far, near, amount / 0.03)
    near, amount = _weighted(eye.light, weight, (narrow[0], narrow[0]))
    return _mixed(smooth, near, amount / 0.15), smooth


def _weighted(
    image: FloatArray, weight: FloatArray, sigmas: Sigmas
) -> tuple[FloatArray, FloatArray]:
    """A blur of an image that counts by a weight, and the blurred weight."""
    across, down = (sigma * UNIT for sigma in sigmas)

    def blurred(one: FloatArray) -> FloatArray:
        edge = cv2.BORDER_REPLICATE
        return as_float(cv2.GaussianBlur(one, (0, 0), across, sigmaY=down, borderType=edge))

    amount, total = blurred(weight), blurred(image * weight[..., None])
    return as_float(total / np.maximum(amount, 1e-9)[..., None]), amount


def _mixed(one: FloatArray, other: FloatArray, share: FloatArray) -> FloatArray:
    part = np.clip(share, 0, 1)[..., None]
    return as_float(one * (1 - part) + other * part)


def _frame(eye: EyePatch, bare: NDArray[np.floating]) -> FloatArray:
    """1 where rims of glasses lie over the lid or above it; they leave the patch on both sides.

    They lie above the first bare skin over the lashes, or they touch the lashes and are straight.
    """
    rows = np.arange(PATCH[1])[:, None]
    left, right = round(BESIDE + 0.2 * UNIT), round(BESIDE + 0.8 * UNIT)
    for height, bend in (
        (np.minimum(bare, eye.upper - 0.03 * UNIT), None),
        (eye.upper - 5.6, 0.02),
    ):
        strange = (eye.odd > _FRAME) & (rows < height) & (rows > eye.brow - 0.1 * UNIT)
        closed = cv2.morphologyEx(strange.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 7)))
        count, labels, boxes, _ = cv2.connectedComponentsWithStats(closed)
        for number in range(1, count):
            x, _, width, *_ = boxes[number]
            own = labels == number
            if x > 3 or x + width < PATCH[0] - 3 or own[:, left:right].any(axis=0).mean() < 0.8:
                continue
            edge = (PATCH[1] - 1 - own[::-1].argmax(axis=0))[left:right]
            if (edge - eye.brow[left:right] - 0.1 * (eye.upper - eye.brow)[left:right]).mean() <= 0:
                continue
            at = np.linspace(-1, 1, right - left)
            off = edge - np.polyval(np.polyfit(at, edge, 2), at)
            if bend is None or float(np.abs(off).mean()) < bend * UNIT:
                return as_float(own)
    return np.zeros(PATCH[::-1], np.float32)


def _root(eye: EyePatch, fine: FloatArray) -> Curve:
    """How much darker than skin the line of the lashes is, for each column; below 0."""
    offsets = np.linspace(-0.04, 0, 8)[:, None] * UNIT
    at = as_float(eye.upper[None] + offsets)
    across = as_float(np.repeat(np.arange(PATCH[0])[None], len(offsets), axis=0))
    line, skin = (cv2.remap(one, across, at, cv2.INTER_LINEAR) for one in (eye.light, fine))
    found = np.minimum((line - skin).min(axis=0).mean(axis=1), 0)
    inside = found[round(BESIDE + 0.15 * UNIT) : round(BESIDE + 0.85 * UNIT)]
    return 0.85 * np.minimum(_along(np.maximum(found, np.percentile(inside, 30)), 0.05), _FAINTEST)


def _outside(eye: EyePatch) -> float:
    """How far beyond the outer corner lashes go along, in widths."""
    away = (np.arange(PATCH[0]) - BESIDE) / UNIT
    away = away if eye.side == 0 else 1 - away
    rows = np.arange(PATCH[1])[:, None]
    zone = (away > -0.3) & (away < -0.06)
    zone = zone & (rows < eye.upper - 0.03 * UNIT) & (rows > eye.upper - 0.2 * UNIT)
    has_lashes = float(np.percentile(eye.odd[zone], 80)) > _OUTER[0]
    return _OUTER[1] if has_lashes else _OUTER[2]
