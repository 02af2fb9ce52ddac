import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import ExifTags, Image

from photodrag.alignment import Photo, open_photo
from photodrag.alignment.photos.metadata.exif import PREFIX
from photodrag.alignment.photos.metadata.thumbnail import blanked, refreshed


def _jpeg(colour, size=(160, 120), quality=90):
    file = BytesIO()
    Image.new("RGB", size, colour).save(file, "JPEG", quality=quality)
    return file.getvalue()


def _block(thumbnail, order="<", room=0, tail=b"maker note"):
    """A directory with the maker's name, one with a thumbnail turned by a quarter, then a tail."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    second = 8 + 2 + 12 + 4
    data = second + 2 + 36 + 4
    length = len(thumbnail) + room
    first = struct.pack(order + "HHHI4sI", 1, 0x010F, 2, 3, b"me", second)
    links = struct.pack(order + "HHHIHH", 3, 0x0112, 3, 1, 6, 0)
    links += struct.pack(order + "HHIIHHII", 0x0201, 4, 1, data, 0x0202, 4, 1, length) + bytes(4)
    start = PREFIX + mark + struct.pack(order + "I", 8)
    return start + first + links + thumbnail + bytes(room) + tail


def _thumbnail(block):
    exif = Image.Exif()
    exif.load(block)
    tags = exif.get_ifd(ExifTags.IFD.IFD1)
    start, length = tags[0x0201], tags[0x0202]
    assert tags[0x0112] == 1
    tiff = block.removeprefix(PREFIX)
    return Image.open(BytesIO(tiff[start : start + length]))


GREEN = Photo(np.full((300, 400, 3), (0, 200, 0), np.uint8))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("room", [0, 5000])
def test_the_thumbnail_shows_the_photo_as_it_is_now(order, room):
    block = _block(_jpeg("#ff0000"), order, room)
    fresh = refreshed(block, GREEN)
    shown = _thumbnail(fresh)
    assert shown.size == (160, 120)
    assert np.abs(np.asarray(shown)[60, 80].astype(int) - (0, 200, 0)).max() < 6
    assert fresh.index(b"maker note") == block.index(b"maker note")
    assert len(fresh) == len(block)


def test_a_larger_one_goes_to_the_end_and_nothing_else_moves(noise):
    block = _block(_jpeg("#ff0000", (4, 4), 10))
    photo = Photo(noise("uint8", 300, 400, 3))
    fresh = refreshed(block, photo)
    assert fresh.index(b"maker note") == block.index(b"maker note")
    assert len(fresh) > len(block)
    assert _thumbnail(fresh).size == (160, 120)


def test_one_without_room_is_taken_out(noise):
    block = _block(_jpeg("#ff0000", (4, 4), 10), tail=bytes(64_700))
    fresh = refreshed(block, Photo(noise("uint8", 300, 400, 3)))
    exif = Image.Exif()
    exif.load(fresh)
    assert exif.get_ifd(ExifTags.IFD.IFD1) == {}
    assert len(fresh) <= 65_533


def test_the_old_picture_is_gone_from_the_block():
    old = _jpeg("#ff0000")
    assert old in _block(old)
    assert old[100:] not in blanked(_block(old))
    assert old[100:] not in refreshed(_block(old), GREEN)


def test_a_block_without_one_or_that_is_broken_stays_as_it_is():
    exif = Image.Exif()
    exif[0x010F] = "maker"
    plain = PREFIX + exif.tobytes().removeprefix(PREFIX)
    assert refreshed(plain, GREEN) == plain
    assert refreshed(b"nonsense", GREEN) == b"nonsense"


def test_a_damaged_one_is_taken_out_and_the_rest_stays():
    block = bytearray(_block(_jpeg("#ff0000")))
    link = len(PREFIX) + 8 + 2 + 12
    block[link : link + 4] = struct.pack("<I", 60_000)
    exif = Image.Exif()
    exif.load(refreshed(blanked(bytes(block)), GREEN))
    assert exif[0x010F] == "me"
    assert exif.get_ifd(ExifTags.IFD.IFD1) == {}


def test_a_block_may_end_before_the_link():
    block = _block(b"")[: len(PREFIX) + 8 + 2 + 12]
    assert refreshed(blanked(block), GREEN) == block


def test_an_uncompressed_one_is_taken_out():
    strip = b"\xff\0\0" * 12
    start = 8 + 2 + 12 + 4 + 2 + 24 + 4
    block = PREFIX + b"II*\0" + struct.pack("<I", 8)
    block += struct.pack("<HHHI", 1, 0x010F, 2, 3) + b"me\0\0" + struct.pack("<I", 26)
    block += struct.pack("<HHHIIHHIII", 2, 0x0111, 4, 1, start, 0x0117, 4, 1, len(strip), 0)
    fresh = refreshed(block + strip, GREEN)
    assert strip not in fresh
    exif = Image.Exif()
    exif.load(fresh)
    assert exif.get_ifd(ExifTags.IFD.IFD1) == {}


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "avif"])
def test_a_saved_file_has_the_new_thumbnail(tmp_path, extension):
    Image.new("RGB", (400, 300), "#ff0000").save(tmp_path / "a.jpg", exif=_block(_jpeg("#ff0000")))
    photo = open_photo(tmp_path / "a.jpg")
    photo.with_pixels(GREEN.pixels).save(tmp_path / f"b.{extension}")
    with Image.open(tmp_path / f"b.{extension}") as saved:
        shown = _thumbnail(PREFIX + saved.info["exif"].removeprefix(PREFIX))
    assert np.abs(np.asarray(shown)[60, 80].astype(int) - (0, 200, 0)).max() < 6
