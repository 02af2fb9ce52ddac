"""PNG files with 16 bits per channel: each kind, each bit."""

import struct
import zlib

import numpy as np
import pytest

from photodrag.alignment import Photo
from photodrag.errors import PhotoError

_CHANNELS = {0: 1, 2: 3, 4: 2, 6: 4}
_ADAM7 = (*((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4)),)
_ADAM7 += ((1, 0, 2, 2), (0, 1, 1, 2))


def _chunk(name, data, wrong=0):
    total = zlib.crc32(name + data) ^ wrong
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", total)


def _rows(pixels):
    return b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels if row.size)


def _png(pixels, kind, *chunks, interlaced=False, wrong=0):
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    rows = b"".join(_rows(pixels[y::down, x::across]) for x, y, across, down in passes)
    stream = zlib.compress(rows)
    head = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, kind, 0, 0, interlaced)
    parts = [_chunk(b"IHDR", head), *chunks]
    parts += [_chunk(b"IDAT", stream[:40]), _chunk(b"IDAT", stream[40:], wrong)]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, _chunk(b"IEND", b"")])


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("kind", _CHANNELS)
def test_all_16_bits_are_read(noise, kind, interlaced):
    stored = noise("uint16", 300, 23, _CHANNELS[kind])
    photo = Photo.from_bytes(_png(stored, kind, interlaced=interlaced))
    colours = 1 if kind in (0, 4) else 3
    expected = np.broadcast_to(stored[..., :colours], (300, 23, 3))
    np.testing.assert_array_equal(photo.pixels, expected)
    assert photo.grey == (colours == 1)
    if kind in (4, 6):
        np.testing.assert_array_equal(photo.alpha, stored[..., -1])
    else:
        assert photo.alpha is None


@pytest.mark.parametrize("kind", [0, 2])
def test_a_colour_that_is_said_to_be_clear_is(noise, kind):
    stored = noise("uint16", 9, 11, _CHANNELS[kind])
    clear = b"tRNS", stored[4, 5].astype(">u2").tobytes()
    photo = Photo.from_bytes(_png(stored, kind, _chunk(*clear)))
    expected = np.where((stored == stored[4, 5]).all(axis=2), 0, 65535)
    np.testing.assert_array_equal(photo.alpha, expected)
    assert photo.alpha[4, 5] == 0
    np.testing.assert_array_equal(photo.pixels, np.broadcast_to(stored, (9, 11, 3)))


def test_pixels_with_a_wrong_checksum_are_refused(noise):
    with pytest.raises(PhotoError, match="the checksum of its pixels is wrong"):
        Photo.from_bytes(_png(noise("uint16", 9, 11, 3), 2, wrong=1))
