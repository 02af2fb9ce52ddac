"""Dots per inch in an EXIF block: for formats that have no other place for them."""

from __future__ import annotations

import struct

from .exif import (
    PREFIX,
    RATIONAL,
    SHORT,
    byte_order,
    entries,
    first_directory,
    link_place,
    unpack,
    value_of,
)

_X, _Y, _UNIT = 0x011A, 0x011B, 0x0128
_INCH, _CENTIMETRE = 2, 3
_FINEST = 1000  # of a dot per inch: it is written as a fraction
_SAME = 0.01  # of a dot per inch
_EMPTY = PREFIX + struct.pack("<4sIHI", b"II*\0", 8, 0, 0)


def read_resolution(exif: bytes) -> tuple[float, float] | None:
    """Dots per inch along x and y, where the block tells both. ValueError for a broken block."""
    tiff = exif.removeprefix(PREFIX)
    order = byte_order(tiff)
    found = {_UNIT: float(_INCH)}
    for entry in entries(tiff, order, first_directory(tiff, order)):
        if entry.tag in (_X, _Y) and entry.kind == RATIONAL:
            place = unpack(order + "I", tiff, entry.place + 8)
            over = unpack(order + "I", tiff, place + 4)
            found[entry.tag] = unpack(order + "I", tiff, place) / over if over else 0.0
        elif entry.tag == _UNIT:
            found[entry.tag] = value_of(tiff, order, entry)
    unit = {_INCH: 1.0, _CENTIMETRE: 2.54}.get(int(found[_UNIT]))
    if unit is None or not (found.get(_X) and found.get(_Y)):
        return None
    return found[_X] * unit, found[_Y] * unit


def with_resolution(exif: bytes | None, dpi: tuple[float, float]) -> bytes:
    """A block that tells these dots per inch; a new one for None.

    Nothing in the block moves: where it tells another resolution, its first directory is copied to
    the end with tags of its own. ValueError for a broken block.
    """
    exif = _EMPTY if exif is None else exif
    told = read_resolution(exif)
    if told is not None and all(abs(a - b) < _SAME for a, b in zip(told, dpi, strict=True)):
        return exif
    tiff = bytearray(exif.removeprefix(PREFIX))
    order = byte_order(tiff)
    start = first_directory(tiff, order)
    kept = {
        entry.tag: bytes(tiff[entry.place : entry.place + 12])
        for entry in entries(tiff, order, start)
    }
    link = tiff[link_place(tiff, order, start) :][:4]
    tiff += bytes(len(tiff) % 2)
    for tag, value in zip((_X, _Y), dpi, strict=True):
        kept[tag] = struct.pack(order + "HHII", tag, RATIONAL, 1, len(tiff))
        tiff += struct.pack(order + "II", round(value * _FINEST), _FINEST)
    kept[_UNIT] = struct.pack(order + "HHIHH", _UNIT, SHORT, 1, _INCH, 0)
    place = len(tiff)
    tiff += struct.pack(order + "H", len(kept)) + b"".join(kept[tag] for tag in sorted(kept)) + link
    struct.pack_into(order + "I", tiff, 4, place)
    return PREFIX + bytes(tiff)
