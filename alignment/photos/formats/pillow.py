"""Photos as files of the formats that a library writes: JPEG, WebP, AVIF, HEIC."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from ..colour import to_eight_bit
from ..metadata.blocks import COMMENT
from ..metadata.exif import without_orientation
from ..metadata.iptc import JPEG_MARK, as_resource
from ..raster import Raster
from .heif import encode_heif

LOSSY_QUALITY = 95
_CENTIMETRES_PER_INCH = 2.54
_DENSITY = 13  # where a JFIF file tells it: unit, then x and y


def encode_jpeg(photo: Raster) -> bytes:
    """A whole JPEG file, with the coding of the JPEG that the photo came from."""
    if photo.jpeg is None:
        coding: dict[str, Any] = {"quality": LOSSY_QUALITY, "subsampling": 0}
    else:
        tables = [list(table) for table in photo.jpeg.tables]
        coding = {"qtables": tables, "subsampling": photo.jpeg.subsampling}
        coding["progressive"] = photo.jpeg.progressive
    metadata = _metadata(photo)
    if photo.dpi is not None:
        metadata["dpi"] = tuple(round(value) for value in photo.dpi)
    if photo.iptc is not None:
        block = JPEG_MARK + as_resource(photo.iptc)
        metadata["extra"] = struct.pack(">HH", 0xFFED, len(block) + 2) + block
    if comments := [text for keyword, text in photo.texts if keyword == COMMENT]:
        metadata["comment"] = comments[0].encode()
    file = BytesIO()
    _picture(photo, with_alpha=False).save(file, "JPEG", **coding, **metadata)
    if photo.dpi is not None:
        _tell_density(file, photo.dpi)
    return file.getvalue() + (photo.video or b"")


def encode_webp(photo: Raster) -> bytes:
    """A whole WebP file, lossless unless the photo came from a lossy one."""
    if photo.lossy_webp:
        coding: dict[str, Any] = {"quality": LOSSY_QUALITY}
    else:
        # here quality is effort; `exact` keeps the colours under full transparency
        coding = {"lossless": True, "quality": 50, "method": 2, "exact": True}
    file = BytesIO()
    _picture(photo, with_alpha=True).save(file, "WEBP", **coding, **_metadata(photo))
    return file.getvalue()


def encode_avif(photo: Raster) -> bytes:
    """A whole AVIF file."""
    coding: dict[str, Any] = {"quality": LOSSY_QUALITY}
    if not photo.grey:
        coding["subsampling"] = photo.chroma or "4:4:4"
    file = BytesIO()
    _picture(photo, with_alpha=True).save(file, "AVIF", **coding, **_metadata(photo, boxed=True))
    return file.getvalue()


def encode_heic(photo: Raster) -> bytes:
    """A whole HEIC file."""
    return encode_heif(photo, LOSSY_QUALITY, _metadata(photo, boxed=True))


def _picture(photo: Raster, with_alpha: bool) -> Image.Image:
    """The photo in 8 bits for one of Pillow's encoders."""
    colours = to_eight_bit(photo.pixels[..., 0] if photo.grey else photo.pixels)
    if not with_alpha or photo.alpha is None:
        return Image.fromarray(np.ascontiguousarray(colours))
    if photo.grey:
        colours = np.repeat(colours[..., None], 3, axis=2)
    return Image.fromarray(np.dstack([colours, to_eight_bit(photo.alpha)]))


def _metadata(photo: Raster, *, boxed: bool = False) -> dict[str, Any]:
    """Pillow's names for it; what a photo lacks must not be passed.

    Where metadata is `boxed` an EXIF orientation means nothing, and Pillow would rewrite the block
    to take it out: it is taken out here, where nothing else moves.
    """
    found = {"icc_profile": photo.icc_profile, "exif": photo.exif, "xmp": photo.xmp}
    kept = {name: value for name, value in found.items() if value is not None}
    if boxed and "exif" in kept:
        kept["exif"] = without_orientation(kept["exif"])
    return kept


def _tell_density(file: BytesIO, dpi: tuple[float, float]) -> None:
    """A JFIF file tells whole numbers only: use dots per centimetre where those are whole."""
    metric = [value / _CENTIMETRES_PER_INCH for value in dpi]
    if _whole(dpi) or not _whole(metric):
        return
    head = file.getvalue()[: _DENSITY + 5]
    if head[6:11] == b"JFIF\0":
        file.seek(_DENSITY)
        file.write(struct.pack(">BHH", 2, *(round(value) for value in metric)))


def _whole(values: tuple[float, float] | list[float]) -> bool:
    return all(abs(value - round(value)) < 0.005 for value in values)
