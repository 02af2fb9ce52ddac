"""Save a photo: the format from the extension, metadata kept, the file whole or not there."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import features

from photodrag.errors import OutputError, PhotoWarning
from photodrag.files import write_whole

from .encoding import encode_avif, encode_heic, encode_jpeg, encode_webp
from .heif import MISSING, can_write_heic
from .holding import what_fits
from .png import encode_png
from .thumbnail import refreshed
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
    ".avif": "AVIF",
    ".heic": "HEIC",
    ".heif": "HEIC",
}
_ENCODERS: dict[str, Callable[[Photo], bytes | Iterable[bytes]]] = {
    "JPEG": encode_jpeg,
    "PNG": encode_png,
    "WEBP": encode_webp,
    "TIFF": encode_tiff,
    "AVIF": encode_avif,
    "HEIC": encode_heic,
}
FORMATS = tuple(_ENCODERS)
"""The formats that a photo can be written in."""

_LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768, "HEIC": 16_384}
# of AVIF and HEIC: what their usual readers accept


def save_photo(photo: Photo, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
    """`Photo.save`; its docstring tells the rules."""
    path = Path(path)
    name = check_saves(photo, path, format)
    if photo.exif is not None:
        photo = replace(photo, exif=refreshed(photo.exif, photo))
    photo, left_out = what_fits(photo, name)
    try:
        data = _ENCODERS[name](photo)
    except (ValueError, OSError, RuntimeError, struct.error) as error:
        raise OutputError(f"{path}: cannot be written as {name}: {error}; try a .png") from error
    write_whole(path, data)
    if left_out:
        warnings.warn(
            f"{name} cannot hold the photo's {', '.join(left_out)}; left out",
            PhotoWarning,
            stacklevel=3,
        )


def check_saves(photo: Photo, path: str | PathLike[str], format: str | None = None) -> str:  # noqa: A002
    """`Photo.check_saves`; returns the format's name."""
    path = Path(path)
    name = _format_of(path, format)
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder; name a file inside it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist; make it first")
    _check_fits(photo, path, name)
    if name == "HEIC" and not can_write_heic():
        raise OutputError(f"{path}: {MISSING}; or use another format")
    if name == "AVIF" and not features.check("avif"):
        raise OutputError(f"{path}: this Pillow cannot write AVIF; use another format")
    return name


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
