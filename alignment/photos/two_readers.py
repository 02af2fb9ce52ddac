"""A TIFF's 16 bits come from OpenCV, as Pillow has only 8 of them: both must see one picture."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

TWO_PICTURES = "two readers see different pictures in it; save it anew, as a PNG"
_ROWS_AT_ONCE = 256
_EVERY = 8  # rows: each eighth is compared, which takes a hundredth of the time of reading


class UnusualPixelsError(ValueError):
    """The file is whole, but its pixels are none that can be edited."""


def check_alike(image: Image.Image, stored: NDArray[Any], order: list[int], divided: bool) -> None:
    """UnusualPixelsError unless 16-bit pixels (H, W, C) are those that Pillow has of the same file.

    `order` says which C make red, green, blue and alpha. `image` lies as `stored` does and is
    decoded. `divided`: the file's colours are multiplied with alpha, and in both divided again.
    """
    if not image.mode.startswith(("I;16", "L", "RGB")):
        return  # a palette has no 16 bits
    for top in range(0, len(stored), _ROWS_AT_ONCE):
        part = image.crop((0, top, image.width, min(top + _ROWS_AT_ONCE, image.height)))
        seen = np.asarray(part)[::_EVERY]
        deep = stored[top : top + _ROWS_AT_ONCE : _EVERY]
        seen = seen[..., None] if seen.ndim == 2 else seen
        if image.mode.startswith("I;16"):
            alike = bool(np.array_equal(seen[..., 0], deep[..., order[0]]))
        else:
            channels = [order[0], *order[3:]] if image.mode in ("L", "LA") else order
            alike = _are_alike(seen, deep, channels[: seen.shape[2]], divided)
        if not alike:
            raise UnusualPixelsError(TWO_PICTURES)


def _are_alike(seen: NDArray[Any], deep: NDArray[Any], channels: list[int], divided: bool) -> bool:
    for index, channel in enumerate(channels):
        one, other = deep[..., channel] >> 8, seen[..., index]
        if not divided:
            if not np.array_equal(one, other):
                return False
        else:  # what 8 bits of colour and of alpha leave unsure, at little alpha much
            off = np.abs(one.astype(np.int32) - other) * seen[..., 3]
            if int(off.max(initial=0)) > 1020:
                return False
    return True
