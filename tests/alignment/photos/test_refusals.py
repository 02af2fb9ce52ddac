import io

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo, open_photo
from photodrag.errors import PhotoError


@pytest.fixture
def pixels(noise):
    return noise("uint8", 12, 16, 3)


@pytest.mark.parametrize("tags", [{254: (1,), 330: (8,)}, {50706: (1,)}])
def test_raw_files_are_refused_as_such(make_tiff, pixels, tags):
    with pytest.raises(PhotoError, match=r"raw file.*develop it"):
        Photo.from_bytes(make_tiff(pixels, tags))


def test_a_tiff_that_is_called_a_raw_file_is_refused_and_a_jpeg_is_not(tmp_path, make_tiff, pixels):
    (tmp_path / "a.NEF").write_bytes(make_tiff(pixels))
    with pytest.raises(PhotoError, match="raw file"):
        open_photo(tmp_path / "a.NEF")
    Image.fromarray(pixels).save(tmp_path / "b.nef", "JPEG")
    assert open_photo(tmp_path / "b.nef").size == (16, 12)


def test_a_preview_in_front_of_the_picture_is_refused(make_tiff, pixels):
    small = bytearray(make_tiff(pixels[::2, ::2], {254: (1,)}))
    count = int.from_bytes(small[8:10], "little")
    link = 10 + 12 * count
    alone = Photo.from_bytes(bytes(small))  # nothing else is there: it is the picture
    assert alone.size == (8, 6)
    small[link : link + 4] = (8).to_bytes(4, "little")
    with pytest.raises(PhotoError, match=r"small preview.*save that one"):
        Photo.from_bytes(bytes(small))


@pytest.mark.parametrize(
    ("begin", "message"),
    [
        (b"\xff\x0a", "JPEG XL.*save it as a PNG"),
        (b"8BPS", "Photoshop document"),
        (b"\0\0\0\x18ftypmp42", "a film"),
        (b"FUJIFILMCCD-RAW", "raw file"),
        (b"\0\0\0\x18ftypcrx ", "raw file"),
        (b"no picture", "not an image that can be read; use one of JPEG"),
    ],
)
def test_what_a_file_is_instead_is_said(begin, message):
    with pytest.raises(PhotoError, match=message):
        Photo.from_bytes(begin + bytes(200))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"dtype": np.float32}, "a TIFF whose pixels.*floats"),
        ({"tags": {262: (8,)}, "dtype": np.uint16}, "a TIFF whose pixels"),
        ({"order": ">", "big": True}, "BigTIFF with the high bytes first"),
    ],
)
def test_a_tiff_is_not_told_to_become_one(make_tiff, pixels, change, message):
    dtype = change.pop("dtype", np.uint8)
    with pytest.raises(PhotoError, match=message) as caught:
        Photo.from_bytes(make_tiff(pixels.astype(dtype), **change))
    assert "use one of" not in str(caught.value)


def test_a_jpeg_of_twelve_bits_is_told(pixels):
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    data = bytearray(file.getvalue())
    data[data.index(b"\xff\xc0") + 4] = 12
    with pytest.raises(PhotoError, match="12 bits per channel"):
        Photo.from_bytes(bytes(data))


def test_whole_numbers_of_32_bits_are_not_called_damage(make_tiff):
    with pytest.raises(PhotoError, match="32-bit integers") as caught:
        Photo.from_bytes(make_tiff(np.zeros((4, 5, 1), np.uint32)))
    assert "damaged" not in str(caught.value)
