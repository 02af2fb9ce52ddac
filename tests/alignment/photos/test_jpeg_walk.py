"""The markers of JPEG files, whole and broken."""

import io

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment.photos.jpeg_end import with_end
from photodrag.alignment.photos.jpeg_parts import jpeg_parts, jpeg_precision
from photodrag.alignment.photos.jpeg_walk import END, FRAMES, SCAN, segments


def _jpeg(**options):
    pixels = np.random.default_rng(3).integers(0, 255, (64, 80, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", **options)
    return file.getvalue()


def _of(data, start=0):
    return [one.marker for one in segments(data, start)]


def test_each_marker_is_found_once():
    markers = _of(_jpeg())
    assert markers == [0xE0, 0xDB, 0xDB, 0xC0, 0xC4, 0xC4, 0xC4, 0xC4, SCAN, END]


def test_places_are_those_of_the_file():
    data = _jpeg(comment=b"words")
    comment = next(one for one in segments(data) if one.marker == 0xFE)
    assert data[comment.content : comment.stop] == b"words"
    assert data[comment.start : comment.start + 2] == b"\xff\xfe"
    assert all(one.is_sound for one in segments(data))


def test_scans_are_those_of_a_progressive_file():
    data = _jpeg(progressive=True)
    assert _of(data).count(SCAN) == 10
    assert _of(data)[-1] == END


def test_marks_inside_a_scan_are_its_own():
    data = _jpeg(restart_marker_blocks=1)
    assert data.count(b"\xff\xd0") > 1
    assert _of(data).count(SCAN) == 1
    assert not set(_of(data)) & set(range(0xD0, 0xD8))


def test_bytes_that_fill_up_are_of_the_marker():
    data = _jpeg()
    filled = data[:2] + b"\xff\xff" + data[2:]
    assert _of(filled) == _of(data)
    assert next(segments(filled)).start == 2
    assert jpeg_parts(filled) is not None


def test_nothing_behind_the_end_is_looked_at():
    data = _jpeg()
    assert _of(data + data) == _of(data)
    assert _of(data + data, len(data)) == _of(data)
    assert jpeg_parts(data + data, len(data)).end == 2 * len(data)


@pytest.mark.parametrize("length", [0, 1])
def test_a_length_below_two_takes_two_bytes(length):
    data = b"\xff\xd8\xff\xe1" + bytes((0, length)) + b"\xff\xd9"
    first, last = segments(data)
    assert (first.content, first.stop, first.is_sound) == (6, 6, False)
    assert last.marker == END


def test_a_length_beyond_the_file_is_told():
    data = b"\xff\xd8\xff\xe1\xff\xffabc"
    (only,) = segments(data)
    assert not only.is_sound
    assert only.stop > len(data)


def test_bytes_that_are_no_segment_are_damage_in_front_of_pixels():
    data = _jpeg()
    place = next(one.start for one in segments(data) if one.marker in FRAMES)
    broken = data[:place] + b"junk" + data[place:]
    assert jpeg_parts(broken) is None
    assert _of(broken) == _of(data)
    assert next(one.start for one in segments(broken) if one.marker in FRAMES) == place + 4


def test_cut_anywhere_it_is_walked_to_the_cut():
    data = _jpeg(progressive=True)
    for stop in range(0, len(data), 7):
        part = data[:stop]
        assert _of(part) == _of(data)[: len(_of(part))]
        jpeg_parts(part)
        assert with_end(part) is None


@pytest.mark.parametrize(("bits", "marker"), [(8, 0xC0), (12, 0xC1)])
def test_bits_stand_in_the_frame(bits, marker):
    data = bytes((0xFF, 0xD8, 0xFF, 0xFE, 0, 4, 1, 2, 0xFF, marker, 0, 8, bits, 0, 1, 0, 1, 0))
    assert jpeg_precision(data) == bits
    assert jpeg_precision(data[:12]) is None
