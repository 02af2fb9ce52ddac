"""A JPEG without the two bytes that end it: whole, or cut short."""

from __future__ import annotations

import re
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .jpeg_parts import END

_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)  # none of those inside a scan
_SCAN, _NO_FRAMES, _PROGRESSIVE = 0xDA, (0xC4, 0xC8, 0xCC), (0xC2, 0xC6, 0xCA, 0xCE)
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
        plain, filled = _pixels(whole + END), _pixels(whole + _FILLER + END)
    except (OSError, ValueError, SyntaxError, IndexError, KeyError):
        return None  # Pillow says below what is wrong with it
    return whole + END if np.array_equal(plain, filled) else None


def _has_all_scans(data: bytes) -> bool:
    """Whether a scan is the last thing in a file, and brings the last bit of what it is part of."""
    place, is_progressive = 2, False
    parts: set[tuple[int, int]] = set()
    missing: set[tuple[int, int]] = set()
    while (found := _MARKER.search(data, place)) is not None:
        marker, place = found[1][0], found.end()
        stop = place + int.from_bytes(data[place : place + 2], "big")
        if stop > len(data) or stop < place + 2:
            return False
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAMES:
            is_progressive = marker in _PROGRESSIVE
            components = data[place + 8 : stop : 3]
            missing = {(one, number) for one in components for number in range(64)}
        elif marker == _SCAN:
            count = data[place + 2]
            first, last, bits = data[stop - 3 : stop]
            if bits & 15 == 0:
                components = data[place + 3 : place + 3 + 2 * count : 2]
                parts |= {(one, number) for one in components for number in range(first, last + 1)}
        place = stop
    return bool(parts) and (not is_progressive or missing <= parts)


def _pixels(data: bytes) -> NDArray[np.uint8]:
    with Image.open(BytesIO(data), formats=["JPEG"]) as image:
        return np.asarray(image)
