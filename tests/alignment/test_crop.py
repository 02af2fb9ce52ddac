import dataclasses

import numpy as np
import pytest

from photodrag.alignment import Face, Photo, align
from photodrag.errors import FaceError, PointError, SettingsError


def _face_at(eye_left, eye_right, mouth):
    landmarks = np.zeros((68, 2))
    landmarks[36:42], landmarks[42:48], landmarks[48:] = eye_left, eye_right, mouth
    return Face(1, (0, 0, 1, 1), landmarks, 1.0)


def _ramp(height, width):
    """Red is x, green is y: the crop's colours tell where they come from."""
    y, x = np.mgrid[:height, :width]
    return Photo(np.stack([x, y, 0 * x], axis=2).astype(np.uint8))


UPRIGHT = _face_at((110, 100), (150, 100), (130, 140))


def test_the_square_is_ffhqs():
    """By hand: half a side is max(2 * 40, 1.8 * 40) = 80, around (130, 100 + 4)."""
    crop = align(_ramp(250, 250), UPRIGHT, size=160)
    corners = np.array([[-0.5, -0.5], [159.5, -0.5], [159.5, 159.5], [-0.5, 159.5]])
    expected = [[50, 24], [210, 24], [210, 184], [50, 184]]
    np.testing.assert_allclose(crop.to_photo(corners), expected, atol=1e-9)
    assert crop.size == 160
    assert crop.valid.all()


@pytest.mark.parametrize("size", [32, 80, 256])
@pytest.mark.parametrize("degrees", [0, 25, -70])
def test_colours_come_from_where_the_transform_says(size, degrees):
    turn = np.deg2rad(degrees)
    matrix = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    eyes_and_mouth = (np.array([(56, 55), (74, 55), (65, 75)]) - 63.5) @ matrix.T + 63.5
    photo = Photo(_ramp(128, 128).pixels * np.uint8(2))
    crop = align(photo, _face_at(*eyes_and_mouth), size)
    rows, columns = np.nonzero(crop.valid)
    place = crop.to_photo(np.column_stack([columns, rows]))
    inside = ((place > 4) & (place < 123)).all(axis=1)  # the mirrored border bends the ramp
    error = crop.pixels[rows, columns, :2] / 2 - place
    assert inside.sum() > size**2 / 2
    assert np.abs(error[inside]).max() < 0.4  # rounded, and interpolated in steps of 1/32
    assert np.abs(error[inside].mean(axis=0)).max() < 0.03


def test_there_and_back_is_exact(portrait, face):
    crop = align(portrait, face, 256)
    points = np.random.default_rng(1).uniform(-500, 3000, (100, 2))
    assert np.abs(crop.to_photo(crop.to_crop(points)) - points).max() < 1e-9
    eyes = crop.to_crop(np.stack([face.eye_left, face.eye_right]))
    assert eyes[0, 1] == pytest.approx(eyes[1, 1], abs=8)
    assert eyes[0, 0] < 128 < eyes[1, 0]
    assert not crop.pixels.flags.writeable
    assert not crop.transform.flags.writeable


def test_another_size_shows_the_same_square():
    small, large = (align(_ramp(250, 250), UPRIGHT, size=size) for size in (80, 160))
    positions = np.array([[100.0, 90.0], [130.5, 104.25], [150.0, 160.0]])
    np.testing.assert_allclose(
        small.to_size(small.to_crop(positions), 160), large.to_crop(positions)
    )


def test_beyond_the_border_it_is_padding():
    face = _face_at((0, 20), (40, 20), (20, 60))
    photo = _ramp(120, 120)
    before = photo.pixels.copy()
    crop = align(photo, face, 160)
    columns, rows = np.meshgrid(np.arange(160), np.arange(160))
    x, y = crop.to_photo(np.column_stack([columns.ravel(), rows.ravel()])).T
    inside = (x >= -0.5) & (y >= -0.5) & (x <= 119.5) & (y <= 119.5)
    np.testing.assert_array_equal(crop.valid.ravel(), inside)
    assert 0 < inside.mean() < 0.6
    padding = crop.pixels[~crop.valid].astype(int)
    assert np.abs(np.diff(crop.pixels[..., 0].astype(int), axis=1)).max() < 12  # no hard edge
    assert padding[:, 2].max() == 0
    np.testing.assert_array_equal(photo.pixels, before)


def test_a_face_wholly_outside_does_not_fail():
    crop = align(_ramp(30, 30), _face_at((500, 500), (540, 500), (520, 540)), 64)
    assert not crop.valid.any()


def test_shrinking_does_not_alias():
    checks = (np.indices((1600, 1600)).sum(axis=0) % 2 * 255).astype(np.uint8)
    photo = Photo(np.repeat(checks[..., None], 3, axis=2))
    for eyes in (150, 333):
        middle = 700
        face = _face_at((middle - eyes / 2, 700), (middle + eyes / 2, 700), (middle, 700 + eyes))
        pixels = align(photo, face, 256).pixels[8:-8, 8:-8].astype(float)
        assert np.abs(pixels - 127.5).max() < 12


def test_sixteen_bits_and_grey_become_eight_bit_srgb():
    pixels = np.full((200, 200, 3), 257 * 99, np.uint16)
    crop = align(Photo(pixels, grey=True), UPRIGHT, 64)
    assert crop.pixels.dtype == np.uint8
    assert (crop.pixels[crop.valid] == 99).all()


def test_bad_input_is_refused():
    photo = _ramp(200, 200)
    for size in (0, 15, 5000):
        with pytest.raises(SettingsError, match=str(size)):
            align(photo, UPRIGHT, size)
    with pytest.raises(FaceError, match="one place"):
        align(photo, _face_at((5, 5), (5, 5), (5, 5)))
    crop = align(photo, UPRIGHT, 64)
    with pytest.raises(PointError, match=r"\(2,\)"):
        crop.to_crop(np.array([1.0, 2.0]))
    with pytest.raises(dataclasses.FrozenInstanceError):
        crop.face = UPRIGHT
