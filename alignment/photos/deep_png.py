"""The 16-bit pixels of a PNG file, of which Pillow keeps the upper 8 bits alone.

The file's stream is decoded once more, with the bytes of each sample taken the other way round:
what was the lower half is now the upper one. So there is one decoder, which prints nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .bands import Band, row_slices
from .png_chunks import pixel_stream

_GREY, _GREY_ALPHA = 0, 4  # the header's colour types
_LOWER = {"RGB": "RGB;16L", "RGBA": "RGBA;16L"}


def is_deep_png(image: Image.Image, data: bytes) -> bool:
    """Whether it is a PNG file with 16 bits per channel."""
    return image.format == "PNG" and data[24] == 16  # the header chunk's bit depth


def deep_png_bands(image: Image.Image, data: bytes) -> tuple[Iterator[Band], int, bool]:
    """Bands of pixels as stored, (rows, W, 3 or 4); that 3 or 4; and whether they are grey.

    `image` is the same file in Pillow, decoded. ValueError or what Pillow raises for damage.
    """
    kind, clear = data[25], image.info.get("transparency")
    if kind == _GREY:
        grey_bands = _bands(image, lambda rows: _part(image, rows)[..., None])
        if isinstance(clear, int):
            return _coloured(grey_bands, (clear,)), 4, True
        return _coloured(grey_bands, None), 3, True
    stream = pixel_stream(data)
    interlaced = int(data[28] != 0)
    if kind == _GREY_ALPHA:  # four bytes for each pixel: as if they were four channels
        both = Image.frombytes("RGBA", image.size, stream, "zip", "RGBA", interlaced)
        return _bands(image, lambda rows: _grey_and_alpha(_part(both, rows))), 4, True
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    lower = Image.frombytes(mode, image.size, stream, "zip", _LOWER[mode], interlaced)

    def joined(rows: slice) -> NDArray[np.uint16]:
        return _joined(_part(image, rows), _part(lower, rows))

    colours = _bands(image, joined)
    if mode == "RGB" and isinstance(clear, tuple):
        return _coloured(colours, clear), 4, False
    return colours, len(mode), False


def _bands(image: Image.Image, part: Callable[[slice], NDArray[np.uint16]]) -> Iterator[Band]:
    return ((rows, part(rows)) for rows in row_slices(image.height))


def _part(image: Image.Image, rows: slice) -> NDArray[Any]:
    return np.asarray(image.crop((0, rows.start, image.width, rows.stop)))


def _grey_and_alpha(four: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """Upper and lower byte of grey, and of alpha => grey three times, and alpha."""
    return _joined(four[..., 0::2], four[..., 1::2])[..., [0, 0, 0, 1]]


def _joined(upper: NDArray[np.uint8], lower: NDArray[np.uint8]) -> NDArray[np.uint16]:
    return np.left_shift(upper, 8, dtype=np.uint16) | lower


def _coloured(bands: Iterator[Band], clear: tuple[int, ...] | None) -> Iterator[Band]:
    """Three colours; and alpha, where pixels of one colour are said to be clear."""
    for rows, band in bands:
        colours = np.broadcast_to(band, (*band.shape[:2], 3))
        if clear is None:
            yield rows, colours
        else:
            is_clear = (band == np.asarray(clear)).all(axis=2)
            yield rows, np.dstack([colours, np.where(is_clear, 0, 65535).astype(np.uint16)])
