"""What a file says about its photo: EXIF, XMP, resolution; made true for an upright photo."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any

from PIL import Image, PngImagePlugin, TiffImagePlugin

from . import exif as exif_block
from .iptc import RAW_PROFILE, raw_profile
from .resolution import read_resolution
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
_FINEST_DPI = 1e6  # what tells more is damaged
_RAW_EXIF = "Raw profile type exif"  # ImageMagick's way to keep EXIF in a PNG
_NO_TEXTS = {_RAW_EXIF, RAW_PROFILE, "Raw profile type xmp", "Raw profile type icc"} | {
    "Raw profile type APP1",
    "XML:com.adobe.xmp",
}


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation of a JPEG, PNG, WebP or other file with an EXIF block, else 1."""
    block = _exif_block(image)
    if block is None:
        return 1
    try:
        return exif_block.orientation(block)
    except ValueError:
        return 1  # read_exif says that the block is broken


def read_exif(image: Image.Image, size: tuple[int, int]) -> bytes | None:
    """The EXIF block of a photo, upright as (width, height): orientation 1, the thumbnail blank.

    None if there is none. ValueError for one that cannot be read. Call it while the file is open.
    """
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            return _exif_of_tiff(image)
        return upright_block(_exif_block(image), size)
    except (TypeError, KeyError, IndexError, OSError, struct.error) as error:
        raise ValueError(str(error)) from error


def upright_block(block: bytes | None, size: tuple[int, int]) -> bytes | None:
    """An EXIF block made true for an upright photo. ValueError for one that cannot be read."""
    return None if not block else blanked(exif_block.upright(block, size))


def read_xmp(info: Mapping[Any, Any]) -> bytes | None:
    """The XMP packet, its orientation 1, without thumbnails."""
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    return exif_block.upright_xmp(bytes(xmp)) if xmp else None


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
    return exif_block.PREFIX + exif.tobytes().removeprefix(exif_block.PREFIX)
