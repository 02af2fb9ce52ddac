"""Copies of a photo for the finders: smaller and larger, turned, with a border around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from .photos.photo import Photo

_LONG_SIDE, _MOST_ENLARGED = 1600, 2.0
_LEAST_SCALE = 0.4  # so that faces of 40 pixels have 16 in the copy, however large the photo is
_SMALLEST = 256  # pixels: the longest side of the smallest copy
_BORDER, _MOST_BORDER = 0.1, 48  # of the sides, and pixels: for faces that the photo's border cuts
_TILE, _OVERLAP = 1536, 160  # pixels


class Copy(NamedTuple):
    """A picture (H, W, 3) sRGB."""

    pixels: NDArray[np.uint8]
    back: NDArray[np.float64]
    """(2, 3): from (x, y) in it to where it was made from."""


def first_copy(photo: Photo) -> Copy:
    """The photo in sRGB, in which faces are looked for."""
    scale = min(max(_LONG_SIDE / max(photo.size), _LEAST_SCALE), _MOST_ENLARGED)
    return scaled_copy(photo, scale)


def scaled_copy(photo: Photo, scale: float) -> Copy:
    """The photo in sRGB, at another size."""
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    kernel = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(photo.pixels, size, interpolation=kernel))
    return Copy(photo.to_srgb(resized), _enlarging(1 / scale))


def smaller_ones(picture: NDArray[np.uint8], long_side: float = np.inf) -> Iterator[Copy]:
    """The picture, and copies of half the size each, as far as they fit into `long_side`."""
    factor = 1.0
    while True:
        if max(picture.shape[:2]) <= long_side:
            yield Copy(picture, _enlarging(factor))
        if max(picture.shape[:2]) <= _SMALLEST or min(picture.shape[:2]) < 2:
            return
        picture = np.asarray(
            cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
        )
        factor *= 2


def tiles(copy: Copy) -> Iterator[Copy]:
    """Parts of a large copy that overlap, or the whole of a small one, with a border around."""
    height, width = copy.pixels.shape[:2]
    for top in _starts(height):
        for left in _starts(width):
            part = copy.pixels[top : top + _TILE, left : left + _TILE]
            back = copy.back.copy()
            back[:, 2] += back[:, :2] @ (left, top)
            yield turned(Copy(part, back), 0)


def turned(copy: Copy, angle: float) -> Copy:
    """The copy with a border, turned about its middle by degrees."""
    height, width = copy.pixels.shape[:2]
    radians = np.deg2rad(angle)
    cos, sin = np.cos(radians), np.sin(radians)
    border = min(_BORDER * max(height, width), _MOST_BORDER)
    new_width = round(width * abs(cos) + height * abs(sin) + 2 * border)
    new_height = round(width * abs(sin) + height * abs(cos) + 2 * border)
    turn = np.array([[cos, -sin], [sin, cos]])
    middle, new_middle = np.array([width, height]) / 2, np.array([new_width, new_height]) / 2
    to_copy = np.column_stack([turn, middle - 0.5 - turn @ (new_middle - 0.5)])
    pixels = cv2.warpAffine(
        copy.pixels,
        to_copy,
        (new_width, new_height),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    back = copy.back[:, :2] @ to_copy
    back[:, 2] += copy.back[:, 2]
    return Copy(np.asarray(pixels, np.uint8), back)


def _enlarging(factor: float) -> NDArray[np.float64]:
    """(2, 3): pixel centres lie at whole numbers before and after."""
    shift = (factor - 1) / 2
    return np.array([[factor, 0, shift], [0, factor, shift]])


def _starts(length: int) -> list[int]:
    if length <= _TILE + _OVERLAP:
        return [0]
    count = int(np.ceil((length - _OVERLAP) / (_TILE - _OVERLAP)))
    return [int(start) for start in np.linspace(0, length - _TILE, count)]
