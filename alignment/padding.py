"""What a crop shows beyond the photo's border: the photo mirrored, ever more blurred and faded."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

_BLUR = 0.02  # standard deviation, in crop sides
_FULL_BLUR = 0.04  # distance from the border where only the blurred picture is left
_FADE_MARGIN = 0.1  # what is farthest outside keeps a little of its own colour


def overshoot(
    inverse: NDArray[np.float64], size: int, photo_size: tuple[int, int]
) -> NDArray[np.float32]:
    """(size, size): how many crop sides a crop pixel lies outside the photo; 0 inside."""
    corners = np.array([[0, 0, 1], [size - 1, 0, 1], [0, size - 1, 1], [size - 1, size - 1, 1]])
    reached = corners @ inverse.T
    if (reached >= -0.5).all() and (reached <= np.array(photo_size) - 0.5).all():
        return np.zeros((size, size), np.float32)  # no pixel is further out than the corners
    steps = np.arange(size, dtype=np.float64)
    scale = float(np.hypot(inverse[0, 0], inverse[1, 0]))
    outside = np.zeros((size, size))
    for row, length in zip(inverse, photo_size, strict=True):
        place = row[0] * steps[None, :] + row[1] * steps[:, None] + row[2]
        np.maximum(outside, -0.5 - place, out=outside)
        np.maximum(outside, place - (length - 0.5), out=outside)
    return (outside / (scale * size)).astype(np.float32)


def blur_outside(crop: NDArray[np.uint8], outside: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(S, S, 3) uint8 => the same; pixels inside the photo (0 in `outside`) stay as they are."""
    inside = outside <= 0
    if inside.all():
        return crop
    blurred = np.asarray(cv2.GaussianBlur(crop, (0, 0), _BLUR * len(crop)))
    median = np.median(crop[inside] if inside.any() else crop.reshape(-1, 3), axis=0)
    there = ~inside
    distance = outside[there][:, None]
    blur = np.minimum(distance / _FULL_BLUR, 1)
    fade = distance / (distance.max() + _FADE_MARGIN)
    own = crop[there]
    padded = own + (blurred[there].astype(np.float32) - own) * blur
    padded += (median.astype(np.float32) - padded) * fade
    result = crop.copy()
    result[there] = np.rint(padded).clip(0, 255).astype(np.uint8)
    return result
