"""From a file's bytes, opened by Pillow, to upright pixels, whatever mode they are stored in."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from .colour import printed_to_srgb
from .deep import decode_deep, is_deep, stored_orientation
from .metadata import read_orientation
from .orientation import turn_upright

_PHOTOMETRIC = 262
_WHITE_IS_ZERO = 0


class Decoded(NamedTuple):
    """Upright pixels (H, W, 3), alpha (H, W) or None, and what became of the colours."""

    pixels: NDArray[Any]
    alpha: NDArray[Any] | None
    grey: bool
    now_srgb: bool
    """The pixels were CMYK or LAB and are sRGB now, whatever profile the file holds."""
    sides_swapped: bool
    """The picture was stored lying on its side."""


def decode(image: Image.Image, data: bytes) -> Decoded:
    """Decode the first frame.

    ValueError for pixels that no photo holds (floats, 32-bit integers); whatever Pillow raises
    for damaged ones.
    """
    deep = is_deep(image, data)
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        orientation = stored_orientation(image)
        image.load()
        turned_already = not deep  # Pillow turns TIFF pictures itself while decoding
    else:
        image.load()  # first: a PNG may hold its EXIF block behind the pixels
        orientation = read_orientation(image)
        turned_already = False
    now_srgb = image.mode in ("CMYK", "LAB")
    if deep:
        stored, grey = decode_deep(image, data)
    elif image.mode.startswith("I;16"):
        stored, grey = _deep_grey(image), True
    else:
        stored, grey = _eight_bit(image)
    upright = stored if turned_already else turn_upright(stored, orientation)
    alpha = np.ascontiguousarray(upright[..., 3]) if upright.shape[2] == 4 else None
    pixels = np.ascontiguousarray(upright[..., :3])
    return Decoded(pixels, alpha, grey, now_srgb, sides_swapped=orientation >= 5)


def _deep_grey(image: Image.Image) -> NDArray[np.uint16]:
    """(H, W, 3): a 16-bit grey TIFF."""
    grey = np.asarray(image).astype(np.uint16)
    if (
        isinstance(image, TiffImagePlugin.TiffImageFile)
        and image.tag_v2.get(_PHOTOMETRIC) == _WHITE_IS_ZERO
    ):
        grey = 65535 - grey
    return np.repeat(grey[..., None], 3, axis=2)


def _eight_bit(image: Image.Image) -> tuple[NDArray[np.uint8], bool]:
    """(H, W, 3 or 4), and whether the file is grey."""
    if image.mode in ("F", "I"):
        raise ValueError(
            f"its pixels are {'floats' if image.mode == 'F' else '32-bit integers'}; "
            "save it with 8 or 16 bits per channel"
        )
    grey = image.mode in ("1", "L", "LA", "La")
    transparent = image.has_transparency_data or image.mode in ("La", "RGBa")
    if image.mode in ("CMYK", "LAB"):
        image = printed_to_srgb(image, image.info.get("icc_profile"))
    if image.mode in ("La", "RGBa"):  # colours multiplied with alpha: Pillow divides them again
        image = image.convert({"La": "LA", "RGBa": "RGBA"}[image.mode])
    return np.asarray(image.convert("RGBA" if transparent else "RGB")), grey
