"""The 16-bit pixels of a TIFF file in colour, by OpenCV, as Pillow has only 8 bits of them."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, TiffImagePlugin

from .bands import row_slices
from .tiff_head import (
    BITS,
    CHANNELS,
    EXTRA_SAMPLES,
    ORIENTATION,
    PHOTOMETRIC,
    PLANAR,
    SAMPLE_FORMAT,
    read_head,
)
from .two_readers import TWO_PICTURES, UnusualPixelsError

_RGB = 2
_SEPARATE = 2  # planes, one behind the other
_MULTIPLIED = 1  # ExtraSamples: alpha, and the colours are multiplied with it


def is_deep_tiff(image: Image.Image) -> bool:
    """Whether a file, opened by Pillow, is a TIFF of 16-bit colours."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return False
    tags = image.tag_v2
    return (
        max(tags.get(BITS, (1,))) == 16
        and tags.get(PHOTOMETRIC) == _RGB
        and set(tags.get(SAMPLE_FORMAT, (1,))) == {1}  # unsigned
    )


def decode_deep_tiff(image: Image.Image, data: bytes) -> tuple[NDArray[Any], list[int]]:
    """Pixels as stored, (H, W, C) uint16; and which C make red, green, blue (and alpha).

    `image` is the same file in Pillow, already decoded there, so that damage has been reported.
    ValueError where OpenCV sees another picture than Pillow does.
    """
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
    return pixels, order


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
