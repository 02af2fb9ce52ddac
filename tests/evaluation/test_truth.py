"""Pairs of photos: the second laid on the first, and what was found there."""

import click
import cv2
import numpy as np
import pytest
from PIL import Image

from evaluation import truth
from evaluation.truth import STEADY, TruthPair, found_again, read_pair, read_pairs
from photodrag.alignment import Face, Photo

POINTS = np.random.default_rng(0).uniform(0, 100, (8, 2))


@pytest.fixture(scope="module")
def second(small_portrait, tmp_path_factory):
    """The small portrait, turned by 8 degrees, smaller and shifted."""
    with Image.open(small_portrait) as image:
        pixels = np.asarray(image.convert("RGB"))
    matrix = cv2.getRotationMatrix2D((192, 192), 8, 0.9) + np.array([[0, 0, 6.0], [0, 0, -9]])
    moved = cv2.warpAffine(pixels, matrix, (384, 384), borderMode=cv2.BORDER_REPLICATE)
    path = tmp_path_factory.mktemp("second") / "second.png"
    Image.fromarray(moved).save(path)
    return path


@pytest.fixture(scope="module")
def pair(small_portrait, second):
    return read_pair("one", small_portrait, second)


def test_the_second_photo_is_laid_on_the_first(pair):
    assert pair.truth.shape == pair.photo.pixels.shape
    assert pair.truth.dtype == np.uint8
    left, top, right, bottom = (int(edge) for edge in pair.face.box)
    face = (slice(max(top, 0), bottom), slice(max(left, 0), right))
    apart = np.abs(pair.truth[face].astype(int) - pair.photo.pixels[face])
    assert np.median(apart) <= 5
    away = np.linalg.norm(pair.targets - pair.face.landmarks, axis=1)
    assert np.median(away) < 0.02 * pair.face.eye_distance


def test_points_that_stay_are_not_dragged(pair):
    eyes = pair.face.eye_distance
    still = TruthPair("", pair.photo, pair.face, pair.truth, pair.face.landmarks.copy())
    assert still.points() == []
    targets = pair.face.landmarks.copy()
    targets[48] += (0.01 * eyes, 0)
    targets[50] += (0.001 * eyes, 0)
    targets[3] += (0, 0.02 * eyes)
    moved = TruthPair("", pair.photo, pair.face, pair.truth, targets)
    assert [point.handle for point in moved.points()] == [
        tuple(pair.face.landmarks[i]) for i in (3, 48)
    ]
    assert [point.target for point in moved.points()] == [tuple(targets[i]) for i in (3, 48)]
    assert [point.handle for point in moved.points(truth.MOUTH)] == [tuple(pair.face.landmarks[48])]


def test_the_nearest_face_is_the_one_that_was_edited(monkeypatch):
    positions = [np.full((68, 2), value) + POINTS[0] for value in (0.0, 50.0, 90.0)]
    faces = tuple(Face(i + 1, (0, 0, 9, 9), place, 1.0) for i, place in enumerate(positions))
    monkeypatch.setattr(truth, "find_faces", lambda photo: faces)
    photo = Photo(np.zeros((9, 9, 3), np.uint8))
    assert found_again(photo, positions[1] + 6) is faces[1]
    assert found_again(photo, positions[2] + 60) is faces[2]


def test_no_face_is_said(monkeypatch, tmp_path):
    monkeypatch.setattr(truth, "find_faces", lambda photo: ())
    with pytest.raises(click.ClickException, match="found again"):
        found_again(Photo(np.zeros((9, 9, 3), np.uint8)), np.zeros((68, 2)))
    for name in ("a_neutral.png", "a_smiling.png"):
        Image.new("RGB", (16, 16)).save(tmp_path / name)
    with pytest.raises(click.ClickException, match="photo of a"):
        read_pairs(tmp_path)


def test_pairs_are_read_by_their_names(tmp_path, monkeypatch):
    for name in ("b_neutral.jpg", "b_smiling.jpg", "a_neutral.png", "a_smiling.png", "c.jpg"):
        (tmp_path / name).touch()
    monkeypatch.setattr(truth, "read_pair", lambda name, path, other: (name, path.name, other.name))
    assert read_pairs(tmp_path) == [
        ("a", "a_neutral.png", "a_smiling.png"),
        ("b", "b_neutral.jpg", "b_smiling.jpg"),
    ]


def test_a_photo_without_its_second_is_refused(tmp_path):
    (tmp_path / "a_neutral.jpg").touch()
    with pytest.raises(click.ClickException, match=r"a_neutral.jpg has no a_smiling.jpg"):
        read_pairs(tmp_path)


def test_a_folder_without_pairs_is_refused(tmp_path):
    with pytest.raises(click.ClickException, match="holds no pair"):
        read_pairs(tmp_path)


def test_the_steady_landmarks_are_nose_and_corners_of_the_eyes():
    assert set(STEADY) == {27, 28, 29, 30, 36, 39, 42, 45}
