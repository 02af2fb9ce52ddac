"""Cut a turned and scaled square out of a picture, without aliasing and in bounded memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Convert = Callable[[NDArray[Any]], NDArray[np.uint8]]
Sampler = Callable[[NDArray[np.float64], int], NDArray[np.uint8]]
"""(inverse, size) => (size, size, 3) uint8 sRGB, as `sample` does for one picture."""
_MARGIN = 4  # pixels around the square that the blur and the bicubic kernel reach


def sample(
    pixels: NDArray[Any], inverse: NDArray[np.float64], size: int, convert: Convert
) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 or uint16 => (size, size, 3) uint8.

    `inverse` (2, 3) is a similarity: it takes (x, y) in the square to (x, y) in the picture. The
    picture is mirrored beyond its borders. `convert` takes pixels of the picture to 8-bit sRGB;
    it sees only the part that is needed, already shrunk by a whole factor where it is too large.
    """
    scale = float(np.hypot(inverse[0, 0], inverse[1, 0]))  # picture pixels per square pixel
    shrink = max(1, int(scale))
    region, origin = _cut(pixels, inverse, size, shrink)
    if shrink > 1:
        smaller = (region.shape[1] // shrink, region.shape[0] // shrink)
        region = np.asarray(cv2.resize(region, smaller, interpolation=cv2.INTER_AREA))
    region = np.ascontiguousarray(convert(region))
    if (rest := scale / shrink) > 1:
        region = np.asarray(cv2.GaussianBlur(region, (0, 0), 0.5 * np.sqrt(rest**2 - 1) + 1e-3))
    # a pixel's centre is at whole numbers, so scaling happens around (-0.5, -0.5)
    to_region = inverse / shrink
    to_region[:, 2] += (0.5 - origin) / shrink - 0.5
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    square = cv2.warpAffine(
        region, to_region, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(square, np.uint8)


def map_points(transform: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """(N, 2) points (x, y) through a (2, 3) transform."""
    return np.asarray(points @ transform[:, :2].T + transform[:, 2])


def invert(transform: NDArray[np.float64]) -> NDArray[np.float64]:
    """The way back of a (2, 3) transform."""
    linear = np.linalg.inv(transform[:, :2])
    return np.column_stack([linear, -linear @ transform[:, 2]])


def _cut(
    pixels: NDArray[Any], inverse: NDArray[np.float64], size: int, shrink: int
) -> tuple[NDArray[Any], NDArray[np.float64]]:
    """The upright rectangle around the square, its sides multiples of `shrink`, and its origin."""
    low, high = -0.5, size - 0.5
    corners = np.array([[low, low], [high, low], [low, high], [high, high]])
    reached = map_points(inverse, corners)
    margin = _MARGIN * max(float(np.hypot(inverse[0, 0], inverse[1, 0])), 1.0)
    left, top = np.floor(reached.min(axis=0) - margin).astype(int)
    right, bottom = np.ceil(reached.max(axis=0) + margin).astype(int) + 1
    right += -(right - left) % shrink
    bottom += -(bottom - top) % shrink
    height, width = pixels.shape[:2]
    origin = np.array([left, top], np.float64)
    missing = (max(-top, 0), max(bottom - height, 0), max(-left, 0), max(right - width, 0))
    there = pixels[max(top, 0) : max(bottom, 0), max(left, 0) : max(right, 0)]
    if not any(missing):
        return there, origin
    if max(missing[:2]) <= there.shape[0] and max(missing[2:]) <= there.shape[1]:
        return np.asarray(cv2.copyMakeBorder(there, *missing, cv2.BORDER_REFLECT)), origin
    # Mirrored more than once, or what is mirrored is not part of the rectangle.
    rows = pixels.take(_mirrored(top, bottom, height), axis=0)
    return rows.take(_mirrored(left, right, width), axis=1), origin


def _mirrored(start: int, stop: int, length: int) -> NDArray[np.int64]:
    """Indices start..stop, folded back into 0..length-1 at both ends."""
    place = np.arange(start, stop) % (2 * length)
    return np.where(place < length, place, 2 * length - 1 - place)
