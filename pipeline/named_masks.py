"""Masks by name: parts of a face, made from its landmarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face
from photodrag.errors import MaskError
from photodrag.inversion import face_outline

from .mask_names import check_mask_names

_HAIRLINE = 0.45  # how far above the brows skin is sure to be, in distances from brow to nose base
_MARGINS = {"mouth": 0.3, "eyes": 0.18, "brows": 0.2, "nose": 0.15, "face": 0.1}

Mask = NDArray[np.bool_]
Marks = NDArray[np.float64]


def _parts(*parts: slice) -> Callable[[Marks], list[Marks]]:
    return lambda landmarks: [landmarks[part] for part in parts]


def _below_hair(landmarks: Marks) -> list[Marks]:
    """The face up to where hair may begin."""
    brows = landmarks[17:27]
    up = brows.mean(axis=0) - landmarks[33]
    return [np.concatenate([landmarks, brows + _HAIRLINE * up])]


# Outlines, and by how many eye distances they are widened.
_OUTLINES: Mapping[str, tuple[Callable[[Marks], list[Marks]], float]] = {
    "face": (lambda landmarks: [face_outline(landmarks)], _MARGINS["face"]),
    "mouth": (_parts(slice(48, 68)), _MARGINS["mouth"]),
    "eyes": (_parts(slice(36, 42), slice(42, 48)), _MARGINS["eyes"]),
    "brows": (_parts(slice(17, 22), slice(22, 27)), _MARGINS["brows"]),
    "nose": (_parts(slice(27, 36)), _MARGINS["nose"]),
    "hair_kept": (_below_hair, 0.0),
}


def named_mask(names: str, face: Face, size: tuple[int, int]) -> Mask:
    """The mask of names joined by "+" for a photo of (width, height): (H, W), True may change.

    MaskError for an unknown name, and where all of it lies outside the photo.
    """
    width, height = size
    mask = np.zeros((height, width), np.uint8)
    for name in check_mask_names(names):
        outlines, margin = _OUTLINES[name]
        for outline in outlines(face.landmarks):
            _fill(mask, outline, margin * face.eye_distance)
    if not mask.any():
        raise MaskError(f"the mask {names!r} lies outside the photo")
    found = mask > 0
    found.flags.writeable = False
    return found


def face_mask(mask: Mask | str | None, face: Face, size: tuple[int, int]) -> Mask | None:
    """A mask as it is given, or that of its name on a face."""
    return named_mask(mask, face, size) if isinstance(mask, str) else mask


def _fill(mask: NDArray[np.uint8], outline: Sequence[Marks] | Marks, margin: float) -> None:
    """Mark the hull of places, widened by a margin in pixels on all sides."""
    hull = cv2.convexHull(np.asarray(outline, np.float32))
    corners = np.round(hull).astype(np.int32)
    cv2.fillConvexPoly(mask, corners, 1)
    # A broad line around it widens it; the mask of a large photo is too big to dilate.
    cv2.polylines(mask, [corners], True, 1, max(1, round(2 * margin)))
