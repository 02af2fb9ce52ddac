"""EXIF and XMP blocks, changed in place: every byte that need not change stays as it was.

Rewriting a whole EXIF block moves it, and maker notes refer to places inside the block; so only
the orientation is set and the thumbnail is taken out.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

PREFIX = b"Exif\x00\x00"
ORIENTATION = 0x0112
THUMBNAIL_OFFSET = 0x0201
THUMBNAIL_LENGTH = 0x0202

_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))[1-8]")


class _Entry(NamedTuple):
    """One tag of a TIFF directory, and where it stands in the block."""

    tag: int
    kind: int
    place: int


def orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8; 1 where none is given. ValueError for a broken block."""
    tiff = exif.removeprefix(PREFIX)
    order = _byte_order(tiff)
    for entry in _entries(tiff, order, _first_directory(tiff, order)):
        if entry.tag == ORIENTATION:
            value = _value(tiff, order, entry)
            return value if 1 <= value <= 8 else 1
    return 1


def upright(exif: bytes) -> bytes:
    """An EXIF block, its prefix in front, with orientation 1 and without its thumbnail.

    The length and every other byte stay as they were. ValueError for a broken block.
    """
    tiff = bytearray(upright_tiff(exif.removeprefix(PREFIX)))
    order = _byte_order(tiff)
    link = _link(tiff, order, _first_directory(tiff, order))
    thumbnail = _unpack(order + "I", tiff, link)
    struct.pack_into(order + "I", tiff, link, 0)
    if thumbnail:
        _blank_thumbnail(tiff, order, thumbnail)
    return PREFIX + bytes(tiff)


def upright_tiff(tiff: bytes) -> bytes:
    """A TIFF file, or an EXIF block without its prefix, with orientation 1 in its first directory.

    ValueError for a broken one.
    """
    changed = bytearray(tiff)
    order = _byte_order(tiff)
    for entry in _entries(tiff, order, _first_directory(tiff, order)):
        if entry.tag == ORIENTATION:
            _value(tiff, order, entry)  # refuses one that is cut off
            struct.pack_into(order + ("H" if entry.kind == 3 else "I"), changed, entry.place + 8, 1)
    return bytes(changed)


def upright_xmp(xmp: bytes) -> bytes:
    """An XMP packet whose tiff:Orientation, if it has one, is 1."""
    return _XMP_ORIENTATION.sub(rb"\g<1>1", xmp)


def _byte_order(tiff: bytes | bytearray) -> str:
    orders = {b"II*\x00": "<", b"MM\x00*": ">"}
    try:
        return orders[bytes(tiff[:4])]
    except KeyError:
        raise ValueError(f"a TIFF block cannot start with {bytes(tiff[:4])!r}") from None


def _unpack(kind: str, tiff: bytes | bytearray, place: int) -> int:
    try:
        return int(struct.unpack_from(kind, tiff, place)[0])
    except struct.error:
        raise ValueError(f"the TIFF block of {len(tiff)} bytes points to {place}") from None


def _first_directory(tiff: bytes | bytearray, order: str) -> int:
    return _unpack(order + "I", tiff, 4)


def _link(tiff: bytes | bytearray, order: str, directory: int) -> int:
    """Where a directory holds the place of the next one."""
    return directory + 2 + 12 * _unpack(order + "H", tiff, directory)


def _entries(tiff: bytes | bytearray, order: str, directory: int) -> Iterator[_Entry]:
    for place in range(directory + 2, _link(tiff, order, directory), 12):
        yield _Entry(
            _unpack(order + "H", tiff, place), _unpack(order + "H", tiff, place + 2), place
        )


def _value(tiff: bytes | bytearray, order: str, entry: _Entry) -> int:
    """The first value of a SHORT or LONG tag."""
    return _unpack(order + ("H" if entry.kind == 3 else "I"), tiff, entry.place + 8)


def _blank_thumbnail(tiff: bytearray, order: str, directory: int) -> None:
    """Overwrite the thumbnail's bytes with zeros: it shows the photo before the edit."""
    found = {e.tag: _value(tiff, order, e) for e in _entries(tiff, order, directory)}
    start, length = found.get(THUMBNAIL_OFFSET, 0), found.get(THUMBNAIL_LENGTH, 0)
    stop = min(start + length, len(tiff))
    if 0 < start < stop:
        tiff[start:stop] = bytes(stop - start)
