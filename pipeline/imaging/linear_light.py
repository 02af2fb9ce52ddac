"""Linear light: where colours may be averaged and added."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .sampling import FloatArray


def to_linear(pixels: NDArray[Any]) -> FloatArray:
    """uint8 or uint16 pixels to linear light 0..1 (the curve of sRGB, IEC 61966-2-1)."""
    steps = np.iinfo(pixels.dtype).max + 1
    coded = np.arange(steps, dtype=np.float64) / (steps - 1)
    table = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    light = table.astype(np.float32)
    if pixels.dtype == np.uint8 and pixels.ndim == 3:
        return np.asarray(cv2.LUT(np.ascontiguousarray(pixels), light), np.float32)
    return np.asarray(np.take(light, pixels))


def from_linear(light: FloatArray, dtype: np.dtype[Any]) -> NDArray[Any]:
    """Linear light to uint8 or uint16 pixels, rounded; what is outside 0..1 is clipped."""
    light = np.clip(light, 0, 1)
    coded = np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(coded * np.iinfo(dtype).max), dtype)
