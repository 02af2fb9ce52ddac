"""A JPEG without the two bytes that end it: whole, or cut short."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .jpeg_parts import END

_FILLER = b"\x55\xa3\x1e\x69" * 64
"""What no encoder writes behind the last of its pixels: it changes pixels that are not there."""


def with_end(data: bytes) -> bytes | None:
    """The file with its end, if every pixel is there; None for one that is cut short.

    A decoder makes up what is missing, from whatever comes next. So the file is decoded twice, with
    different bytes behind it: pixels that are the same do not depend on them.
    """
    whole = data[:-1] if data.endswith(b"\xff") else data
    try:
        plain, filled = _pixels(whole + END), _pixels(whole + _FILLER + END)
    except (OSError, ValueError, SyntaxError, IndexError, KeyError):
        return None  # Pillow says below what is wrong with it
    return whole + END if np.array_equal(plain, filled) else None


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(data), formats=["JPEG"]) as image:
        return np.asarray(image)
