"""How much of the change is carried over, pixel for pixel."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo

from ..imaging.sampling import FloatArray, look_up
from .areas import ellipse
from .feather import Feather
from .settings import CompositeSettings

_LEAST = 0.01  # of the strength; below it a pixel stays as it is
_EDGE = 0.03  # of the crop's side, over which an edit fades before the crop ends


def change_strength(
    flow: FloatArray, trust: FloatArray, crop: FaceCrop, settings: CompositeSettings
) -> FloatArray:
    """How much of the change is carried over, 0..1, (S, S): soft, and 0 where nothing changed."""
    size = len(trust)
    length = np.linalg.norm(flow, axis=2) / size
    moved = (length - settings.still) / (settings.moving - settings.still)
    change = np.clip(np.maximum(moved, 1 - trust), 0, 1).astype(np.float32)
    change = cv2.morphologyEx(change, cv2.MORPH_OPEN, ellipse(size * 0.01))  # lone specks
    feather = settings.feather * size
    wide = cv2.dilate(change, ellipse(feather))
    soft = cv2.GaussianBlur(wide, (0, 0), feather / 2)
    soft = np.where(soft < _LEAST, 0, soft)
    return np.asarray(soft * _inside(crop, size), np.float32)


def strength_at(
    positions: NDArray[np.float64],
    strength: FloatArray,
    crop: FaceCrop,
    allowed: Feather | None,
    corner: tuple[int, int],
) -> NDArray[np.float64]:
    """How much of the change is carried over at places (N, 2) in the photo, (N,).

    `corner` is where the area that is `allowed` begins.
    """
    size = len(strength)
    in_map = crop.to_size(crop.to_crop(positions), size)
    found = look_up(strength[..., None], in_map[None].astype(np.float32))[0, :, 0]
    weight = found.astype(np.float64)
    return weight if allowed is None else weight * allowed.at(positions - corner)


def _inside(crop: FaceCrop, size: int) -> FloatArray:
    """1 inside the crop, falling to 0 at its border and where the photo ends."""
    valid = cv2.resize(crop.valid.astype(np.uint8), (size, size), interpolation=cv2.INTER_NEAREST)
    # Towards the photo's own border nothing needs to fade: there is no seam to hide.
    framed = np.pad(np.ones((size, size), np.uint8), 1)
    at_crop = cv2.distanceTransform(framed, cv2.DIST_L2, 5)
    fade = np.clip((at_crop[1:-1, 1:-1] - 1) / (_EDGE * size), 0, 1)
    return np.asarray(fade * valid, np.float32)


def changed_box(
    strength: FloatArray, crop: FaceCrop, photo: Photo
) -> tuple[int, int, int, int] | None:
    """The photo's box (left, top, right, bottom) that holds all of a map's non-zero pixels."""
    rows, columns = np.nonzero(strength)
    if not len(rows):
        return None
    scale = crop.size / len(strength)
    x0, x1 = (columns.min() - 1) * scale, (columns.max() + 2) * scale
    y0, y1 = (rows.min() - 1) * scale, (rows.max() + 2) * scale
    corners = crop.to_photo(np.array([[x0, y0], [x1, y0], [x0, y1], [x1, y1]]))
    left, top = np.floor(corners.min(axis=0)).astype(int)
    right, bottom = np.ceil(corners.max(axis=0)).astype(int) + 1
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, photo.width), min(bottom, photo.height)
    return (left, top, right, bottom) if left < right and top < bottom else None
