"""What a file says about its photo: EXIF, XMP, resolution; made true for an upright photo."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from PIL import Image, PngImagePlugin, TiffImagePlugin

from . import exif as exif_block
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
from .iptc import RAW_PROFILE, raw_profile
from .thumbnail import blanked

COMMENT = "Comment"
"""The keyword of what a JPEG file has instead of texts with keywords."""
# TIFF tags that tell how the pixels are stored, or hold other pictures; not about the photo
STRUCTURAL_TAGS = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 282, 283}
    | {284, 288, 289, 290, 291, 292, 293, 296, 297, 301, 317, 320, 321, 322, 323, 324, 325, 330}
    | {332, 333, 334, 336, 337, 338, 339, 340, 341, 347, *range(512, 522), *range(529, 533)}
    | {700, 33723, 34377, 34675, 37724}
)
_ORIENTATION = 274
_EXIF, _GPS = 0x8769, 0x8825
_FINEST_DPI = 1e6  # what tells more is damaged
_RAW_EXIF = "Raw profile type exif"  # ImageMagick's way to keep EXIF in a PNG
_NO_TEXTS = {_RAW_EXIF, RAW_PROFILE, "Raw profile type xmp", "Raw profile type icc"} | {
    "Raw profile type APP1",
    "XML:com.adobe.xmp",
}
# Names of Pillow's => what they may be, and what they are called
_BLOCKS: dict[str, tuple[tuple[type, ...], str]] = {
    "icc_profile": ((bytes,), "ICC profile"),
    "exif": ((bytes, bytearray), "EXIF data"),
    "xmp": ((bytes, bytearray, str), "XMP data"),
}
_X, _Y, _UNIT = 0x011A, 0x011B, 0x0128
_INCH, _CENTIMETRE = 2, 3
_FINEST = 1000  # of a dot per inch: it is written as a fraction
_SAME = 0.01  # of a dot per inch
_EMPTY = PREFIX + struct.pack("<4sIHI", b"II*\0", 8, 0, 0)


def check_info(info: dict[Any, Any]) -> tuple[str, ...]:
    """Take out metadata that is not bytes, as a TIFF's tags may be of any type; a note for each."""
    notes = []
    for name, (kinds, words) in _BLOCKS.items():
        if info.get(name) is not None and not isinstance(info[name], kinds):
            del info[name]
            notes.append(f"the photo's {words} is no block of bytes and left out")
    return tuple(notes)


def read_orientation(image: Image.Image) -> int:
    """The orientation of a JPEG, PNG, WebP or other file: EXIF's, or else XMP's, or else 1.

    In AVIF files the boxes decide, which Pillow tells as EXIF's.
    """
    block = _exif_block(image)
    told = None
    if block is not None:
        with suppress(ValueError):  # read_exif says that the block is broken
            told = exif_block.orientation(block)
    if told is None and image.format != "AVIF":
        xmp = _xmp(image.info)
        told = None if xmp is None else exif_block.orientation_of_xmp(xmp)
    return told or 1


def read_exif(image: Image.Image, size: tuple[int, int]) -> bytes | None:
    """The EXIF block of a photo, upright as (width, height): orientation 1, the thumbnail blank.

    None if there is none. ValueError for one that cannot be read. Call it while the file is open.
    """
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            return _exif_of_tiff(image)
        return upright_block(_exif_block(image), size)
    except ValueError:
        raise
    except Exception as error:  # Pillow's reader of directories may raise anything
        raise ValueError(str(error)) from error


def upright_block(block: bytes | None, size: tuple[int, int]) -> bytes | None:
    """An EXIF block made true for an upright photo. ValueError for one that cannot be read."""
    return None if not block else blanked(exif_block.upright(block, size))


def read_xmp(info: Mapping[Any, Any]) -> bytes | None:
    """The XMP packet, its orientation 1, without thumbnails."""
    xmp = _xmp(info)
    return None if xmp is None else exif_block.upright_xmp(xmp)


def read_texts(image: Image.Image) -> tuple[tuple[str, str], ...]:
    """A PNG's texts, each under its keyword; the comment of a JPEG or GIF under "Comment"."""
    if isinstance(image, PngImagePlugin.PngImageFile):
        return tuple(
            (keyword, str(text)) for keyword, text in image.text.items() if keyword not in _NO_TEXTS
        )
    comment = image.info.get("comment")
    if not isinstance(comment, bytes) or not comment:
        return ()
    try:
        return ((COMMENT, comment.decode()),)
    except UnicodeDecodeError:
        return ((COMMENT, comment.decode("latin-1")),)


def read_dpi(
    info: Mapping[Any, Any], exif: bytes | None, sides_swapped: bool
) -> tuple[float, float] | None:
    """Dots per inch along x and y, of the file or else of its EXIF block.

    `sides_swapped` where the photo was turned by a quarter.
    """
    dpi = info.get("dpi")
    if dpi is None and exif is not None:
        dpi = read_resolution(exif)
    if dpi is None:
        return None
    x, y = float(dpi[0]), float(dpi[1])
    if not all(math.isfinite(value) and 0 < value < _FINEST_DPI for value in (x, y)):
        return None
    return (y, x) if sides_swapped else (x, y)


def _xmp(info: Mapping[Any, Any]) -> bytes | None:
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    return bytes(xmp) if isinstance(xmp, bytes | bytearray) and xmp else None


def _exif_block(image: Image.Image) -> bytes | None:
    block = image.info.get("exif")
    if block:
        return bytes(block)
    text = image.info.get(_RAW_EXIF)
    return None if text is None else raw_profile(text) or b"broken"  # which nothing can read


def _exif_of_tiff(image: TiffImagePlugin.TiffImageFile) -> bytes | None:
    """A TIFF file is its own EXIF block: keep what describes the photo."""
    exif = image.getexif()
    for tag in list(exif):
        if tag in STRUCTURAL_TAGS:
            del exif[tag]
    if not any(tag != _ORIENTATION for tag in exif):
        return None
    exif[_ORIENTATION] = 1
    if exif.bigtiff:  # an EXIF block is a classic TIFF; what stands in the file is read first
        for part in (_EXIF, _GPS):
            exif.get_ifd(part)
        exif.bigtiff = False
    block = exif.tobytes().removeprefix(PREFIX)
    byte_order(block)
    return PREFIX + block


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
