"""A JPEG without the two bytes that end it: whole, or cut short."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .jpeg_parts import END_BYTES
from .jpeg_walk import FRAMES, SCAN, segments

_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
_FILLER = b"\x55\xa3\x1e\x69" * 64
"""What no encoder writes behind the last of its pixels: it changes pixels that are not there."""


def with_end(data: bytes) -> bytes | None:
    """The file with its end, if every pixel is there; None for one that is cut short.

    A decoder makes up what is missing, from whatever comes next. So the file is decoded twice, with
    different bytes behind it: pixels that are the same do not depend on them.
    """
    whole = data[:-1] if data.endswith(b"\xff") else data
    if not _has_all_scans(whole):
        return None
    try:
        plain, filled = _pixels(whole + END_BYTES), _pixels(whole + _FILLER + END_BYTES)
    except (OSError, ValueError, SyntaxError, IndexError, KeyError):
        return None  # Pillow says below what is wrong with it
    return whole + END_BYTES if np.array_equal(plain, filled) else None


def _has_all_scans(data: bytes) -> bool:
    """Whether a scan is the last thing in a file, and brings the last bit of what it is part of."""
    is_progressive = False
    parts: set[tuple[int, int]] = set()
    missing: set[tuple[int, int]] = set()
    for one in segments(data):
        if not one.is_sound:
            return False
        if one.marker in FRAMES:
            is_progressive = one.marker in _PROGRESSIVE
            components = data[one.content + 6 : one.stop : 3]
            missing = {(each, number) for each in components for number in range(64)}
        elif one.marker == SCAN and one.stop >= one.content + 4:
            count = data[one.content]
            first, last, bits = data[one.stop - 3 : one.stop]
            if bits & 15 == 0:
                components = data[one.content + 1 : one.content + 1 + 2 * count : 2]
                told = range(first, last + 1)
                parts |= {(each, number) for each in components for number in told}
    return bool(parts) and (not is_progressive or missing <= parts)


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(data), formats=["JPEG"]) as image:
        return np.asarray(image)
