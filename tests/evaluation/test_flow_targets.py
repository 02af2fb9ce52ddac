"""Targets by flow, on a portrait that is moved by a known motion."""

import cv2
import numpy as np
import pytest

from evaluation.flow_targets import flow_targets
from photodrag.alignment import Face, Photo, find_faces, open_photo
from photodrag.pipeline.imaging.sampling import grid

NOSE, MOUTH = slice(27, 36), slice(48, 68)


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def face(photo):
    return find_faces(photo)[0]


def motion(places, face):
    """All of it 6 px to the right and 4 down, and what is near the mouth up to 6 px more."""
    near = np.exp(-np.square(places - face.mouth).sum(axis=-1, keepdims=True) / (2 * 40**2))
    return np.array([6.0, 4.0]) + near * np.array([0, 6.0])


@pytest.fixture(scope="module")
def other(photo, face):
    back = grid(384).astype(np.float64)
    for _ in range(20):  # where each pixel of the moved picture came from
        back = grid(384) - motion(back, face)
    x, y = cv2.split(back.astype(np.float32))
    return Photo(cv2.remap(photo.srgb(), x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE))


@pytest.fixture(scope="module")
def truth(face):
    return face.landmarks + motion(face.landmarks, face)


def astray(truth, face, percent):
    """The landmarks as a predictor might find them, each wrong by so many percent."""
    wrong = np.random.default_rng(0).normal(size=(68, 2))
    wrong *= percent / 100 * face.eye_distance / np.linalg.norm(wrong, axis=1, keepdims=True)
    return Face(1, face.box, truth + wrong, 1.0)


def test_targets_are_nearer_than_the_landmarks_that_were_found(photo, face, other, truth):
    found = astray(truth, face, 6)
    targets = flow_targets(photo, face, other, found)
    assert targets.by_flow.sum() > 40
    away, before = (
        np.linalg.norm(places - truth, axis=1) / face.eye_distance
        for places in (targets.places, found.landmarks)
    )
    assert np.median(before) == pytest.approx(0.06)
    assert np.median(away[targets.by_flow]) < 0.015


def test_what_is_covered_is_where_it_was_found(photo, face, other, truth):
    """A patch of noise on the mouth: no flow leads there."""
    pixels = other.pixels.copy()
    left, top = truth[MOUTH].min(axis=0).astype(int) - 12
    right, bottom = truth[MOUTH].max(axis=0).astype(int) + 12
    shape = (bottom - top, right - left, 3)
    pixels[top:bottom, left:right] = np.random.default_rng(1).integers(0, 255, shape)
    found = astray(truth, face, 3)
    targets = flow_targets(photo, face, Photo(pixels), found)
    assert targets.by_flow[MOUTH].mean() < 0.3
    assert targets.by_flow[NOSE].mean() > 0.6
    left_alone = ~targets.by_flow
    np.testing.assert_allclose(targets.places[left_alone], found.landmarks[left_alone], atol=1e-6)


def test_a_photo_that_stays_has_its_own_landmarks(photo, face):
    targets = flow_targets(photo, face, photo, face)
    assert targets.by_flow.all()
    np.testing.assert_allclose(targets.places, face.landmarks, atol=0.1)
