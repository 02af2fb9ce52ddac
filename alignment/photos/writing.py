"""Save a photo: the format from the extension, metadata kept, the file whole or not there."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from os import PathLike
from pathlib import Path
from typing import BinaryIO

from PIL import features

from photodrag.errors import OutputError, PhotodragError, PhotoWarning
from photodrag.files import check_writable_name, write_whole

from .formats.heif import MISSING, can_write_heic
from .formats.pillow import encode_avif, encode_heic, encode_jpeg, encode_webp
from .formats.png import encode_png
from .formats.tiff import encode_tiff
from .metadata.fitting import what_fits
from .metadata.provenance import marked_xmp
from .metadata.thumbnail import refreshed
from .raster import FORMATS, Raster

EXTENSIONS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jfif": "JPEG",
    ".jpe": "JPEG",
    ".png": "PNG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".avif": "AVIF",
    ".heic": "HEIC",
    ".heif": "HEIC",
}
_ENCODERS: dict[str, Callable[[Raster], bytes | Iterable[bytes]]] = {
    "JPEG": encode_jpeg,
    "PNG": encode_png,
    "WEBP": encode_webp,
    "TIFF": encode_tiff,
    "AVIF": encode_avif,
    "HEIC": encode_heic,
}
_LONGEST_SIDE = {"JPEG": 65_500, "WEBP": 16_383, "AVIF": 32_768, "HEIC": 16_384}


def save_photo(
    photo: Raster,
    to: str | PathLike[str] | BinaryIO,
    format: str | None = None,  # noqa: A002
    *,
    mark: bool = True,
) -> None:
    """`Photo.save`; its docstring has the rules."""
    mark = mark and photo.edited
    if isinstance(to, str | PathLike):
        path = Path(to)
        data, left_out = _encoded(photo, str(path), check_saves(photo, path, format), mark)
        write_whole(path, data)
    else:
        name = _format_of(Path(), format or photo.format)
        _check_fits(photo, "the file", name)
        data, left_out = _encoded(photo, "the file", name, mark)
        for part in (data,) if isinstance(data, bytes) else data:
            to.write(part)
    if left_out:
        warnings.warn(left_out, PhotoWarning, stacklevel=3)


def _software() -> str:
    try:
        return f"photodrag {version('photodrag')}"
    except PackageNotFoundError:  # run from a folder
        return "photodrag"


def _now() -> datetime:
    """The time that a mark tells; SOURCE_DATE_EPOCH's, so that files can be the same again."""
    told = os.environ.get("SOURCE_DATE_EPOCH", "")
    try:
        return datetime.fromtimestamp(int(told), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.now(UTC)


def _encoded(
    photo: Raster, where: str, name: str, mark: bool
) -> tuple[bytes | Iterable[bytes], str | None]:
    """A whole file of that format, and what it cannot hold, in words."""
    if photo.exif is not None:
        photo = replace(photo, exif=refreshed(photo.exif, photo))
    if mark:
        software, now = _software(), _now()
        photo = replace(photo, xmp=marked_xmp(photo.xmp, software, now))
    photo, left_out = what_fits(photo, name)
    if mark and photo.xmp is None:  # the photo's own is too long
        photo = replace(photo, xmp=marked_xmp(None, software, now))
    try:
        data = _ENCODERS[name](photo)
    except PhotodragError:
        raise
    except Exception as error:  # an encoder may raise anything
        raise OutputError(f"{where}: cannot be written as {name}: {error}; try a .png") from error
    if not left_out:
        return data, None
    return data, f"{name} cannot hold the photo's {', '.join(left_out)}; left out"


def check_saves(photo: Raster, path: str | PathLike[str], format: str | None = None) -> str:  # noqa: A002
    """`Photo.check_saves`; returns the format's name."""
    path = Path(path)
    name = _format_of(path, format)
    check_writable_name(path)
    if path.is_dir():
        raise OutputError(f"{path}: this is a folder; name a file inside it")
    if not path.parent.is_dir():
        raise OutputError(f"{path}: the folder {path.parent} does not exist; make it first")
    _check_fits(photo, str(path), name)
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


def _check_fits(photo: Raster, where: str, name: str) -> None:
    limit = _LONGEST_SIDE.get(name)
    if limit is not None and max(photo.size) > limit:
        raise OutputError(
            f"{where}: {photo.width}x{photo.height} is more than the {limit} pixels a side "
            f"that {name} holds; use .png or .tif"
        )
    if name == "JPEG" and photo.alpha is not None and int(photo.alpha.min()) < _opaque(photo):
        raise OutputError(
            f"{where}: the photo is transparent in places and JPEG holds no transparency; "
            "use .png, .webp or .tif"
        )
    if name == "HEIC" and not can_write_heic():
        raise OutputError(f"{where}: {MISSING}; or use another format")
    if name == "AVIF" and not features.check("avif"):
        raise OutputError(f"{where}: this Pillow cannot write AVIF; use another format")


def _opaque(photo: Raster) -> int:
    return int(2**photo.bit_depth - 1)
