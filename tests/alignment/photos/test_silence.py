"""What decoders written in C would say in the terminal."""

import io
import logging
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo
from photodrag.errors import PhotoError


def _tiff(compression):
    file = io.BytesIO()
    pixels = np.random.default_rng(1).integers(0, 255, (40, 40, 3), np.uint8)
    Image.fromarray(pixels).save(file, "TIFF", compression=compression)
    return file.getvalue()


def _broken_strip(compression):
    data = bytearray(_tiff(compression))
    with Image.open(io.BytesIO(data)) as image:
        (begin,), (length,) = image.tag_v2[273], image.tag_v2[279]
    middle = begin + length // 2
    data[middle : middle + 60] = bytes(60)
    return bytes(data)


def _broken_png():
    def chunk(name, data):
        total = zlib.crc32(name + data)
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", total)

    head = struct.pack(">IIBBBBB", 9, 9, 16, 2, 0, 0, 0)
    stream = bytearray(zlib.compress((b"\0" + bytes(range(54))) * 9))
    stream[-1] ^= 1  # the stream's own checksum
    parts = chunk(b"IHDR", head) + chunk(b"IDAT", bytes(stream)) + chunk(b"IEND", b"x")
    return b"\x89PNG\r\n\x1a\n" + parts


def _many_channels():
    data = _tiff(None)
    with Image.open(io.BytesIO(data)) as image:
        assert image.tag_v2[277] == 3
    entry = struct.pack("<HHI", 277, 3, 1)
    place = data.index(entry) + len(entry)
    return data[:place] + struct.pack("<H", 256) + data[place + 2 :]


@pytest.mark.parametrize("broken", [_broken_strip("tiff_adobe_deflate"), _broken_strip("tiff_lzw")])
def test_libtiff_says_nothing(capfd, broken):
    with Image.open(io.BytesIO(broken)) as image, pytest.raises(OSError, match="decoder error"):
        image.load()
    capfd.readouterr()  # Pillow alone may have said something
    with pytest.raises(PhotoError, match="damaged or cut short"):
        Photo.from_bytes(broken)
    assert capfd.readouterr() == ("", "")


def test_libpng_says_nothing(capfd):
    with pytest.raises(PhotoError, match="damaged or cut short"):
        Photo.from_bytes(_broken_png())
    assert capfd.readouterr() == ("", "")


def test_pillows_log_goes_where_the_program_has_it_and_not_to_the_terminal(capfd, caplog):
    with caplog.at_level(logging.DEBUG, "PIL"), pytest.raises(PhotoError, match="a TIFF whose"):
        Photo.from_bytes(_many_channels())
    assert "More samples per pixel" in caplog.text
    assert any(isinstance(one, logging.NullHandler) for one in logging.getLogger("PIL").handlers)
    assert capfd.readouterr().err == ""
