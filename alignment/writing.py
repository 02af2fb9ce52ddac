"""Save a photo: the format from the extension, metadata kept, the file whole or not there."""

from __future__ import annotations

import secrets
import struct
from collections.abc import Callable
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image

from photodrag.errors import OutputError

from .colour import to_eight_bit
from .png import encode_png
from .tiff import encode_tiff

if TYPE_CHECKING:
    from .photo import Photo

EXTENSIONS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
LOSSY_QUALITY = 95
_LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}


def save_photo(photo: Photo, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """`Photo.save`; its docstring tells the rules."""
    path = Path(path)
    name = _format_of(path, format)
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder; name a file inside it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist; make it first")
    _check_fits(photo, path, name)
    try:
        data = _ENCODERS[name](photo)
    except (ValueError, OSError, struct.error) as error:
        raise OutputError(f"{path}: cannot be written as {name}: {error}; try a .png") from error
    write_atomically(path, data)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there; on any failure nothing is left behind."""
    path = path.resolve()  # a link stays a link
    temporary = path.with_name(f".photodrag-{secrets.token_hex(8)}.tmp")
    try:
        try:
            with temporary.open("xb") as file:
                file.write(data)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def _format_of(path: Path, format: str | None) -> str:  # noqa: A002
    if format is not None:
        name = format.upper()
        if name not in FORMATS:
            raise OutputError(f"format is {format!r}; choose one of {', '.join(FORMATS)}")
        return name
    try:
        return EXTENSIONS[path.suffix.lower()]
    except KeyError:
        raise OutputError(
            f"{path}: the extension {path.suffix!r} names no format; "
            f"use one of {', '.join(EXTENSIONS)}"
        ) from None


def _check_fits(photo: Photo, path: Path, name: str) -> None:
    limit = _LONGEST_SIDE.get(name)
    if limit is not None and max(photo.size) > limit:
        raise OutputError(
            f"{path}: {photo.width}x{photo.height} is more than the {limit} pixels a side "
            f"that {name} holds; use .png or .tif"
        )
    if name == "JPEG" and photo.alpha is not None and int(photo.alpha.min()) < _opaque(photo):
        raise OutputError(
            f"{path}: the photo is transparent in places and JPEG holds no transparency; "
            "use .png, .webp or .tif"
        )


def _opaque(photo: Photo) -> int:
    return int(2**photo.bit_depth - 1)


def _picture(photo: Photo, with_alpha: bool) -> Image.Image:
    """The photo in 8 bits for one of Pillow's encoders."""
    picture = Image.fromarray(to_eight_bit(photo.pixels))
    if photo.grey:
        picture = picture.getchannel(0)
    if with_alpha and photo.alpha is not None:
        picture = picture.convert("RGB")
        picture.putalpha(Image.fromarray(to_eight_bit(photo.alpha)))
    return picture


def _metadata(photo: Photo) -> dict[str, Any]:
    """Pillow's names for it; what a photo lacks must not be passed."""
    found = {"icc_profile": photo.icc_profile, "exif": photo.exif, "xmp": photo.xmp}
    return {name: value for name, value in found.items() if value is not None}


def _encode_jpeg(photo: Photo) -> bytes:
    metadata = _metadata(photo)
    if photo.dpi is not None:
        metadata["dpi"] = tuple(round(value) for value in photo.dpi)
    if photo.jpeg is None:
        coding: dict[str, Any] = {"quality": LOSSY_QUALITY, "subsampling": 0}
    else:
        tables = [list(table) for table in photo.jpeg.tables]
        coding = {"qtables": tables, "subsampling": photo.jpeg.subsampling}
    file = BytesIO()
    _picture(photo, with_alpha=False).save(file, "JPEG", **coding, **metadata)
    return file.getvalue()


def _encode_webp(photo: Photo) -> bytes:
    if photo.lossy_webp:
        coding: dict[str, Any] = {"quality": LOSSY_QUALITY}
    else:
        # here quality is effort; `exact` keeps the colours under full transparency
        coding = {"lossless": True, "quality": 50, "method": 2, "exact": True}
    file = BytesIO()
    _picture(photo, with_alpha=True).save(file, "WEBP", **coding, **_metadata(photo))
    return file.getvalue()


_ENCODERS: dict[str, Callable[[Photo], bytes]] = {
    "JPEG": _encode_jpeg,
    "PNG": encode_png,
    "WEBP": _encode_webp,
    "TIFF": encode_tiff,
}
FORMATS = tuple(_ENCODERS)
"""The formats that a photo can be written in."""
