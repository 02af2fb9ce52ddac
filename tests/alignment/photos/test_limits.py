"""Files that ask for more work than their length allows; each is made here."""

import io
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo, open_photo
from photodrag.alignment.photos.limits import check_density, check_rows, check_scans, count_frames
from photodrag.alignment.photos.metadata.exif import PREFIX, upright, upright_xmp
from photodrag.errors import PhotoError, PhotoTooLargeError, PhotoWarning


def _chunk(name, data):
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(width, height, rows, *chunks, kind=2, interlaced=0):
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, interlaced)
    parts = [_chunk(b"IHDR", head), *chunks, _chunk(b"IDAT", zlib.compress(rows))]
    return b"\x89PNG\r\n\x1a\n" + b"".join([*parts, _chunk(b"IEND", b"")])


def _row(width, value=9):
    return b"\0" + bytes([value]) * 3 * width


def _seconds(work):
    begin = time.process_time()
    work()
    return time.process_time() - begin


def test_openings_without_an_end_in_xmp_are_read_once():
    xmp = b"<xmp:Thumbnails>" * 65_536  # 1 MB; each was looked for to the end
    assert _seconds(lambda: upright_xmp(xmp)) < 1
    assert upright_xmp(xmp) == xmp
    text = b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp
    data = _png(4, 4, _row(4) * 4, _chunk(*text))
    assert _seconds(lambda: Photo.from_bytes(data)) < 2


def test_several_thumbnails_of_xmp_are_taken_out():
    one = b"<xmp:Thumbnails x='1'>a</xmp:Thumbnails>"
    assert upright_xmp(b"<a>" + one + b"b" + one + b"<xmp:Thumbnails>") == b"<a>b<xmp:Thumbnails>"


def test_of_many_pointers_in_exif_the_first_counts():
    count = 5400  # what one segment of a JPEG holds
    entry = struct.pack("<HHII", 0x8769, 4, 1, 8)  # the directory itself
    block = PREFIX + b"II*\0" + struct.pack("<IH", 8, count) + entry * count + bytes(4)
    assert _seconds(lambda: upright(block, (40, 30))) < 1


def test_a_small_file_with_many_pages_is_counted_up_to_a_hundred(tmp_path):
    pages = [Image.new("L", (8, 8), value) for value in range(130)]
    pages[0].save(tmp_path / "a.tif", save_all=True, append_images=pages[1:])
    with pytest.warns(PhotoWarning, match="holds more than 100 pictures; only the first"):
        photo = open_photo(tmp_path / "a.tif")
    assert photo.pixels.max() == 0
    pages[0].save(tmp_path / "b.tif", save_all=True, append_images=pages[1:100])
    with Image.open(tmp_path / "b.tif") as image:
        assert count_frames(image) == 100


def _progressive(extra_scans):
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (90, 20, 30)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    begin = data.rindex(b"\xff\xda")
    return data[:begin] + data[begin:-2] * (1 + extra_scans) + data[-2:]


def test_a_jpeg_of_many_scans_is_refused_before_it_is_decoded():
    check_scans(_progressive(20))
    with pytest.raises(PhotoError, match="more than 100 scans"):
        Photo.from_bytes(_progressive(200))


def test_marks_of_scans_outside_the_picture_do_not_count():
    data = _progressive(0)
    check_scans(data[:2] + b"\xff\xe5\x02\x02" + b"\xff\xda" * 256 + data[2:] + b"\xff\xda" * 999)


def test_more_pixels_than_a_file_can_hold_are_refused():
    check_density("a.png", (6000, 8000), 100)
    check_density("a.jpg", (16_000, 10_000), 2_500_000)
    with pytest.raises(PhotoTooLargeError, match="of 2,000 bytes says that it holds 13000x13000"):
        check_density("a.avif", (13_000, 13_000), 2_000)
    data = _png(10_000, 10_000, b"")
    with pytest.raises(PhotoTooLargeError, match="no photo is as empty"):
        Photo.from_bytes(data)


@pytest.mark.parametrize(("interlaced", "held", "needed"), [(0, 65, 390), (1, 400, 413)])
def test_a_png_whose_data_end_tidily_too_early_is_refused(interlaced, held, needed):
    with pytest.raises(PhotoError, match=f"its data end after {held} of {needed} bytes"):
        Photo.from_bytes(_png(4, 30, bytes(held), interlaced=interlaced))


@pytest.mark.parametrize("size", [(5, 7), (1, 1), (3, 2), (8, 8)])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "1", "RGBA"])
def test_black_rows_that_are_there_are_read(size, mode):
    file = io.BytesIO()
    Image.new(mode, size).save(file, "PNG")
    assert Photo.from_bytes(file.getvalue()).size == size
    check_rows(Image.open(io.BytesIO(file.getvalue())), file.getvalue())


def test_black_rows_of_an_interlaced_file_are_counted_by_its_passes():
    # 5x3 in seven passes: their rows have 1, 1, 0, 2, 3, 2+2, 5 pixels; one byte in front of each
    passes = [(1, 1), (1, 1), (0, 0), (1, 1), (3, 1), (2, 2), (5, 1)]
    rows = b"".join(_row(width, 0) * height for width, height in passes if width)
    assert Photo.from_bytes(_png(5, 3, rows, interlaced=1)).size == (5, 3)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        Photo.from_bytes(_png(5, 3, rows[:-1], interlaced=1))


def test_whatever_a_decoder_raises_is_one_line():
    head = struct.pack(">IIBBBBB", 4, 4, 8, 3, 0, 0, 0)  # palette colours, and no palette
    rows = zlib.compress((b"\0" + bytes(4)) * 4)
    parts = _chunk(b"IHDR", head) + _chunk(b"IDAT", rows)
    with pytest.raises(PhotoError, match="damaged or cut short") as caught:
        Photo.from_bytes(b"\x89PNG\r\n\x1a\n" + parts + _chunk(b"IEND", b""))
    assert "\n" not in str(caught.value)


def _tiff(*extra):
    """8x8 grey, with further tags (number, kind, count, value)."""
    pixels = bytes(range(64))
    tags = sorted(
        [
            *((256, 3, 1, 8), (257, 3, 1, 8), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)),
            *((273, 4, 1, 8), (277, 3, 1, 1), (278, 3, 1, 8), (279, 4, 1, 64), *extra),
        ]
    )
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return (
        b"II*\0" + struct.pack("<I", 72) + pixels + struct.pack("<H", len(tags)) + directory
    ) + bytes(4)


@pytest.mark.parametrize(
    ("tag", "words"), [(34675, "ICC profile"), (700, "XMP data")], ids=["icc", "xmp"]
)
@pytest.mark.parametrize("value", [(4, 1, 1_900_000_000), (2, 3, 0x6162)], ids=["number", "text"])
def test_metadata_of_another_type_is_left_out(tag, words, value):
    if words == "XMP data" and value[0] == 2:
        pytest.skip("a packet may be told as text")
    with pytest.warns(PhotoWarning, match=f"{words} is no block of bytes"):
        photo = Photo.from_bytes(_tiff((tag, *value)))
    assert (photo.icc_profile, photo.xmp) == (None, None)
    photo.save(io.BytesIO(), "PNG")
    assert np.array_equal(photo.srgb(), photo.pixels)


def test_a_text_of_exif_that_holds_a_number_is_left_out_or_kept():
    photo = Photo.from_bytes(_tiff((271, 2, 1, 0)))
    assert photo.size == (8, 8)


def test_sixteen_bits_of_grey_come_back_from_heic(tmp_path):
    pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    ramp = np.tile(np.arange(0, 65536, 1024, dtype=np.uint16), (64, 1))
    Photo.from_array(ramp).save(tmp_path / "a.heic")
    back = open_photo(tmp_path / "a.heic")
    assert (back.grey, back.bit_depth) == (True, 16)
    assert np.abs(back.pixels[..., 0].astype(int) - ramp).max() < 600
