"""The one walk over a JPEG's markers: its segments, its scans, its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

END, SCAN = 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of frame headers."""
# none of those inside a scan: FF 00 is a byte of it, FF D0 to D7 are where it starts anew
_MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])", re.DOTALL)
_ALONE = (0x01, 0xD8, END)  # without a length


class Segment(NamedTuple):
    """A marker, where its bytes begin, where its content begins, and where that should stop.

    A scan's pixels follow behind it. The content of a marker without a length is empty; where a
    length is less than the two bytes that it stands in, so is that.
    """

    marker: int
    start: int
    content: int
    stop: int
    is_sound: bool = True
    """Whether the length is possible in this file."""


def segments(data: bytes, start: int = 0) -> Iterator[Segment]:
    """The segments of the JPEG that starts there, up to its end or the file's.

    Pixels, and bytes that should not be there, lie between one's stop and the next one's start.
    """
    place = start + 2
    while (found := _MARKER.search(data, place)) is not None:
        marker, place = found[1][0], found.end()
        if marker in _ALONE:
            yield Segment(marker, found.start(), place, place)
            if marker == END:
                return
            continue
        length = int.from_bytes(data[place : place + 2], "big")
        stop = place + max(length, 2)
        yield Segment(marker, found.start(), place + 2, stop, length >= 2 and stop <= len(data))
        place = stop
