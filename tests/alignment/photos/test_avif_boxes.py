"""AVIF files whose boxes say another size than their pictures have."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo
from photodrag.alignment.photos.av1_size import av1_size
from photodrag.alignment.photos.avif_boxes import boxes, check_avif_sizes
from photodrag.errors import PhotoError


def _avif(mode="RGB", size=(61, 47), frames=1):
    colours = np.random.default_rng(2).integers(0, 255, (*size[::-1], 4), np.uint8)
    file = io.BytesIO()
    picture = Image.fromarray(colours, "RGBA").convert(mode)
    more = [picture.rotate(180)] * (frames - 1)
    picture.save(file, "AVIF", save_all=frames > 1, append_images=more)
    return file.getvalue()


def _resized(data, name, width, height, skip):
    place = data.index(name) + skip
    return data[:place] + struct.pack(">II", width, height) + data[place + 8 :]


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
@pytest.mark.parametrize("size", [(1, 1), (61, 47), (300, 9)])
def test_sizes_that_agree_are_read(mode, size):
    assert Photo.from_bytes(_avif(mode, size)).size == size


@pytest.mark.parametrize("frames", [1, 2])
def test_a_size_that_its_picture_does_not_have_is_refused(frames):
    data = _resized(_avif(frames=frames), b"ispe", 6000, 6000, 8)
    with pytest.raises(PhotoError, match="6000x6000 pixels of a picture that has 61x47"):
        Photo.from_bytes(data)


def test_the_size_of_a_track_is_looked_at():
    data = _avif(frames=3)
    check_avif_sizes(data)
    head = data.index(b"tkhd")
    length = int.from_bytes(data[head - 4 : head], "big")
    bad = _resized(data, b"tkhd", 5000 << 16, 4000 << 16, length - 12)
    with pytest.raises(ValueError, match="5000x4000 pixels of a picture that has 61x47"):
        check_avif_sizes(bad)


def test_the_long_header_of_a_film_is_read():
    # AV1, 5.5.1, bit by bit: with times, a model of the decoder, delays, two operating points
    bits = "00000"  # profile 0, neither a still picture nor its short header
    bits += "1" + f"{1:032b}{25:032b}" + "1" + "00101"  # times; as many ticks: uvlc of 4
    bits += "1" + f"{9:05b}{1:032b}{3:05b}{4:05b}"  # a model: 10 bits for delays
    bits += "1" + f"{1:05b}"  # delays of display; two points
    bits += f"{0:012b}" + f"{8:05b}" + "1" + "1" + "1" * 21 + "1" + "0101"
    bits += f"{1:012b}" + f"{3:05b}" + "0" + "0"
    bits += f"{10:04b}{9:04b}" + f"{1919:011b}{1079 - 512:010b}"
    bits += "0" * (-len(bits) % 8)
    header = int(bits, 2).to_bytes(len(bits) // 8, "big")
    stream = b"\x12\x00" + b"\x0a" + bytes([len(header)]) + header
    assert av1_size(stream) == (1920, 568)
    assert av1_size(b"\x12\x00" * 40) is None
    assert av1_size(b"") is None
    assert av1_size(stream[:-9]) is None


def test_a_file_cut_anywhere_is_no_trouble():
    data = _avif("RGBA", frames=2)
    for end in range(0, len(data), 3):
        check_avif_sizes(data[:end])


def test_boxes_end_where_one_says_more_than_there_is():
    data = struct.pack(">I4s", 9, b"abcd") + b"x" + struct.pack(">I4s", 90, b"efgh")
    assert [box.name for box in boxes(data, 0, len(data))] == [b"abcd"]
