"""EXIF and XMP blocks, changed in place: every byte that need not change stays as it was.

Rewriting a whole EXIF block moves it, and maker notes refer to places inside the block; so tags
are given other values where they stand. The thumbnail has a file of its own, thumbnail.py.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

PREFIX = b"Exif\x00\x00"
ORIENTATION = 0x0112
_EXIF_DIRECTORY, _PIXELS_ACROSS, _PIXELS_DOWN = 0x8769, 0xA002, 0xA003
SHORT, LONG, RATIONAL = 3, 4, 5
_SIZES = {1: 1, 2: 1, SHORT: 2, LONG: 4, 7: 1}  # bytes of a value; 1, 2, 7 are bytes and text
_XMP_ORIENTATION = re.compile(rb"(tiff:Orientation(?:\s*=\s*[\"']|\s*>\s*))([1-8])")
_XMP_THUMBNAILS, _XMP_THUMBNAILS_END = re.compile(rb"<xmp:Thumbnails\b"), b"</xmp:Thumbnails>"


class Entry(NamedTuple):
    """One tag of a TIFF directory, and where it stands in the block."""

    tag: int
    kind: int
    place: int


def orientation(exif: bytes) -> int | None:
    """The EXIF orientation, 1 to 8; None where none is given. ValueError for a broken block."""
    tiff = exif.removeprefix(PREFIX)
    order = byte_order(tiff)
    for entry in entries(tiff, order, first_directory(tiff, order)):
        if entry.tag == ORIENTATION:
            value = value_of(tiff, order, entry)
            return value if 1 <= value <= 8 else 1
    return None


def upright(exif: bytes, size: tuple[int, int] | None = None) -> bytes:
    """An EXIF block, its prefix in front, with orientation 1.

    `size` is the upright photo's (width, height): where the block tells it the other way round, it
    is mended. The length and every other byte stay as they were. ValueError for a broken block.
    """
    tiff = bytearray(upright_tiff(exif.removeprefix(PREFIX)))
    if size is not None:
        _mend_size(tiff, byte_order(tiff), size)
    return PREFIX + bytes(tiff)


def upright_tiff(tiff: bytes) -> bytes:
    """A TIFF file, or an EXIF block without its prefix, with orientation 1 in its first directory.

    ValueError for a broken one.
    """
    changed = bytearray(tiff)
    order = byte_order(tiff)
    for entry in entries(tiff, order, first_directory(tiff, order)):
        if entry.tag == ORIENTATION:
            value_of(tiff, order, entry)  # refuses one that is cut off
            set_value(changed, order, entry, 1)
    return bytes(changed)


def without_orientation(exif: bytes) -> bytes:
    """The block without that tag, whose twelve bytes are left unused: nothing else moves.

    ValueError for a broken block.
    """
    tiff = bytearray(exif.removeprefix(PREFIX))
    order = byte_order(tiff)
    start = first_directory(tiff, order)
    for entry in entries(tiff, order, start):
        if entry.tag == ORIENTATION:
            end = link_place(tiff, order, start) + 4
            tiff[entry.place : end - 12] = tiff[entry.place + 12 : end]
            count = unpack(order + "H", tiff, start)
            struct.pack_into(order + "H", tiff, start, count - 1)
            break
    return PREFIX + bytes(tiff)


def tag_bytes(tiff: bytes, tag: int) -> bytes | None:
    """A tag's value in a TIFF file's first directory as it is stored. ValueError for damage."""
    order = byte_order(tiff)
    for entry in entries(tiff, order, first_directory(tiff, order)):
        if entry.tag == tag and entry.kind in _SIZES:
            length = unpack(order + "I", tiff, entry.place + 4) * _SIZES[entry.kind]
            place = entry.place + 8 if length <= 4 else unpack(order + "I", tiff, entry.place + 8)
            return tiff[place : place + length]
    return None


def orientation_of_xmp(xmp: bytes) -> int:
    """What an XMP packet says of it, 1 to 8; 1 where it says nothing."""
    found = _XMP_ORIENTATION.search(xmp)
    return 1 if found is None else int(found[2])


def upright_xmp(xmp: bytes) -> bytes:
    """An XMP packet whose tiff:Orientation, if it has one, is 1, without thumbnails."""
    return _without_thumbnails(_XMP_ORIENTATION.sub(rb"\g<1>1", xmp))


def _without_thumbnails(xmp: bytes) -> bytes:
    """Each begin is looked for behind the end before it: one way through, whatever is written."""
    kept, place = [], 0
    while begin := _XMP_THUMBNAILS.search(xmp, place):
        end = xmp.find(_XMP_THUMBNAILS_END, begin.end())
        if end < 0:
            break
        kept.append(xmp[place : begin.start()])
        place = end + len(_XMP_THUMBNAILS_END)
    return b"".join([*kept, xmp[place:]])


def byte_order(tiff: bytes | bytearray) -> str:
    """The sign for struct: < or >."""
    orders = {b"II*\x00": "<", b"MM\x00*": ">"}
    try:
        return orders[bytes(tiff[:4])]
    except KeyError:
        raise ValueError(f"a TIFF block cannot start with {bytes(tiff[:4])!r}") from None


def unpack(kind: str, tiff: bytes | bytearray, place: int) -> int:
    """One whole number of struct's kind. ValueError beyond the end, here and below."""
    try:
        return int(struct.unpack_from(kind, tiff, place)[0])
    except struct.error:
        raise ValueError(f"the TIFF block of {len(tiff)} bytes points to {place}") from None


def first_directory(tiff: bytes | bytearray, order: str) -> int:
    """Where it starts."""
    return unpack(order + "I", tiff, 4)


def link_place(tiff: bytes | bytearray, order: str, directory: int) -> int:
    """Where a directory holds the place of the next one."""
    return directory + 2 + 12 * unpack(order + "H", tiff, directory)


def entries(tiff: bytes | bytearray, order: str, directory: int) -> Iterator[Entry]:
    """The tags of a directory that starts at that place."""
    for place in range(directory + 2, link_place(tiff, order, directory), 12):
        yield Entry(unpack(order + "H", tiff, place), unpack(order + "H", tiff, place + 2), place)


def value_of(tiff: bytes | bytearray, order: str, entry: Entry) -> int:
    """The first value of a SHORT or LONG tag."""
    return unpack(order + ("H" if entry.kind == SHORT else "I"), tiff, entry.place + 8)


def set_value(tiff: bytearray, order: str, entry: Entry, value: int) -> None:
    """The first value of a SHORT or LONG tag becomes another."""
    struct.pack_into(order + ("H" if entry.kind == SHORT else "I"), tiff, entry.place + 8, value)


def _mend_size(tiff: bytearray, order: str, size: tuple[int, int]) -> None:
    first = entries(tiff, order, first_directory(tiff, order))
    # only the first of such entries: each may name the same long directory
    directory = next((entry for entry in first if entry.tag == _EXIF_DIRECTORY), None)
    if directory is None:
        return
    inner = entries(tiff, order, value_of(tiff, order, directory))
    found = {entry.tag: entry for entry in inner if entry.kind in (SHORT, LONG)}
    if not {_PIXELS_ACROSS, _PIXELS_DOWN} <= set(found):
        return
    both = found[_PIXELS_ACROSS], found[_PIXELS_DOWN]
    if tuple(value_of(tiff, order, entry) for entry in both) == size[::-1]:
        for entry, length in zip(both, size, strict=True):
            set_value(tiff, order, entry, length)
