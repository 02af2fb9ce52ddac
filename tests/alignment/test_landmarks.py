import cv2
import numpy as np
import pytest

from photodrag.alignment import Photo, find_faces, identity_distance, landmarks_in, landmarks_near
from photodrag.alignment.resampling import map_points
from photodrag.errors import LandmarkError


def test_landmarks_follow_the_photo(portrait, face):
    """Scaled, turned and shifted, the same landmarks are found to 1 % of the eye distance."""
    transform = cv2.getRotationMatrix2D((1024, 1024), 12.0, 0.41)
    transform[:, 2] -= 560.3, 480.7
    moved = cv2.warpAffine(
        cv2.GaussianBlur(portrait.pixels, (0, 0), 1.1),
        transform,
        (900, 1000),
        flags=cv2.INTER_CUBIC,
    )
    (found,) = find_faces(Photo(moved))
    errors = np.hypot(*(found.landmarks - map_points(transform, face.landmarks)).T)
    assert errors.max() < 0.02 * found.eye_distance
    assert np.sqrt((errors**2).mean()) < 0.01 * found.eye_distance


def test_the_box_hardly_matters(portrait, face):
    left, top, right, bottom = face.box
    moved = landmarks_in(portrait.srgb(), (left - 40, top + 30, right + 20, bottom + 90))
    assert np.abs(moved - face.landmarks).max() < 0.01 * face.eye_distance


def test_landmarks_are_found_again_from_where_they_were(portrait, face):
    """Also from those of a face that has moved on by a tenth of the eye distance."""
    for shift in (0.0, 0.1):
        expected = face.landmarks + shift * face.eye_distance
        again = landmarks_near(portrait.srgb(), expected)
        assert np.abs(again - face.landmarks).max() < 0.01 * face.eye_distance


def test_a_turned_photo_still_has_its_face(portrait, face):
    turned = np.ascontiguousarray(np.rot90(portrait.pixels[::2, ::2]))
    (found,) = find_faces(Photo(turned))
    x, y = (face.landmarks / 2 - 0.25).T
    expected = np.column_stack([y, 1023 - x])
    assert np.abs(found.landmarks - expected).max() < 0.03 * found.eye_distance


def test_bad_input_is_refused(portrait):
    with pytest.raises(LandmarkError, match="float64"):
        landmarks_in(portrait.pixels / 255, (0, 0, 9, 9))
    with pytest.raises(LandmarkError, match="empty"):
        landmarks_in(portrait.pixels, (9, 0, 9, 9))
    with pytest.raises(LandmarkError, match="float64"):
        landmarks_near(portrait.pixels / 255, np.zeros((68, 2)))
    with pytest.raises(LandmarkError, match="one place"):
        landmarks_near(portrait.pixels, np.zeros((68, 2)))


def test_identity_is_near_for_one_person(portrait, face):
    srgb = portrait.srgb()
    assert identity_distance(srgb, face.landmarks, srgb, face.landmarks) == 0
    half = np.ascontiguousarray(
        cv2.resize(srgb, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    )
    near = identity_distance(srgb, face.landmarks, half, (face.landmarks + 0.5) * 0.3 - 0.5)
    assert 0 < near < 0.15
    flat = np.full_like(srgb, 128)
    assert identity_distance(srgb, face.landmarks, flat, face.landmarks) > 0.6
    with pytest.raises(LandmarkError, match=r"\(5, 2\)"):
        identity_distance(srgb, face.landmarks[:5], srgb, face.landmarks)
