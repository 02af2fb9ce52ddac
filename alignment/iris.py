"""Where the irises are: the 68 landmarks do not tell.

An iris is a dark disc between the lids with a brighter ring around it. The upper lid hides its top,
so its edge is looked for at the sides and below (much as Daugman 1993 does), as far as it is seen,
and its inside must be dark. Its radius hardly differs among people: about a fifth of the eye's
width.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .face_measures import Landmarks
from .face_parts import EYES

IRIS = 0.19  # of the eye's width: radius
_WIDTH, _PAD, _HEIGHT = 96, 24, 80  # px: an eye from corner to corner, what is beside it, patch
_RADII = (0.16 * _WIDTH, IRIS * _WIDTH, 0.22 * _WIDTH)
_STEP, _ACROSS, _DOWN = 1.5, 26.0, 12.0  # px: places that are tried, from the middle of the lids
_EDGE = 3.0  # px: the iris' edge is as wide
_SIDES = (np.radians(np.arange(-40, 81, 10)), np.radians(np.arange(100, 221, 10)))  # not the top
_AROUND, _INNER = np.radians(np.arange(0, 360, 30)), (0.3, 0.75)  # where inside it must be dark
_DARK, _HIGH, _BESIDE = 0.4, 0.05, 0.1  # weights: of darkness, against places far from the middle
_SHARP = 0.03  # of the score: places that are as good count as much
_Map = NDArray[np.float32]


def find_irises(picture: NDArray[np.uint8], landmarks: Landmarks) -> Landmarks:
    """The centres (2, 2) of both irises in pixels of a picture (H, W, 3) sRGB uint8.

    Where an eye is shut it is about the middle of its lids.
    """
    return np.array([_find(picture, landmarks[eye]) for eye in EYES])


def _find(picture: NDArray[np.uint8], lids: Landmarks) -> Landmarks:
    right = (lids[3] - lids[0]) / _WIDTH
    axes = np.array([right, [-right[1], right[0]]])
    corner = (lids[0] + lids[3]) / 2 - np.array([_WIDTH / 2 + _PAD, _HEIGHT / 2]) @ axes
    to_picture = np.column_stack([axes.T, corner])
    ring = (lids - corner) @ np.linalg.inv(axes)
    patch, opening = _patch(picture, to_picture), _opening(ring)
    if not (opening > 0.5).any():
        return np.asarray(lids.mean(axis=0))
    dark, bright = np.percentile(patch[opening > 0.5], [5, 90])
    patch = np.clip((patch - dark) / max(bright - dark, 1), -0.3, 1.3).astype(np.float32)
    x, y, score = _scores(patch, opening, ring.mean(axis=0))
    weight = np.exp((score - score.max()) / _SHARP)
    found = np.array([(weight * x).sum(), (weight * y).sum()]) / weight.sum()
    return np.asarray(found @ axes + corner, np.float64)


def _patch(picture: NDArray[np.uint8], to_picture: Landmarks) -> _Map:
    """The eye, level and of a fixed size: mostly its red light, for skin and sclera are bright."""
    size, flags = (_WIDTH + 2 * _PAD, _HEIGHT), cv2.INTER_AREA | cv2.WARP_INVERSE_MAP
    cut = cv2.warpAffine(picture, to_picture, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
    light = cut.astype(np.float32) @ np.array([0.5, 0.4, 0.1], np.float32)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), 2.0), np.float32)


def _opening(ring: Landmarks) -> _Map:
    """1 between the lids of a patch, soft at their edge."""
    area = np.zeros((_HEIGHT, _WIDTH + 2 * _PAD), np.uint8)
    cv2.fillPoly(area, [np.round(ring).astype(np.int32)], 1)
    wide = cv2.dilate(area, np.ones((3, 3), np.uint8))
    return np.asarray(cv2.GaussianBlur(wide.astype(np.float32), (0, 0), 1.5), np.float32)


def _scores(patch: _Map, opening: _Map, middle: Landmarks) -> tuple[_Map, _Map, _Map]:
    """Centres that are tried, x and y, and how much each looks like an iris."""
    tried = (
        np.arange(middle[1] - _DOWN, middle[1] + _DOWN + 0.1, _STEP),
        np.arange(middle[0] - _ACROSS, middle[0] + _ACROSS + 0.1, _STEP),
        np.array(_RADII),
    )
    y, x, radius = np.meshgrid(*tried, indexing="ij")

    def at(image: _Map, radii: _Map, angles: Landmarks) -> _Map:
        positions = [
            (centre[..., None] + radii[..., None] * turn(angles)).astype(np.float32)
            for centre, turn in ((x, np.cos), (y, np.sin))
        ]
        flat = [place.reshape(-1, len(angles)) for place in positions]
        border = cv2.BORDER_REPLICATE
        found = cv2.remap(image, flat[0], flat[1], cv2.INTER_LINEAR, borderMode=border)
        return np.asarray(found.reshape(positions[0].shape), np.float32)

    sides = []
    for angles in _SIDES:
        seen = at(opening, radius, angles)
        rise = at(patch, radius + _EDGE, angles) - at(patch, radius - _EDGE, angles)
        sides.append((np.clip(rise, -0.3, 0.5) * seen).sum(-1) / np.maximum(seen.sum(-1), 4))
    seen_inside, bright = np.zeros_like(x), np.zeros_like(x)
    for part in _INNER:
        seen = at(opening, part * radius, _AROUND)
        seen_inside += seen.sum(-1)
        bright += (at(patch, part * radius, _AROUND) * seen).sum(-1)
    dark = 1 - bright / np.maximum(seen_inside, 6)
    far = _HIGH * np.square((y - middle[1] + 1) / 12) + _BESIDE * np.square((x - middle[0]) / 26)
    # Both sides must be there: between iris and lid there is one, too.
    edges = sides[0] + sides[1] + np.minimum(sides[0], sides[1])
    return x, y, np.asarray(edges + _DARK * dark - far, np.float32)
