"""What a file holds besides one picture: told, as a photo does not keep it."""

from __future__ import annotations

from PIL import Image, JpegImagePlugin

from . import png_chunks
from .jpeg_parts import JpegParts
from .tiff_head import CREDENTIALS, LAYERS, TiffHead, read_head

_CREDENTIALS_GONE = (
    "the photo's content credentials (C2PA) are left out; they are of its old pixels"
)
_CREDENTIALS_BOX = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
_CHUNK = b"C2PA"  # of a WebP


def notes_of_jpeg(parts: JpegParts | None, xmp: bytes | None) -> list[str]:
    """`xmp` is the packet as it stands in the file. Larger previews are no loss and not told."""
    packet, notes = xmp or b"", []
    pictures = 0 if parts is None else parts.other_pictures
    if (parts is not None and parts.has_gain_map) or b"hdrgm:Version" in packet:
        notes.append("the photo's HDR gain map is left out")
    elif pictures:
        notes.append(
            f"the file's other pictures ({pictures}: views, depth, HDR gain map) are left out"
        )
    if b"HasExtendedXMP" in packet:
        notes.append("the second part of the photo's XMP data is left out")
    if parts is not None and parts.has_credentials:
        notes.append(_CREDENTIALS_GONE)
    return notes


def notes_of_others(image: Image.Image, data: bytes) -> list[str]:
    """The same of other files that Pillow reads."""
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return []
    if image.format == "AVIF":
        return notes_of_boxes(data)
    notes = []
    head = read_head(data) if image.format == "TIFF" else None
    if head is not None and LAYERS in head.tags:
        notes.append("the file's layers are left out; only the picture that they make is read")
    if _has_credentials(image, data, head):
        notes.append(_CREDENTIALS_GONE)
    return notes


def notes_of_boxes(data: bytes) -> list[str]:
    """The same of a HEIC or AVIF file, whose outermost boxes are looked at."""
    notes, place = [], 0
    while place + 8 <= len(data):
        length, name = int.from_bytes(data[place : place + 4], "big"), data[place + 4 : place + 8]
        begin = place + 8
        if length == 1:
            length, begin = int.from_bytes(data[place + 8 : place + 16], "big"), place + 16
        if name == b"mpvd":
            notes.append("the motion photo's video is left out")
        if name == b"uuid" and data[begin : begin + 16] == _CREDENTIALS_BOX:
            notes.append(_CREDENTIALS_GONE)
        if length < 8:  # 0: up to the end of the file
            break
        place += length
    return notes


def _has_credentials(image: Image.Image, data: bytes, head: TiffHead | None) -> bool:
    if image.format == "PNG":
        return png_chunks.has_credentials(data)
    if image.format == "WEBP":
        return _has_chunk(data)
    return head is not None and CREDENTIALS in head.tags


def _has_chunk(data: bytes) -> bool:
    place = 12
    while place + 8 <= len(data):
        if data[place : place + 4] == _CHUNK:
            return True
        length = int.from_bytes(data[place + 4 : place + 8], "little")
        place += 8 + length + length % 2
    return False
