"""From a file opened by Pillow to upright pixels, whatever mode they are stored in.

Pillow needs four bytes for a pixel of three, and its conversions copy the whole picture. So the
picture is taken from it in bands, each to its upright place at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from .colour import printed_to_srgb
from .limits import check_rows
from .metadata.blocks import read_orientation
from .png_chunks import without_animation
from .tiff_head import CHANNELS, EXTRA_SAMPLES, ORIENTATION, PLANAR, read_head
from .two_readers import TWO_PICTURES, UnusualPixelsError, check_alike

_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0
_ROWS_AT_ONCE = 256
_BITS_PER_SAMPLE = 258
_SAMPLE_FORMAT = 339
_RGB = 2
_SEPARATE = 2  # planes, one behind the other
_MULTIPLIED = 1  # ExtraSamples: alpha, and the colours are multiplied with it


class Decoded(NamedTuple):
    """Upright pixels (H, W, 3), alpha (H, W) or None, and what became of the colours."""

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None
    grey: bool
    notes: tuple[str, ...] = ()
    """What a user should know of the colours."""
    now_srgb: bool = False
    """The pixels were CMYK or LAB and are sRGB now, whatever profile the file holds."""
    sides_swapped: bool = False
    """The picture was stored lying on its side."""


Band = tuple[slice, NDArray[Any]]
"""Rows of a picture as stored, and their pixels, (rows, W, 3 or 4)."""


def decode(image: Image.Image, data: bytes) -> Decoded:
    """Decode the first frame.

    ValueError for pixels that no photo holds (floats, 32-bit integers); whatever Pillow raises
    for damaged ones.
    """
    deep = is_deep(image, data)
    notes: list[str] = []
    turned = 1  # how Pillow finds the picture lying, and turns it itself
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        stored_as = stored_orientation(image)
        turned = int(image.getexif().get(ORIENTATION, 1))
        image.load()
        left_out = int(image.tag_v2.get(CHANNELS, 1)) - len(image.getbands())
        if left_out > 0:
            notes.append(f"channels of the file that are no transparency are left out: {left_out}")
        orientation = stored_as if deep or turned == 1 else 1
    else:
        image.load()  # first: a PNG may hold its EXIF block behind the pixels
        if image.format == "PNG" and data:
            check_rows(image, data)
        stored_as = orientation = read_orientation(image)
    bands: Iterator[Band]
    if deep:
        stored, order, grey = decode_deep(image, data)
        if not is_planar(image):  # whose planes are compared one by one
            check_alike(image, turn_upright(stored, turned), order, is_multiplied(image))
        bands = ((rows, stored[rows][..., order]) for rows in row_slices(len(stored)))
        size, kind, channels = (stored.shape[1], stored.shape[0]), stored.dtype, len(order)
    elif image.mode.startswith("I;16"):
        bands, size = _deep_grey(image), image.size
        kind, channels, grey = np.dtype(np.uint16), 3, True
    else:
        bands, channels = _eight_bit(image, notes)
        size, kind, grey = image.size, np.dtype(np.uint8), image.mode in ("1", "L", "LA", "La")
    pixels, alpha = upright(bands, size, orientation, kind, has_alpha=channels == 4)
    now_srgb = image.mode in ("CMYK", "LAB")
    return Decoded(pixels, alpha, grey, tuple(notes), now_srgb, stored_as >= 5)


def upright(
    bands: Iterator[Band],
    size: tuple[int, int],
    orientation: int,
    kind: np.dtype[Any],
    *,
    has_alpha: bool,
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Bands of a picture stored as (width, height) => upright pixels (H, W, 3) and alpha (H, W)."""
    shape = (size[0], size[1]) if orientation >= 5 else (size[1], size[0])
    pixels = np.empty((*shape, 3), kind)
    alpha = np.empty(shape, kind) if has_alpha else None
    # views of the upright arrays that lie as the file does
    stored_pixels = lying(pixels, orientation)
    stored_alpha = None if alpha is None else lying(alpha, orientation)
    for rows, band in bands:
        stored_pixels[rows] = band[..., :3]
        if stored_alpha is not None:
            stored_alpha[rows] = band[..., 3]
    return pixels, alpha


def row_slices(height: int) -> Iterator[slice]:
    """The rows of a picture, a band at a time."""
    for top in range(0, height, _ROWS_AT_ONCE):
        yield slice(top, min(top + _ROWS_AT_ONCE, height))


def _pictures(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    for rows in row_slices(image.height):
        yield rows, image.crop((0, rows.start, image.width, rows.stop))


def _deep_grey(image: Image.Image) -> Iterator[Band]:
    """A grey TIFF of more than 8 bits; fewer than 16 are stretched to them."""
    inverted, bits = False, 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        inverted = image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
        bits = max(image.tag_v2.get(_BITS_PER_SAMPLE, (16,)))
    for rows, picture in _pictures(image):
        grey = np.asarray(picture).astype(np.uint16)
        if bits < 16:
            full = (1 << bits) - 1
            grey = ((grey.astype(np.uint32) * 65535 + full // 2) // full).astype(np.uint16)
        yield rows, np.repeat((65535 - grey if inverted else grey)[..., None], 3, axis=2)


def _eight_bit(image: Image.Image, notes: list[str]) -> tuple[Iterator[Band], int]:
    """The bands, and how many channels they have; adds to the notes."""
    if image.mode in ("F", "I"):
        raise UnusualPixelsError(
            f"its pixels are {'floats' if image.mode == 'F' else '32-bit integers'}; "
            "save it with 8 or 16 bits per channel"
        )
    transparent = image.has_transparency_data or image.mode in ("La", "RGBa")
    mode = "RGBA" if transparent else "RGB"
    if image.mode not in ("CMYK", "LAB"):
        return _converted(image, mode), len(mode)
    to_srgb, usable = printed_to_srgb(image.mode, image.info.get("icc_profile"))
    notes.append(f"the photo's colours are {image.mode}; they are converted to sRGB")
    if not usable:
        notes.append("the photo's ICC profile cannot be used to convert them")
    return ((rows, np.asarray(to_srgb(part))) for rows, part in _pictures(image)), len("RGB")


def _converted(image: Image.Image, mode: str) -> Iterator[Band]:
    # colours multiplied with alpha: Pillow divides them again
    between = {"La": "LA", "RGBa": "RGBA"}.get(image.mode)
    for rows, picture in _pictures(image):
        part = picture if between is None else picture.convert(between)
        yield rows, np.asarray(part if part.mode == mode else part.convert(mode))


def is_deep(image: Image.Image, data: bytes) -> bool:
    """Whether a file, opened by Pillow from these bytes, is a 16-bit PNG or a 16-bit RGB TIFF."""
    if image.format == "PNG":
        return data[24] == 16  # the header chunk's bit depth
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        tags = image.tag_v2
        return (
            max(tags.get(_BITS_PER_SAMPLE, (1,))) == 16
            and tags.get(_PHOTOMETRIC) == _RGB
            and set(tags.get(_SAMPLE_FORMAT, (1,))) == {1}  # unsigned
        )
    return False


def decode_deep(image: Image.Image, data: bytes) -> tuple[NDArray[Any], list[int], bool]:
    """Pixels as stored, (H, W, C) uint16; which C make red, green, blue (and alpha); is it grey.

    `image` is the same file in Pillow, already decoded there, so that damage has been reported.
    ValueError where OpenCV sees another picture than Pillow does.
    """
    if image.format == "PNG":
        grey = data[25] in (0, 4)  # the header chunk's colour type: grey, grey with alpha
        pixels = _by_opencv(without_animation(data), image.size)
        if pixels.ndim == 2:
            pixels = pixels[..., None]
            clear = image.info.get("transparency")
            if not isinstance(clear, int):
                return pixels, [0, 0, 0], True
            alpha = np.where(pixels == clear, 0, 65535).astype(np.uint16)
            return np.concatenate([pixels, alpha], axis=2), [0, 0, 0, 1], True
        return pixels, [2, 1, 0, 3][: pixels.shape[2]], grey
    head = read_head(data)
    if head is None:
        raise ValueError("its first directory is damaged")
    if is_planar(image):
        count = min(head.number(CHANNELS, 3), 4)
        planes = [_plane(head.plane(index), image.size) for index in range(count)]
        pixels, order = np.dstack(planes), [0, 1, 2, 3][: len(planes)]
    else:  # OpenCV would turn some pictures, but not as EXIF means it
        pixels = _by_opencv(head.with_number(ORIENTATION, 1), image.size)
        if pixels.ndim == 2:
            raise ValueError("its 16-bit colours cannot be decoded")
        order = [2, 1, 0, 3][: pixels.shape[2]]
    if image.mode == "RGB":
        order = order[:3]  # a channel that is not said to be alpha: `decode` notes it
    elif is_multiplied(image):
        _divide(pixels, order)
    return pixels, order, False


def is_planar(image: Image.Image) -> bool:
    """Whether a TIFF holds its colours one behind the other."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    return bool(image.tag_v2.get(PLANAR, 1) == _SEPARATE)


def is_multiplied(image: Image.Image) -> bool:
    """Whether a TIFF says that its colours are multiplied with alpha."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    extra = image.tag_v2.get(EXTRA_SAMPLES, ())
    return tuple(extra)[:1] == (_MULTIPLIED,)


def _by_opencv(file: bytes, size: tuple[int, int]) -> NDArray[np.uint16]:
    pixels = cv2.imdecode(np.frombuffer(file, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its 16-bit pixels cannot be decoded")
    if sorted(pixels.shape[:2]) != sorted(size):
        raise ValueError(f"it holds {size} pixels for one reader, {pixels.shape} for another")
    return np.asarray(pixels, np.uint16)


def _plane(file: bytes, size: tuple[int, int]) -> NDArray[np.uint16]:
    """One plane. Pillow misreads files of several, but not files of one."""
    pixels = _by_opencv(file, size)
    with Image.open(BytesIO(file), formats=["TIFF"]) as image:
        if not np.array_equal(np.asarray(image), pixels):
            raise UnusualPixelsError(TWO_PICTURES)
    return pixels


def _divide(pixels: NDArray[np.uint16], order: list[int]) -> None:
    """Colours multiplied with alpha become what they were; those of no alpha stay."""
    for rows in row_slices(len(pixels)):
        band = pixels[rows].astype(np.uint64)
        alpha = np.where(band[..., order[3]] == 0, 65535, band[..., order[3]])
        for channel in order[:3]:
            whole = (band[..., channel] * 65535 + alpha // 2) // alpha
            pixels[rows, :, channel] = np.minimum(whole, 65535)


def stored_orientation(image: TiffImagePlugin.TiffImageFile) -> int:
    """The orientation a TIFF file was stored with, before Pillow decodes and turns it.

    Its own tag's, or else XMP's.
    """
    told = image.tag_v2.get(ORIENTATION)
    return read_orientation(image) if told is None else int(told)


def turn_upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Pixels as stored, (H, W) or (H, W, C) => as meant to be seen; a view where possible.

    `orientation` is EXIF's: 1 is upright, 2 to 4 keep the size, 5 to 8 swap width and height.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = np.flip(pixels, 0)
    if orientation in (2, 3, 6, 7):
        pixels = np.flip(pixels, 1)
    return pixels


def lying(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of upright pixels as they lie in a file of that orientation: the way back."""
    return turn_upright(upright, {6: 8, 8: 6}.get(orientation, orientation))
