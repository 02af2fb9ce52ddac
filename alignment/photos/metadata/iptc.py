"""IPTC records (IIM 4.2): the caption, the author, the keywords that agencies write.

A file keeps them as one of the resources of Photoshop, a TIFF file also in a tag of its own. The
other resources speak of Photoshop's windows and printers and are not kept.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

from PIL import Image

from ..tiff_head import read_head
from .exif import tag_bytes

TIFF_TAG = 33723
JPEG_MARK = b"Photoshop 3.0\x00"
RAW_PROFILE = "Raw profile type iptc"
"""The keyword under which ImageMagick and ExifTool keep it in a PNG."""
_PHOTOSHOP_TAG = 34377
_SIGNATURE, _RESOURCE = b"8BIM", 0x0404


def read_iptc(image: Image.Image, data: bytes) -> bytes | None:
    """The records of a file, opened from these bytes, as they are; None if there are none."""
    resources = image.info.get("photoshop")
    if isinstance(resources, Mapping):  # a JPEG file
        return resources.get(_RESOURCE) or None
    if image.format == "TIFF":
        records = _tag(data, TIFF_TAG)
        return records or from_resources(_tag(data, _PHOTOSHOP_TAG) or b"")
    return from_resources(raw_profile(image.info.get(RAW_PROFILE)) or b"")


def from_resources(block: bytes) -> bytes | None:
    """The records among Photoshop's resources; None where there are none, or only damaged ones."""
    place = 0
    while block[place : place + 4] == _SIGNATURE and place + 7 < len(block):
        number = int.from_bytes(block[place + 4 : place + 6], "big")
        place += 6 + (block[place + 6] + 2) // 2 * 2  # the name, its length in front, padded
        length = int.from_bytes(block[place : place + 4], "big")
        data = block[place + 4 : place + 4 + length]
        if number == _RESOURCE:
            return data if data and len(data) == length else None
        place += 4 + length + length % 2
    return None


def as_resource(iptc: bytes) -> bytes:
    """The records as a resource of Photoshop, without a name."""
    head = struct.pack(">4sHHI", _SIGNATURE, _RESOURCE, 0, len(iptc))
    return head + iptc + bytes(len(iptc) % 2)


def raw_profile(text: Any) -> bytes | None:
    """What a PNG keeps as hexadecimal digits below three lines of heading; None if it does not."""
    if not isinstance(text, str):
        return None
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return None


def as_raw_profile(iptc: bytes) -> str:
    """The text of which `raw_profile` makes the records, as a resource, again."""
    block = as_resource(iptc)
    digits = block.hex()
    lines = [digits[i : i + 72] for i in range(0, len(digits), 72)]
    return "\n".join(["", "iptc", f"{len(block):8d}", *lines, ""])


def _tag(data: bytes, tag: int) -> bytes | None:
    try:
        return tag_bytes(data, tag)
    except ValueError:  # a BigTIFF, or damage that Pillow has not minded
        head = read_head(data)
        return None if head is None else head.value(tag)
