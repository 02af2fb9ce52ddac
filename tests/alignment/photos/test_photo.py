import dataclasses

import numpy as np
import pytest

from photodrag.alignment import Photo
from photodrag.errors import PhotoError


def test_a_photo_tells_its_size():
    photo = Photo(np.zeros((20, 30, 3), np.uint16))
    assert (photo.width, photo.height, photo.size, photo.bit_depth) == (30, 20, (30, 20), 16)


def test_pixels_cannot_be_written_and_the_callers_can(noise):
    pixels = noise("uint8", 4, 5, 3)
    photo = Photo(pixels)
    with pytest.raises(ValueError, match="read-only"):
        photo.pixels[0, 0, 0] = 1
    before = photo.pixels.copy()
    pixels[:] = 0
    np.testing.assert_array_equal(photo.pixels, before)
    with pytest.raises(dataclasses.FrozenInstanceError):
        photo.grey = True


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"pixels": np.zeros((4, 5, 3))}, "float64"),
        ({"pixels": np.zeros((4, 5), np.uint8)}, r"\(4, 5\)"),
        ({"pixels": np.zeros((0, 5, 3), np.uint8)}, r"\(0, 5, 3\)"),
        ({"pixels": np.zeros((4, 5, 3), np.uint8), "format": "GIF"}, "GIF"),
        ({"pixels": np.zeros((4, 5, 3), np.uint8), "alpha": np.zeros((5, 4), np.uint8)}, "alpha"),
        ({"pixels": np.zeros((4, 5, 3), np.uint8), "alpha": np.zeros((4, 5), np.uint16)}, "uint16"),
        ({"pixels": np.eye(3, dtype=np.uint8)[None], "grey": True}, "grey"),
    ],
)
def test_what_is_no_photo_is_refused(fields, message):
    with pytest.raises(PhotoError, match=message):
        Photo(**fields)


def test_other_pixels_keep_everything_else(noise):
    photo = Photo(noise("uint8", 4, 5, 3), exif=b"Exif\0\0", dpi=(72, 72))
    other = photo.with_pixels(np.zeros((4, 5, 3), np.uint8))
    assert (other.exif, other.dpi, other.pixels.max()) == (photo.exif, photo.dpi, 0)
    assert photo.pixels.max() > 0
    with pytest.raises(PhotoError, match="uint16"):
        photo.with_pixels(np.zeros((4, 5, 3), np.uint16))
    with pytest.raises(PhotoError, match=r"\(5, 4, 3\)"):
        photo.with_pixels(np.zeros((5, 4, 3), np.uint8))
