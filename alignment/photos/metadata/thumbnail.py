"""The small picture inside an EXIF block: taken out when read, made anew when the photo is saved.

It shows the photo before the edit, and file managers show it instead of the photo.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import NamedTuple

import cv2
import numpy as np
from PIL import Image

from ..raster import Raster
from .exif import (
    ORIENTATION,
    PREFIX,
    Entry,
    byte_order,
    entries,
    first_directory,
    link_place,
    set_value,
    unpack,
    value_of,
)

_COMPRESSION, _STRIP_PLACES, _STRIP_LENGTHS = 0x0103, 0x0111, 0x0117
_PLACE, _LENGTH = 0x0201, 0x0202
_LONG_SIDE = 160  # of a thumbnail, EXIF 2.32, 4.4.3
_QUALITIES = (85, 70, 55, 40, 25)
_MOST_BYTES = 65_533  # of a whole block in a JPEG file


class _Thumbnail(NamedTuple):
    """Where a block holds its second directory, which describes a JPEG picture."""

    order: str
    link: int
    """Where the first directory holds the place of the second."""
    tags: dict[int, Entry]
    start: int
    length: int


def blanked(exif: bytes) -> bytes:
    """The block with zeros for its thumbnail, whose place is kept for a new one.

    A thumbnail that is damaged or not compressed is unlinked. ValueError for a broken block.
    """
    tiff = bytearray(exif.removeprefix(PREFIX))
    order = byte_order(tiff)
    link = link_place(tiff, order, first_directory(tiff, order))
    try:
        found = _find(tiff, order, link)
    except ValueError:
        found = _Thumbnail(order, link, {}, 0, 0)
    if found is None:
        return PREFIX + bytes(tiff)
    stop = min(found.start + found.length, len(tiff))
    if 0 < found.start < stop:
        tiff[found.start : stop] = bytes(stop - found.start)
    if _PLACE not in found.tags or _LENGTH not in found.tags:
        struct.pack_into(found.order + "I", tiff, found.link, 0)
    return PREFIX + bytes(tiff)


def refreshed(exif: bytes, photo: Raster) -> bytes:
    """The block with a thumbnail of this photo, if it had one; else as it is.

    The new one takes the old one's place or, where it needs more, the block's end. One that fits
    nowhere is unlinked. A block that cannot be read is left as it is: it has no thumbnail.
    """
    try:
        tiff = bytearray(blanked(exif).removeprefix(PREFIX))
        order = byte_order(tiff)
        found = _find(tiff, order, link_place(tiff, order, first_directory(tiff, order)))
    except ValueError:
        return exif
    if found is None:
        return PREFIX + bytes(tiff)
    pictures = _pictures(photo)
    picture = next((one for one in pictures if len(one) <= found.length), None)
    if picture is not None and found.start + found.length <= len(tiff):
        start = found.start
        tiff[start : start + len(picture)] = picture
    else:
        tiff += bytes(len(tiff) % 2)
        start, room = len(tiff), _MOST_BYTES - len(PREFIX) - len(tiff)
        picture = next((one for one in pictures if len(one) <= room), None)
        if picture is None:
            struct.pack_into(found.order + "I", tiff, found.link, 0)
            return PREFIX + bytes(tiff)
        tiff += picture
    for tag, value in ((_PLACE, start), (_LENGTH, len(picture)), (ORIENTATION, 1)):
        if tag in found.tags:
            set_value(tiff, found.order, found.tags[tag], value)
    return PREFIX + bytes(tiff)


def _find(tiff: bytearray, order: str, link: int) -> _Thumbnail | None:
    directory = unpack(order + "I", tiff, link) if link + 4 <= len(tiff) else 0
    if not directory:
        return None
    tags = {entry.tag: entry for entry in entries(tiff, order, directory)}
    place, length = (
        next((value_of(tiff, order, tags[tag]) for tag in names if tag in tags), 0)
        for names in ((_PLACE, _STRIP_PLACES), (_LENGTH, _STRIP_LENGTHS))
    )
    return _Thumbnail(order, link, tags, place, length)


def _pictures(photo: Raster) -> list[bytes]:
    """The photo, small, as JPEG files: the best first."""
    scale = min(_LONG_SIDE / max(photo.size), 1)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    small = photo.to_srgb(np.asarray(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA)))
    files = []
    for quality in _QUALITIES:
        file = BytesIO()
        Image.fromarray(small).save(file, "JPEG", quality=quality)
        files.append(file.getvalue())
    return files
