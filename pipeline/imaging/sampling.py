"""Images looked up at places between their pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def as_float(values: NDArray[Any]) -> FloatArray:
    """The same values as float32."""
    return np.asarray(values, np.float32)


def grid(size: int) -> FloatArray:
    """(size, size, 2): each pixel's own (x, y)."""
    line = np.arange(size, dtype=np.float32)
    return np.stack(np.meshgrid(line, line), axis=2)


def look_up(image: FloatArray, positions: FloatArray, *, cubic: bool = False) -> FloatArray:
    """An image (H, W, C) at places (h, w, 2): (h, w, C); beyond the border its pixels repeat."""
    x, y = cv2.split(np.asarray(positions, np.float32))
    found = cv2.remap(
        image,
        x,
        y,
        interpolation=cv2.INTER_CUBIC if cubic else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(found, np.float32).reshape(*positions.shape[:2], -1)


def moved_image(image: NDArray[np.uint8], displacement: FloatArray) -> NDArray[np.uint8]:
    """What an image (S, S, 3) has at the other end of a way (size, size, 2) in pixels of a map."""
    size = len(image)
    offset = cv2.resize(displacement, (size, size), interpolation=cv2.INTER_LINEAR)
    positions = grid(size) + offset * np.float32(size / len(displacement))
    moved = look_up(image.astype(np.float32), positions)
    return np.asarray(moved.round().clip(0, 255), np.uint8)


def step_down(values: FloatArray, start: float, end: float) -> FloatArray:
    """1 up to `start`, 0 from `end` on, in a straight line between."""
    return np.asarray(np.clip((end - values) / (end - start), 0, 1), np.float32)
