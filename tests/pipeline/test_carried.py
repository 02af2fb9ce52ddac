"""Drags of earlier edits: followed back, carried along, replaced."""

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, Photo, align
from photodrag.drag import DragPoint
from photodrag.pipeline.carried import carry
from photodrag.pipeline.settings import CompositeSettings

SETTINGS = CompositeSettings()


@pytest.fixture(scope="module")
def crop():
    """A photo of 512 px whose crop is itself, but for a scale."""
    landmarks = np.random.default_rng(0).uniform(100, 400, (68, 2))
    landmarks[36:42], landmarks[42:48] = (190, 220), (320, 220)
    landmarks[48], landmarks[54] = (205, 330), (305, 330)
    face = Face(1, (120, 120, 390, 390), landmarks, 1.0)
    pixels = np.random.default_rng(1).integers(0, 255, (512, 512, 3)).astype(np.uint8)
    return align(Photo(cv2.GaussianBlur(pixels, (0, 0), 6)), face, 512)


@pytest.fixture(scope="module")
def picture():
    noise = np.random.default_rng(2).integers(0, 255, (512, 512, 3)).astype(np.uint8)
    soft = cv2.GaussianBlur(noise, (0, 0), 6).astype(float)
    return np.clip((soft - soft.mean()) * 6 + 128, 0, 255).astype(np.uint8)


def moved(picture, x, y):
    return np.roll(picture, (y, x), (0, 1))


def in_photo(crop, x, y):
    (place,) = crop.to_photo(np.array([[x, y]], float))
    return tuple(place)


def test_a_new_handle_is_followed_back_to_the_base(crop, picture):
    faces = (picture, moved(picture, 6, -4), moved(picture, 6, -4))
    point = DragPoint(in_photo(crop, 250, 260), in_photo(crop, 262, 260))
    (found,) = carry((), [point], faces, crop, SETTINGS)
    assert found.handle == pytest.approx(in_photo(crop, 244, 264), abs=0.5)
    assert found.target == pytest.approx(point.target)


def test_an_earlier_drag_goes_along(crop, picture):
    faces = (picture, moved(picture, 6, -4), moved(picture, 11, -4))
    held = DragPoint(in_photo(crop, 150, 150), in_photo(crop, 156, 146))
    point = DragPoint(in_photo(crop, 300, 300), in_photo(crop, 305, 300))
    kept, new = carry([held], [point], faces, crop, SETTINGS)
    assert kept.handle == held.handle
    assert kept.target == pytest.approx(in_photo(crop, 161, 146), abs=0.5)
    assert new.handle == pytest.approx(in_photo(crop, 294, 304), abs=0.5)


def test_what_the_photo_showed_beyond_the_motion_counts(crop, picture):
    """The generator moved 6 px, the photo was corrected to 8: the handle is 8 px from its start."""
    faces = (picture, moved(picture, 6, 0), moved(picture, 6, 0))
    held = DragPoint(in_photo(crop, 250, 260), in_photo(crop, 258, 260))
    point = DragPoint(in_photo(crop, 258, 260), in_photo(crop, 258, 275))
    (new,) = carry([held], [point], faces, crop, SETTINGS)
    assert new.handle == pytest.approx(in_photo(crop, 250, 260), abs=0.5)
    assert new.target == pytest.approx(point.target)


def test_a_lips_landmark_begins_at_the_bases_and_its_ways_add_up(crop, picture):
    """However mistaken its place in the photo between was, and whatever the motion says."""
    faces = (picture, moved(picture, 6, -4), moved(picture, 6, -4))
    x, y = in_photo(crop, *crop.to_crop(crop.face.landmarks[[48]])[0])
    held = DragPoint((x, y), (x + 9, y - 6))
    point = DragPoint((x + 13, y - 2), (x + 16, y + 2))
    (found,) = carry([held], [point], faces, crop, SETTINGS, {0: 48})
    assert found.handle == pytest.approx((x, y), abs=1e-6)
    assert found.target == pytest.approx((x + 12, y - 2), abs=1e-6)
    (alone,) = carry([], [point], faces, crop, SETTINGS, {0: 48})
    assert alone.handle == pytest.approx((x, y), abs=1e-6)
    assert alone.target == pytest.approx(point.target, abs=1e-6)


def test_a_place_that_comes_back_is_still_a_drag(crop, picture):
    point = DragPoint(in_photo(crop, 250, 260), in_photo(crop, 250, 270))
    still = DragPoint(point.target, point.handle)
    faces = (picture, moved(picture, 0, 10), picture)
    (new,) = carry([point], [still], faces, crop, SETTINGS)
    assert new.handle == pytest.approx(point.handle, abs=0.5)
    assert new.handle != new.target
