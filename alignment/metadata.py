"""What a file says about its photo: EXIF, XMP, resolution; made true for an upright photo."""

from __future__ import annotations

import math
import struct
import warnings
from collections.abc import Mapping
from typing import Any

from PIL import Image, TiffImagePlugin

from photodrag.errors import PhotoWarning

from . import exif as exif_block

# TIFF tags that tell how the pixels are stored, or hold other pictures; not about the photo
STRUCTURAL_TAGS = frozenset(
    {254, 255, 256, 257, 258, 259, 262, 263, 264, 265, 266, 273, 277, 278, 279, 280, 281, 282, 283}
    | {284, 288, 289, 290, 291, 292, 293, 296, 297, 301, 317, 320, 321, 322, 323, 324, 325, 330}
    | {332, 333, 334, 336, 337, 338, 339, 340, 341, 347, *range(512, 522), *range(529, 533)}
    | {700, 34377, 34675, 37724}
)
_ORIENTATION = 274


def read_orientation(image: Image.Image) -> int:
    """The EXIF orientation of a JPEG, PNG, WebP or other file with an EXIF block, else 1."""
    block = _exif_block(image)
    if block is None:
        return 1
    try:
        return exif_block.orientation(block)
    except ValueError:
        return 1  # read_exif says that the block is broken


def read_exif(image: Image.Image) -> bytes | None:
    """The EXIF block with orientation 1 and without thumbnail; None if there is none.

    A block that cannot be read is left out with a PhotoWarning. Call it while the file is open.
    """
    try:
        if isinstance(image, TiffImagePlugin.TiffImageFile):
            return _exif_of_tiff(image)
        block = _exif_block(image)
        return None if block is None else exif_block.upright(block)
    except (ValueError, TypeError, KeyError, IndexError, OSError, struct.error) as error:
        warnings.warn(
            f"the photo's EXIF data is damaged and left out: {error}", PhotoWarning, stacklevel=4
        )
        return None


def read_xmp(info: Mapping[Any, Any]) -> bytes | None:
    """The XMP packet, its orientation 1."""
    xmp = info.get("xmp") or info.get("XML:com.adobe.xmp")
    if isinstance(xmp, str):
        xmp = xmp.encode()
    return exif_block.upright_xmp(bytes(xmp)) if xmp else None


def read_dpi(info: Mapping[Any, Any], sides_swapped: bool) -> tuple[float, float] | None:
    """Dots per inch along x and y; `sides_swapped` where the photo was turned by a quarter."""
    dpi = info.get("dpi")
    if dpi is None:
        return None
    x, y = float(dpi[0]), float(dpi[1])
    if not all(math.isfinite(value) and value > 0 for value in (x, y)):
        return None
    return (y, x) if sides_swapped else (x, y)


def _exif_block(image: Image.Image) -> bytes | None:
    block = image.info.get("exif")
    if block:
        return bytes(block)
    text = image.info.get("Raw profile type exif")  # ImageMagick's way to keep EXIF in a PNG
    if not isinstance(text, str):
        return None
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b"broken"  # no TIFF block starts like this, so read_exif warns


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
