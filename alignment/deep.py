"""16-bit PNG and TIFF files: Pillow would cut their colours to 8 bits, so OpenCV decodes them."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from .exif import upright_tiff

_BITS_PER_SAMPLE = 258
_PHOTOMETRIC = 262
_ORIENTATION = 274
_SAMPLE_FORMAT = 339
_RGB = 2


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
        stored = data
    else:
        grey = False
        stored = upright_tiff(data)  # OpenCV would turn some pictures, but not as EXIF means it
    pixels = cv2.imdecode(np.frombuffer(stored, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        raise ValueError("its 16-bit pixels cannot be decoded")
    if sorted(pixels.shape[:2]) != sorted(image.size):
        raise ValueError(f"it holds {image.size} pixels for one reader, {pixels.shape} for another")
    if pixels.ndim == 2:
        return pixels[..., None], [0, 0, 0], True
    return pixels, [2, 1, 0, 3][: pixels.shape[2]], grey


def stored_orientation(image: TiffImagePlugin.TiffImageFile) -> int:
    """The orientation a TIFF file was stored with, before Pillow decodes and turns it."""
    return int(image.tag_v2.get(_ORIENTATION, 1))
