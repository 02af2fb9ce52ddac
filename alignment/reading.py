"""Open a photo file: any common format, nothing of it lost, nothing broken let through."""

from __future__ import annotations

import struct
import warnings
import zlib
from io import BytesIO
from os import PathLike
from pathlib import Path

from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from photodrag.errors import PhotoError, PhotoTooLargeError

from .arrays import owned
from .decoding import decode
from .metadata import read_dpi, read_exif, read_xmp
from .photo import JpegCoding, Photo
from .writing import FORMATS

MAX_PIXELS = 175_000_000
"""Most pixels of a photo, unless asked otherwise; Pillow itself refuses more than 178,956,970."""

_READABLE = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
_MOST_BYTES_PER_PIXEL = 8  # red, green, blue, alpha, 16 bits each, not compressed
_MOST_OTHER_BYTES = 256 * 2**20  # metadata, layers, further frames
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    struct.error,
    zlib.error,
)
"""What Pillow raises for damaged files."""


def open_photo(path: str | PathLike[str], max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a JPEG, PNG, WebP, TIFF, BMP, GIF or AVIF file; of several frames, the first.

    PhotoError, one line: no such file, a folder, empty, not an image, damaged or cut short.
    PhotoTooLargeError, before anything is decoded: more than `max_pixels` pixels.
    CMYK and LAB pixels become sRGB, without a profile. A PhotoWarning says what was left out.
    """
    path = Path(path)
    data = _read(path, max_pixels)
    try:
        # Pillow's remarks on odd metadata are not ours; its size warning is checked here instead
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image = _open(path, data, max_pixels)
            decoded = decode(image, data)
    except _DAMAGE as error:
        raise PhotoError(
            f"{path}: the image is damaged or cut short ({_line(error)}); try another copy of it"
        ) from error
    except MemoryError as error:
        raise PhotoTooLargeError(f"{path}: not enough memory to decode it") from error
    info = image.info
    return Photo(
        pixels=owned(decoded.pixels),
        alpha=None if decoded.alpha is None else owned(decoded.alpha),
        grey=decoded.grey,
        icc_profile=None if decoded.now_srgb else info.get("icc_profile") or None,
        exif=read_exif(image),
        xmp=read_xmp(info),
        dpi=read_dpi(info, decoded.sides_swapped),
        format=_format(image),
        jpeg=_jpeg_coding(image),
        lossy_webp=image.format == "WEBP" and _is_lossy_webp(data),
    )


def _read(path: Path, max_pixels: int) -> bytes:
    if not path.exists():
        raise PhotoError(f"{path}: there is no such file; check the name and the folder")
    if path.is_dir():
        raise PhotoError(f"{path}: this is a folder; name a photo inside it")
    if not path.is_file():
        raise PhotoError(f"{path}: this is not a regular file; save the photo to one first")
    try:
        length = path.stat().st_size
        if length == 0:
            raise PhotoError(f"{path}: the file is empty; try another copy of it")
        if length > max_pixels * _MOST_BYTES_PER_PIXEL + _MOST_OTHER_BYTES:
            raise PhotoTooLargeError(
                f"{path}: the file has {length:,} bytes, more than {max_pixels:,} pixels need; "
                "make it smaller first"
            )
        return path.read_bytes()
    except OSError as error:
        raise PhotoError(f"{path}: cannot be read: {error.strerror or error}") from error


def _open(path: Path, data: bytes, max_pixels: int) -> Image.Image:
    """Read the header, and refuse what is too large before decoding."""
    Image.init()  # registers the formats, so that those this Pillow lacks can be left out
    try:
        image = Image.open(BytesIO(data), formats=[f for f in _READABLE if f in Image.OPEN])
    except UnidentifiedImageError:
        raise PhotoError(
            f"{path}: not an image that can be read; use one of {', '.join(_READABLE)}"
        ) from None
    except Image.DecompressionBombError as error:
        raise PhotoTooLargeError(f"{path}: {_line(error)}; make it smaller first") from error
    width, height = image.size
    if width * height > max_pixels:
        raise PhotoTooLargeError(
            f"{path}: {width}x{height} is {width * height:,} pixels, more than the limit of "
            f"{max_pixels:,}; make it smaller first"
        )
    if width == 0 or height == 0:
        raise PhotoError(f"{path}: {width}x{height} pixels are no picture; try another file")
    return image


def _format(image: Image.Image) -> str:
    name = {"MPO": "JPEG"}.get(image.format or "", image.format or "")
    return name if name in FORMATS else "PNG"


def _jpeg_coding(image: Image.Image) -> JpegCoding | None:
    """None for other files, and for CMYK, whose tables are not made for red, green and blue."""
    if not isinstance(image, JpegImagePlugin.JpegImageFile) or image.mode not in ("L", "RGB"):
        return None
    tables = tuple(tuple(image.quantization[key]) for key in sorted(image.quantization))
    subsampling = JpegImagePlugin.get_sampling(image)
    return JpegCoding(tables, max(subsampling, 0))  # -1 is one that cannot be written: use 4:4:4


def _is_lossy_webp(data: bytes) -> bool:
    """Walk the RIFF chunks to the first picture."""
    place = 12
    while place + 8 <= len(data):
        name, length = (
            data[place : place + 4],
            int.from_bytes(data[place + 4 : place + 8], "little"),
        )
        if name == b"VP8 ":
            return True
        if name == b"VP8L":
            return False
        # an animation's frame holds its picture after 16 bytes of its own
        place += 24 if name == b"ANMF" else 8 + length + length % 2
    return False


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
