"""Scores of results that are known: the truth itself, the photo as it was, and in between."""

from dataclasses import FrozenInstanceError, replace

import cv2
import numpy as np
import pytest

from evaluation.truth import TruthPair, found_again
from evaluation.truth_score import score
from evaluation.truth_systems import no_edit
from photodrag.alignment import Photo, find_faces, open_photo
from photodrag.inversion import load_perceptual
from photodrag.pipeline.imaging.sampling import grid


@pytest.fixture(scope="module")
def perceptual():
    return load_perceptual("st-alex")


@pytest.fixture(scope="module")
def pair(small_portrait):
    """The portrait, and itself with its mouth pushed up by 5 px."""
    photo = open_photo(small_portrait)
    face = find_faces(photo)[0]
    positions = grid(384)
    near = np.exp(-np.square(positions - face.mouth).sum(axis=2, keepdims=True) / (2 * 25**2))
    source = (positions + near * np.array([0, 5.0])).astype(np.float32)
    truth = cv2.remap(photo.srgb(), source, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    targets = found_again(Photo(truth), face.landmarks).landmarks
    return TruthPair("pushed", photo, face, truth, targets)


@pytest.fixture(scope="module")
def nowhere():
    return np.zeros((384, 384), bool)


@pytest.fixture(scope="module")
def unedited(pair, perceptual):
    outcome = no_edit(pair)
    assert outcome.photo is pair.photo
    assert outcome.seconds == 0
    return score(pair, outcome.photo, outcome.changed, perceptual)


@pytest.fixture(scope="module")
def perfect(pair, perceptual, nowhere):
    return score(pair, Photo(pair.truth), ~nowhere, perceptual)


def test_the_truth_itself_is_perfect(perfect):
    assert perfect.landmarks == pytest.approx(0, abs=1e-9)
    assert perfect.mouth == pytest.approx(0, abs=1e-9)
    assert perfect.psnr > 100
    assert perfect.ssim == pytest.approx(1)
    assert perfect.lpips == pytest.approx(0, abs=1e-6)
    assert perfect.identity == pytest.approx(0, abs=1e-6)
    assert perfect.identity_before > 0
    assert (perfect.outside, perfect.changed) == (0, 1)


def test_no_edit_is_the_photo(unedited, pair):
    assert unedited.sharpness == 1
    assert (unedited.outside, unedited.changed) == (0, 0)
    assert unedited.identity_before == pytest.approx(0, abs=1e-6)
    away = np.linalg.norm(pair.face.landmarks - pair.targets, axis=1)
    percent = away * 100 / pair.face.eye_distance
    assert unedited.landmarks == pytest.approx(percent.mean(), abs=0.05)
    assert unedited.mouth == pytest.approx(percent[48:68].mean(), abs=0.05)
    assert unedited.mouth > unedited.landmarks > 0


def test_half_way_is_between(pair, perceptual, perfect, unedited, nowhere):
    mixed = cv2.addWeighted(pair.photo.srgb(), 0.5, pair.truth, 0.5, 0)
    found = score(pair, Photo(mixed), ~nowhere, perceptual)
    assert unedited.psnr < found.psnr < perfect.psnr
    assert unedited.ssim < found.ssim < perfect.ssim
    assert unedited.landmarks > found.landmarks > perfect.landmarks
    assert found.lpips > perfect.lpips


def test_a_pixel_that_changed_where_none_may_is_counted(pair, perceptual, nowhere):
    pixels = np.array(pair.photo.pixels)
    for x, y in ((2, 2), (3, 2), (380, 5)):
        pixels[y, x, 1] ^= 1
    changed = nowhere.copy()
    changed[5, 380] = True
    found = score(pair, pair.photo.with_pixels(pixels), changed, perceptual)
    assert found.outside == 2
    assert found.changed == pytest.approx(1 / 384**2)


def test_a_blurred_face_is_less_sharp(pair, perceptual, nowhere):
    blurred = cv2.GaussianBlur(pair.photo.srgb(), (0, 0), 2)
    assert score(pair, Photo(blurred), ~nowhere, perceptual).sharpness < 0.5


def test_what_is_beside_the_face_does_not_count(pair, perceptual, unedited, nowhere):
    pixels = np.array(pair.photo.pixels)
    pixels[:12] = 255 - pixels[:12]
    pixels[-8:] = 0
    found = score(pair, Photo(pixels), ~nowhere, perceptual)
    assert found.psnr == pytest.approx(unedited.psnr)
    assert found.sharpness == pytest.approx(1)
    assert found.ssim == pytest.approx(unedited.ssim, abs=1e-3)


def test_psnr_is_of_the_errors_in_pixels(pair, perceptual, nowhere):
    """A photo whose truth is itself, made lighter by 10 of 255."""
    own = replace(pair, truth=pair.photo.srgb(), targets=pair.face.landmarks)
    lighter = Photo(np.minimum(pair.photo.srgb(), 245) + np.uint8(10))
    found = score(own, lighter, ~nowhere, perceptual)
    assert found.psnr == pytest.approx(20 * np.log10(25.5), abs=0.3)


def test_scores_and_pairs_are_frozen(pair, unedited):
    with pytest.raises(FrozenInstanceError):
        unedited.psnr = 0.0
    with pytest.raises(FrozenInstanceError):
        pair.name = "another"
