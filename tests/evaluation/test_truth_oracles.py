"""What looks at the answer."""

from dataclasses import replace

import cv2
import numpy as np

from evaluation.truth_oracles import true_light, true_motion
from evaluation.truth_systems import landmark_warp, no_edit
from photodrag.pipeline.imaging.linear_light import from_linear, to_linear


def test_the_true_motion_of_a_photo_that_stays_is_none(still):
    outcome = true_motion(still)
    apart = np.abs(outcome.photo.pixels.astype(int) - still.photo.pixels)
    assert apart.max() <= 1


def test_the_true_motion_nearly_makes_the_truth(smile):
    truth = landmark_warp(smile).photo.pixels
    outcome = true_motion(replace(smile, truth=truth))
    near, before = (
        np.abs(pixels.astype(int) - truth)[outcome.changed].mean()
        for pixels in (outcome.photo.pixels, smile.photo.pixels)
    )
    assert near < 0.5 * before


def test_the_true_light_of_a_photo_that_stays_is_its_own(still):
    outcome = true_light(still, no_edit)
    apart = np.abs(outcome.photo.pixels.astype(int) - still.photo.pixels)
    assert apart.max() <= 1


def test_the_true_light_is_on_the_skin_alone(still):
    """A truth with a shadow on everything: cheeks get it, eyes, mouth and the background do not."""
    light = to_linear(still.photo.pixels)
    truth = from_linear(0.7 * light, np.dtype(np.uint8))
    outcome = true_light(replace(still, truth=truth), no_edit)
    landmarks = still.face.landmarks
    cheek = (landmarks[[2, 31, 36]].mean(axis=0), landmarks[[14, 35, 45]].mean(axis=0))
    left = (
        landmarks[36:42].mean(axis=0),
        landmarks[42:48].mean(axis=0),
        landmarks[60:68].mean(axis=0),
    )
    shares = to_linear(outcome.photo.pixels).mean(axis=2) / np.maximum(light.mean(axis=2), 1e-3)
    shares = cv2.blur(shares, (3, 3))

    def share(place):
        return shares[round(place[1]), round(place[0])]

    for place in cheek:
        assert abs(share(place) - 0.7) < 0.05
    for place in left:
        assert abs(share(place) - 1) < 0.02
    same = ~outcome.changed
    assert same[:10].all()
    np.testing.assert_array_equal(outcome.photo.pixels[same], still.photo.pixels[same])
