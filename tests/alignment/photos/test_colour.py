import numpy as np
import pytest

from photodrag.alignment import Photo
from photodrag.errors import PhotoError, PhotoWarning

RED = np.full((2, 3, 3), (255, 0, 0), np.uint8)


def test_without_a_profile_pixels_are_srgb(noise):
    pixels = noise("uint8", 6, 7, 3)
    np.testing.assert_array_equal(Photo(pixels).srgb(), pixels)
    np.testing.assert_array_equal(Photo(pixels).from_srgb(pixels), pixels)


def test_a_profile_is_applied(red_is_green_profile):
    srgb = Photo(RED, icc_profile=red_is_green_profile).srgb()
    assert np.abs(srgb.astype(int) - (0, 255, 0)).max() <= 3
    assert not srgb.flags.writeable


def test_the_way_back_ends_where_it_began(noise, srgb_profile, red_is_green_profile):
    pixels = (noise("uint8", 16, 16, 3) // 2 + 60).astype(np.uint8)
    for profile in (srgb_profile, red_is_green_profile):
        photo = Photo(pixels, icc_profile=profile)
        back = photo.from_srgb(photo.srgb())
        assert np.abs(back.astype(int) - pixels).max() <= 2


def test_a_grey_profile_is_applied_and_grey_stays_grey(linear_grey_profile):
    photo = Photo(np.full((4, 4, 3), 55, np.uint8), grey=True, icc_profile=linear_grey_profile)
    srgb = photo.srgb()
    assert abs(int(srgb[0, 0, 1]) - 128) <= 2  # 55 / 255 in linear light
    back = photo.from_srgb(srgb)
    assert np.abs(back.astype(int) - 55).max() <= 1
    coloured = photo.from_srgb(RED)
    assert (coloured == coloured[..., :1]).all()


def test_a_grey_photo_may_hold_a_profile_for_colours(srgb_profile):
    photo = Photo(np.full((4, 4, 3), 99, np.uint8), grey=True, icc_profile=srgb_profile)
    assert np.abs(photo.srgb().astype(int) - 99).max() <= 1


@pytest.mark.parametrize("broken", [True, False])
def test_a_profile_that_cannot_be_used_is_left_aside(broken, linear_grey_profile):
    photo = Photo(RED, icc_profile=b"broken" if broken else linear_grey_profile)
    with pytest.warns(PhotoWarning, match="ICC"):
        np.testing.assert_array_equal(photo.srgb(), RED)
    with pytest.warns(PhotoWarning, match="ICC"):
        np.testing.assert_array_equal(photo.from_srgb(RED), RED)


def test_sixteen_bits_are_rounded_to_eight():
    pixels = np.array([[[0, 128, 129], [257 * 7 + 128, 257 * 7 + 129, 65535]]], np.uint16)
    np.testing.assert_array_equal(Photo(pixels).srgb(), [[[0, 0, 1], [7, 8, 255]]])


def test_from_srgb_refuses_other_arrays():
    with pytest.raises(PhotoError, match="float64"):
        Photo(RED).from_srgb(RED / 255)
