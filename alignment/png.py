"""Write PNG files: 8 and 16 bits, grey or colour, with alpha and metadata, losing nothing."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .channels import file_channels
from .exif import PREFIX

if TYPE_CHECKING:
    from .photo import Photo

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_COLOUR_TYPE = {1: 0, 2: 4, 3: 2, 4: 6}  # channels => grey, grey + alpha, RGB, RGB + alpha
_METRES_PER_INCH = 0.0254
_ROWS_AT_ONCE = 256
_UP, _PAETH = 2, 4
_COMPRESSION = 6


def encode_png(photo: Photo) -> bytes:
    """The whole file. Chunks follow the PNG specification, third edition."""
    samples = file_channels(photo)
    height, width, channels = samples.shape
    parts = [_SIGNATURE]
    header = (width, height, photo.bit_depth, _COLOUR_TYPE[channels], 0, 0, 0)
    parts += _chunk(b"IHDR", struct.pack(">IIBBBBB", *header))
    parts += _metadata(photo)
    compressor = zlib.compressobj(_COMPRESSION)
    for rows in _filtered(samples):
        if data := compressor.compress(rows):
            parts += _chunk(b"IDAT", data)
    parts += _chunk(b"IDAT", compressor.flush())
    parts += _chunk(b"IEND", b"")
    return b"".join(parts)


def _chunk(name: bytes, data: bytes) -> list[bytes]:
    check = zlib.crc32(data, zlib.crc32(name))
    return [struct.pack(">I", len(data)), name, data, struct.pack(">I", check)]


def _metadata(photo: Photo) -> list[bytes]:
    parts: list[bytes] = []
    if photo.icc_profile is not None:
        parts += _chunk(b"iCCP", b"ICC profile\0\0" + zlib.compress(photo.icc_profile))
    if photo.dpi is not None:
        x, y = (round(value / _METRES_PER_INCH) for value in photo.dpi)
        parts += _chunk(b"pHYs", struct.pack(">IIB", x, y, 1))
    if photo.exif is not None:
        parts += _chunk(b"eXIf", photo.exif.removeprefix(PREFIX))
    if photo.xmp is not None:
        parts += _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + photo.xmp)
    return parts


def _filtered(samples: NDArray[Any]) -> Iterator[bytes]:
    """Bands of rows, each row with its filter's number in front.

    Of the filters Up and Paeth each row takes the one with the smaller sum of differences; on
    photos the others win next to nothing.
    """
    height, _, channels = samples.shape
    step = channels * samples.dtype.itemsize  # bytes from a pixel to its left neighbour
    above = np.zeros((1, samples.shape[1] * step), np.uint8)
    for top in range(0, height, _ROWS_AT_ONCE):
        band = samples[top : top + _ROWS_AT_ONCE]
        rows = band.astype(band.dtype.newbyteorder(">")).view(np.uint8).reshape(len(band), -1)
        upper = np.concatenate([above, rows[:-1]])
        above = rows[-1:]
        up = rows - upper
        paeth = rows - _paeth(rows, upper, step)
        take_up = _cost(up) < _cost(paeth)
        number = np.where(take_up, _UP, _PAETH).astype(np.uint8)[:, None]
        yield np.hstack([number, np.where(take_up[:, None], up, paeth)]).tobytes()


def _cost(differences: NDArray[np.uint8]) -> NDArray[np.int64]:
    signed = differences.view(np.int8).astype(np.int16)
    return np.asarray(np.abs(signed).sum(axis=1, dtype=np.int64))


def _paeth(rows: NDArray[np.uint8], upper: NDArray[np.uint8], step: int) -> NDArray[np.uint8]:
    """Of left a, above b and upper left c, the one nearest to a + b - c; ties in this order."""
    a = np.zeros(rows.shape, np.int16)
    c = np.zeros(rows.shape, np.int16)
    a[:, step:] = rows[:, :-step]
    c[:, step:] = upper[:, :-step]
    b = upper.astype(np.int16)
    to_a, to_b, to_c = np.abs(b - c), np.abs(a - c), np.abs(a + b - 2 * c)
    nearest = np.where(to_b <= to_c, b, c)
    return np.where((to_a <= to_b) & (to_a <= to_c), a, nearest).astype(np.uint8)
