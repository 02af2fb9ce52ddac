"""What of a photo's metadata a format can hold; the rest is left out, and named."""

from __future__ import annotations

import struct
from dataclasses import replace
from typing import Any

from ..raster import Raster
from .blocks import COMMENT, with_resolution
from .iptc import JPEG_MARK, as_resource
from .xmp import made_true

_JPEG_SEGMENT = 65_533
_JPEG_XMP = _JPEG_SEGMENT - len(b"http://ns.adobe.com/xap/1.0/\0")
_JPEG_PROFILE = 255 * (_JPEG_SEGMENT - 14)  # that many segments, with 14 bytes of heading each
_HOLD_DPI = {"JPEG", "PNG", "TIFF"}
_HOLD_IPTC = {"JPEG", "PNG", "TIFF"}


def what_fits(photo: Raster, name: str) -> tuple[Raster, list[str]]:
    """The photo with what a format of that name can hold, and what was left out.

    Formats without a place of their own for the resolution get it in EXIF.
    """
    lost: dict[str, str] = {}  # fields, and their names for people
    if photo.dpi is not None and name not in _HOLD_DPI:
        try:
            photo = replace(photo, exif=with_resolution(photo.exif, photo.dpi))
        except (ValueError, struct.error):  # a broken block; a number that EXIF cannot hold
            lost["dpi"] = "resolution"
    if photo.video is not None and name != "JPEG":
        lost["video"] = "motion photo's video"
        if photo.xmp is not None:
            xmp = made_true(photo.xmp, with_video=False, sides_swapped=False)
            photo = replace(photo, xmp=xmp)
    if name not in _HOLD_IPTC and photo.iptc is not None:
        lost["iptc"] = "IPTC records"
    if name == "JPEG":
        lost |= _too_long_for_jpeg(photo)
    kept = photo.texts if name == "PNG" else ()
    if name == "JPEG":
        kept = tuple(text for text in photo.texts if text[0] == COMMENT and _fits(text[1]))[:1]
    left_out = list(lost.values())
    if gone := [keyword for keyword, text in photo.texts if (keyword, text) not in kept]:
        left_out.append(f"texts ({', '.join(gone)})")
    fewer: dict[str, Any] = dict.fromkeys(lost)
    return replace(photo, texts=kept, **fewer), left_out


def _too_long_for_jpeg(photo: Raster) -> dict[str, str]:
    most = {
        "exif": ("EXIF data", photo.exif, _JPEG_SEGMENT),
        "xmp": ("XMP data", photo.xmp, _JPEG_XMP),
        "icc_profile": ("ICC profile", photo.icc_profile, _JPEG_PROFILE),
    }
    lost = {
        field: words
        for field, (words, value, limit) in most.items()
        if value is not None and len(value) > limit
    }
    if photo.iptc is not None and len(JPEG_MARK + as_resource(photo.iptc)) > _JPEG_SEGMENT:
        lost["iptc"] = "IPTC records"
    return lost


def _fits(text: str) -> bool:
    return len(text.encode()) <= _JPEG_SEGMENT
