"""Read a photo file: any common format, nothing of it lost, nothing broken let through."""

from __future__ import annotations

import stat
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from io import BytesIO
from pathlib import Path

from PIL import Image, JpegImagePlugin, UnidentifiedImageError

from photodrag.errors import PhotodragError, PhotoError, PhotoTooLargeError
from photodrag.files import reason_of

from .arrays import owned
from .avif_boxes import check_avif_sizes
from .cicp import Cicp, cicp_of_boxes, cicp_of_png, profile_of
from .coding import avif_coding, is_lossy_webp, jpeg_coding
from .decoding import Decoded, decode
from .formats.heif import MISSING, decode_heif, is_heic, open_heif
from .jpeg_end import with_end
from .jpeg_parts import jpeg_parts, video_behind
from .left_out import notes_of_boxes, notes_of_jpeg, notes_of_others
from .limits import MOST_FRAMES, check_density, check_scans, count_frames
from .metadata.blocks import check_info, read_dpi, read_exif, read_texts, read_xmp, upright_block
from .metadata.iptc import read_iptc
from .metadata.xmp import made_true
from .png_colours import profile_of_info, profile_of_png
from .raster import FORMATS, Raster
from .refusals import refusal_of_raw, refusal_of_unknown
from .silence import silence_decoders
from .two_readers import UnusualPixelsError

MAX_PIXELS = 175_000_000
"""Most pixels of a photo, unless asked otherwise; Pillow itself refuses more than 178,956,970."""
_READABLE = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "BMP", "GIF", "AVIF")
_MOST_BYTES_PER_PIXEL = 8  # red, green, blue, alpha, 16 bits each, not compressed
_MOST_OTHER_BYTES = 256 * 2**20  # metadata, layers, further frames


def read_raster(
    data: bytes, name: str, max_pixels: int = MAX_PIXELS
) -> tuple[Raster, tuple[str, ...]]:
    """A whole file's photo, and what of it was converted or left out; `name` is for messages.

    PhotoError and PhotoTooLargeError as `open_photo` has them.
    """
    notes: list[str] = []
    silence_decoders()
    try:
        # Pillow's remarks on odd metadata are not ours; its size warning is checked here instead
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            if is_heic(data):
                raster = _from_heic(name, data, max_pixels, notes)
            else:
                raster = _from_pillow(name, data, max_pixels, notes)
    except PhotodragError:
        raise
    except UnusualPixelsError as error:
        raise PhotoError(f"{name}: {_line(error)}") from error
    except MemoryError as error:
        raise PhotoTooLargeError(f"{name}: not enough memory to decode it") from error
    except Exception as error:  # a decoder may raise anything for what a stranger made
        raise PhotoError(
            f"{name}: the image is damaged or cut short ({_line(error)}); try another copy of it"
        ) from error
    return raster, tuple(notes)


def raster_of_image(
    image: Image.Image, max_pixels: int = MAX_PIXELS
) -> tuple[Raster, tuple[str, ...]]:
    """The same of an image that Pillow holds; one that was opened from a file keeps its metadata.

    What was not in the image's own `info`, such as a JPEG's coding, is not known.
    """
    name = "the image"
    _check_size(name, image.size, max_pixels)
    notes: list[str] = []
    silence_decoders()
    try:
        # A copy is no longer a file: Pillow's decoder has turned its pixels into what they are.
        raster = _raster(image.copy(), b"", notes)
    except Exception as error:  # a decoder may raise anything
        raise PhotoError(f"{name} cannot be used ({_line(error)}); convert it to RGB") from error
    return replace(raster, format=_format(image)), tuple(notes)


def read_file(path: Path, max_pixels: int = MAX_PIXELS) -> bytes:
    """The bytes of a regular file that may hold a photo; PhotoError for anything else."""
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise PhotoError(f"{path}: this is a folder; name a photo inside it")
        if not stat.S_ISREG(status.st_mode):
            raise PhotoError(f"{path}: this is not a regular file; save the photo to one first")
        length = status.st_size
        if length == 0:
            raise PhotoError(f"{path}: the file is empty; try another copy of it")
        if length > max_pixels * _MOST_BYTES_PER_PIXEL + _MOST_OTHER_BYTES:
            raise PhotoTooLargeError(
                f"{path}: the file has {length:,} bytes, more than {max_pixels:,} pixels need; "
                "make it smaller first"
            )
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise PhotoError(f"{path}: there is no such file; check the name and the folder") from error
    except (OSError, ValueError) as error:
        raise PhotoError(f"{path}: cannot be read: {reason_of(error)}") from error


def _from_pillow(name: str, data: bytes, max_pixels: int, notes: list[str]) -> Raster:
    if refusal := refusal_of_raw(data, name):
        raise PhotoError(f"{name}: {refusal}")
    image = _open(name, data, max_pixels)
    parts = jpeg_parts(data) if isinstance(image, JpegImagePlugin.JpegImageFile) else None
    video = None
    if parts is not None and parts.end is not None:
        video = video_behind(data, parts.end)
    elif parts is not None and (ended := with_end(data)) is not None:
        notes.append("the file lacks the bytes that end a JPEG; its picture is whole")
        data = ended
        image = _open(name, data, max_pixels)
    raster = _raster(image, data, notes, video)
    if parts is not None:
        notes += notes_of_jpeg(parts, image.info.get("xmp"))
    _note_the_rest(image, data, notes)
    return raster


def _raster(
    image: Image.Image, data: bytes, notes: list[str], video: bytes | None = None
) -> Raster:
    notes += check_info(image.info)
    decoded = decode(image, data)
    notes += (*decoded.notes, *check_info(image.info))  # some stands behind the pixels
    info = image.info
    exif = _noted_exif(lambda: read_exif(image, _size(decoded)), notes)
    xmp = read_xmp(info)
    if xmp is not None:
        swapped = decoded.sides_swapped
        xmp = made_true(xmp, with_video=video is not None, sides_swapped=swapped)
    chroma, depth = avif_coding(data) if image.format == "AVIF" else (None, 8)
    if depth > 8:
        notes.append(f"the photo has {depth} bits per channel; they are read as 8")
    told = None
    if not info.get("icc_profile"):
        cicp = _cicp(image, data)
        told = _profile(cicp, notes)
        if cicp is None and image.format == "PNG":
            told = profile_of_png(data, decoded.grey)
        elif not data:  # a copy in memory, of which Pillow knows no format any more
            told = profile_of_info(info, decoded.grey)
    return Raster(
        pixels=owned(decoded.pixels),
        alpha=None if decoded.alpha is None else owned(decoded.alpha),
        grey=decoded.grey,
        icc_profile=None if decoded.now_srgb else info.get("icc_profile") or told,
        exif=exif,
        xmp=xmp,
        iptc=read_iptc(image, data),
        dpi=read_dpi(info, exif, decoded.sides_swapped),
        texts=read_texts(image),
        format=_format(image),
        jpeg=jpeg_coding(image),
        lossy_webp=image.format == "WEBP" and is_lossy_webp(data),
        chroma=chroma,
        video=video,
    )


def _from_heic(name: str, data: bytes, max_pixels: int, notes: list[str]) -> Raster:
    try:
        picture = open_heif(data)
    except ModuleNotFoundError:
        raise PhotoError(f"{name}: {MISSING}") from None
    _check_size(name, picture.size, max_pixels)
    check_density(name, picture.size, len(data))
    decoded = decode_heif(picture)
    info = picture.info
    notes += check_info(info)
    exif = _noted_exif(lambda: upright_block(info.get("exif"), _size(decoded)), notes)
    if picture.others:
        notes.append(
            f"the file's other pictures ({picture.others}: views, depth, HDR gain map) are left out"
        )
    notes += notes_of_boxes(data)
    xmp = read_xmp(info)
    nclx = info.get("nclx_profile")
    cicp = Cicp(nclx["color_primaries"], nclx["transfer_characteristics"]) if nclx else None
    return Raster(
        pixels=owned(decoded.pixels),
        alpha=None if decoded.alpha is None else owned(decoded.alpha),
        grey=decoded.grey,
        icc_profile=info.get("icc_profile") or _profile(cicp, notes),
        exif=exif,
        xmp=None if xmp is None else made_true(xmp, with_video=False, sides_swapped=False),
        dpi=read_dpi(info, exif, sides_swapped=False),
        format="HEIC",
        chroma=":".join(str(info["chroma"])) if "chroma" in info else None,
    )


def _open(name: str, data: bytes, max_pixels: int) -> Image.Image:
    """Read the header, and refuse what is too large before decoding."""
    try:
        image = _identified(data)
    except UnidentifiedImageError:
        readable = f"{', '.join(_READABLE)}, HEIC"
        raise PhotoError(f"{name}: {refusal_of_unknown(data, readable)}") from None
    except Image.DecompressionBombError as error:
        raise PhotoTooLargeError(f"{name}: {_line(error)}; make it smaller first") from error
    _check_size(name, image.size, max_pixels)
    check_density(name, image.size, len(data))
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        check_scans(data)
    if image.format == "AVIF":
        check_avif_sizes(data)
    return image


def _identified(data: bytes) -> Image.Image:
    """By the formats that are at hand at once; by all that this Pillow has where those fail."""
    for register in (Image.preinit, Image.init):
        register()
        with suppress(UnidentifiedImageError):
            return Image.open(BytesIO(data), formats=[f for f in _READABLE if f in Image.OPEN])
    raise UnidentifiedImageError


def _check_size(name: str, size: tuple[int, int], max_pixels: int) -> None:
    width, height = size
    if width * height > max_pixels:
        raise PhotoTooLargeError(
            f"{name}: {width}x{height} is {width * height:,} pixels, more than the limit of "
            f"{max_pixels:,}; make it smaller first"
        )
    if width == 0 or height == 0:
        raise PhotoError(f"{name}: {width}x{height} pixels are no picture; try another file")


def _size(decoded: Decoded) -> tuple[int, int]:
    return decoded.pixels.shape[1], decoded.pixels.shape[0]


def _noted_exif(read: Callable[[], bytes | None], notes: list[str]) -> bytes | None:
    try:
        return read()
    except ValueError as error:
        notes.append(f"the photo's EXIF data is damaged and left out: {_line(error)}")
        return None


def _cicp(image: Image.Image, data: bytes) -> Cicp | None:
    if image.format == "PNG":
        return cicp_of_png(data)
    return cicp_of_boxes(data) if image.format == "AVIF" else None


def _profile(cicp: Cicp | None, notes: list[str]) -> bytes | None:
    """For colours told by numbers; adds to the notes where they reach beyond white."""
    if cicp is None:
        return None
    if cicp.hdr is not None:
        notes.append(f"the photo is HDR ({cicp.hdr}); its colours are taken for sRGB")
    return profile_of(cicp)


def _note_the_rest(image: Image.Image, data: bytes, notes: list[str]) -> None:
    """Say what else the file holds that a photo does not."""
    notes += notes_of_others(image, data)
    if isinstance(image, JpegImagePlugin.JpegImageFile):
        return  # what it lists besides the first picture is told already
    try:
        frames = count_frames(image)  # last: it goes through the file
    except Exception:  # damage behind the first picture is no matter
        frames = 1
    if frames > 1:
        count = f"more than {MOST_FRAMES}" if frames > MOST_FRAMES else str(frames)
        notes.append(f"the file holds {count} pictures; only the first is read")


def _format(image: Image.Image) -> str:
    name = {"MPO": "JPEG"}.get(image.format or "", image.format or "")
    return name if name in FORMATS else "PNG"


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
