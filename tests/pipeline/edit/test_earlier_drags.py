"""Drags of earlier edits: followed back, carried along, replaced."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, Photo, align
from photodrag.drag import DragPoint
from photodrag.pipeline.composite.settings import CompositeSettings
from photodrag.pipeline.edit.earlier_drags import accumulate_drags, as_seen, lip_ends

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
    (found,) = accumulate_drags((), [point], faces, crop, SETTINGS)
    assert found.handle == pytest.approx(in_photo(crop, 244, 264), abs=0.5)
    assert found.target == pytest.approx(point.target)


def test_an_earlier_drag_goes_along(crop, picture):
    faces = (picture, moved(picture, 6, -4), moved(picture, 11, -4))
    held = DragPoint(in_photo(crop, 150, 150), in_photo(crop, 156, 146))
    point = DragPoint(in_photo(crop, 300, 300), in_photo(crop, 305, 300))
    kept, new = accumulate_drags([held], [point], faces, crop, SETTINGS)
    assert kept.handle == held.handle
    assert kept.target == pytest.approx(in_photo(crop, 161, 146), abs=0.5)
    assert new.handle == pytest.approx(in_photo(crop, 294, 304), abs=0.5)


def test_what_the_photo_showed_beyond_the_motion_counts(crop, picture):
    """The generator moved 6 px, the photo was corrected to 8: the handle is 8 px from its start."""
    faces = (picture, moved(picture, 6, 0), moved(picture, 6, 0))
    held = DragPoint(in_photo(crop, 250, 260), in_photo(crop, 258, 260))
    point = DragPoint(in_photo(crop, 258, 260), in_photo(crop, 258, 275))
    (new,) = accumulate_drags([held], [point], faces, crop, SETTINGS)
    assert new.handle == pytest.approx(in_photo(crop, 250, 260), abs=0.5)
    assert new.target == pytest.approx(point.target)


def test_a_lips_landmark_begins_at_the_bases_and_its_ways_add_up(crop, picture):
    """However mistaken its place in the photo between was, and whatever the motion says."""
    faces = (picture, moved(picture, 6, -4), moved(picture, 6, -4))
    x, y = in_photo(crop, *crop.to_crop(crop.face.landmarks[[48]])[0])
    held = DragPoint((x, y), (x + 9, y - 6))
    point = DragPoint((x + 13, y - 2), (x + 16, y + 2))
    (found,) = accumulate_drags([held], [point], faces, crop, SETTINGS, {0: 48}, 0)
    assert found.handle == pytest.approx((x, y), abs=1e-6)
    assert found.target == pytest.approx((x + 12, y - 2), abs=1e-6)
    for earlier, own in (([], 0), ([held], 1)):  # nothing to add to, and a target of one's own
        (alone,) = accumulate_drags(earlier, [point], faces, crop, SETTINGS, {0: 48}, own)
        assert alone.handle == pytest.approx((x, y), abs=1e-6)
        assert alone.target == pytest.approx(point.target, abs=1e-6)


def test_another_lips_drag_stays_however_near(crop, picture):
    landmarks = crop.face.landmarks.copy()
    landmarks[66] = landmarks[62] + (0, 1.5)
    near = replace(crop, face=replace(crop.face, landmarks=landmarks))
    held = DragPoint(tuple(landmarks[62]), tuple(landmarks[62] - (0, 5)))
    point = DragPoint(tuple(landmarks[66] + (3, 4)), tuple(landmarks[66] + (3, 9)))
    kept, new = accumulate_drags([held], [point], (picture,) * 3, near, SETTINGS, {0: 66}, 1)
    assert kept.handle == held.handle
    assert new.handle == pytest.approx(tuple(landmarks[66]), abs=1e-6)


def test_a_gap_between_lips_narrows_by_the_part_that_was_seen():
    """It was opened by 20; the predictor saw 8, of which 2 should stay."""
    earlier = {62: np.array([0.0, -8.0]), 66: np.array([0.0, 12.0])}
    handles, targets = np.array([(0, -3), (0, 5.0)]), np.array([(0, 0), (0, 2.0)])
    ends = lip_ends(handles, targets, {0: 62, 1: 66}, earlier)
    np.testing.assert_allclose(ends[1] - ends[0], (0, 5))
    np.testing.assert_allclose((ends[0] + ends[1]) / 2, (0, 2))
    wider = lip_ends(handles, np.add(handles, [(0, -1), (0, 2)]), {0: 62, 1: 66}, earlier)
    np.testing.assert_allclose(wider[1] - wider[0], (0, 23))


def test_places_are_told_beside_the_targets_of_the_edit():
    points = [DragPoint((1.0, 1.0), (5.0, 5.0))]
    held = [DragPoint((0.0, 0.0), (2.0, 2.0)), DragPoint((1.0, 1.0), (8.0, 4.0))]
    assert as_seen([(8.5, 4.0)], held, points) == ((5.5, 5.0),)


def test_a_place_that_comes_back_is_still_a_drag(crop, picture):
    point = DragPoint(in_photo(crop, 250, 260), in_photo(crop, 250, 270))
    still = DragPoint(point.target, point.handle)
    faces = (picture, moved(picture, 0, 10), picture)
    (new,) = accumulate_drags([point], [still], faces, crop, SETTINGS)
    assert new.handle == pytest.approx(point.handle, abs=0.5)
    assert new.handle != new.target
