"""A mask of names and brush strokes, at the photo's full size."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face
from photodrag.errors import MaskError

from ...request.mask_names import check_mask_names
from ...request.masks import named_mask
from ..protocol.requests import MaskRequest, Place, Stroke

_SHIFT = 4  # bits of a pixel's fraction in OpenCV's coordinates
_FAR = 2**20  # pixels: a place beyond is brought there


def make_mask(
    request: MaskRequest | None, face: Face, size: tuple[int, int]
) -> NDArray[np.bool_] | str | None:
    """The mask for a photo of (width, height), (H, W); the names themselves where that is all.

    MaskError where a name is not known, or nothing may change.
    """
    if request is None or not (request.names or request.strokes):
        return None
    if not request.strokes:
        assert request.names is not None
        return "+".join(check_mask_names(request.names))
    return painted_mask(request, face, size)


def painted_mask(
    request: MaskRequest, face: Face | None, size: tuple[int, int]
) -> NDArray[np.bool_]:
    """The mask for a photo of (width, height), (H, W) bool: True may change."""
    width, height = size
    if request.names:
        if face is None:
            raise MaskError(f"the mask {request.names!r:.60} is of a face; choose the face first")
        mask = named_mask(request.names, face, size).astype(np.uint8)
    else:
        white = all(stroke.erase for stroke in request.strokes)
        mask = np.full((height, width), int(white), np.uint8)
    for stroke in request.strokes:
        _draw(mask, stroke)
    found = mask.view(np.bool_)
    if not found.any():
        raise MaskError("the mask is all black: nothing may change; paint where it may")
    found.flags.writeable = False
    return found


def _draw(mask: NDArray[np.uint8], stroke: Stroke) -> None:
    value = 0 if stroke.erase else 1
    corners = [_fixed(place) for place in stroke.points]
    radius = max(round(stroke.radius * 2**_SHIFT), 1)
    if len(corners) == 1:
        cv2.circle(mask, corners[0], radius, value, cv2.FILLED, cv2.LINE_8, _SHIFT)
        return
    # OpenCV has no line with a fraction of a pixel for its width, and none above 32767.
    for start, end in pairwise(corners):
        cv2.fillConvexPoly(mask, _band(start, end, radius), value, cv2.LINE_8, _SHIFT)
    for corner in corners:
        cv2.circle(mask, corner, radius, value, cv2.FILLED, cv2.LINE_8, _SHIFT)


def _band(start: tuple[int, int], end: tuple[int, int], radius: int) -> NDArray[np.int32]:
    """The rectangle along a line, (4, 2)."""
    along = np.subtract(end, start).astype(np.float64)
    length = float(np.hypot(*along)) or 1.0
    across = np.array([-along[1], along[0]]) * (radius / length)
    corners = [start + across, start - across, end - across, end + across]
    return np.round(corners).astype(np.int32)


def _fixed(place: Place) -> tuple[int, int]:
    x, y = (round(min(max(number, -_FAR), _FAR) * 2**_SHIFT) for number in place)
    return x, y
