"""From a file opened by Pillow to upright pixels, whatever mode they are stored in.

Pillow needs four bytes for a pixel of three, and its conversions copy the whole picture. So the
picture is taken from it in bands, each to its upright place at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from .bands import Band, row_slices
from .colour import printed_to_srgb
from .deep_png import deep_png_bands, is_deep_png
from .deep_tiff import decode_deep_tiff, is_deep_tiff, is_multiplied, is_planar
from .limits import check_rows, check_sums
from .metadata.blocks import read_orientation
from .tiff_head import BITS, CHANNELS, ORIENTATION, PHOTOMETRIC
from .two_readers import UnusualPixelsError, check_alike

_WHITE_IS_ZERO = 0


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


def decode(image: Image.Image, data: bytes) -> Decoded:
    """Decode the first frame.

    ValueError for pixels that no photo holds (floats, 32-bit integers); whatever Pillow raises
    for damaged ones.
    """
    deep = is_deep_tiff(image)
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
        if image.format == "PNG" and data:
            check_sums(data)
        image.load()  # first: a PNG may hold its EXIF block behind the pixels
        if image.format == "PNG" and data:
            check_rows(image, data)
        stored_as = orientation = read_orientation(image)
    bands: Iterator[Band]
    if deep:
        (stored, order), grey = decode_deep_tiff(image, data), False
        if not is_planar(image):  # whose planes are compared one by one
            check_alike(image, turn_upright(stored, turned), order, is_multiplied(image))
        bands = ((rows, stored[rows][..., order]) for rows in row_slices(len(stored)))
        size, kind, channels = (stored.shape[1], stored.shape[0]), stored.dtype, len(order)
    elif is_deep_png(image, data):
        bands, channels, grey = deep_png_bands(image, data)
        size, kind = image.size, np.dtype(np.uint16)
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


def _pictures(image: Image.Image) -> Iterator[tuple[slice, Image.Image]]:
    for rows in row_slices(image.height):
        yield rows, image.crop((0, rows.start, image.width, rows.stop))


def _deep_grey(image: Image.Image) -> Iterator[Band]:
    """A grey TIFF of more than 8 bits; fewer than 16 are stretched to them."""
    inverted, bits = False, 16
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        inverted = image.tag_v2.get(PHOTOMETRIC) == _WHITE_IS_ZERO
        bits = max(image.tag_v2.get(BITS, (16,)))
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
