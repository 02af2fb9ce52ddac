"""What the pairs are tried with."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from evaluation.truth_systems import Outcome, edited_by, landmark_warp, no_edit, variants
from photodrag.checkpoints import load_generator
from photodrag.drag import OFFICIAL
from photodrag.pipeline.settings import DEFAULTS


def test_no_edit_returns_the_photo(smile):
    outcome = no_edit(smile)
    assert isinstance(outcome, Outcome)
    assert outcome.photo is smile.photo
    assert outcome.changed.shape == (384, 384)
    assert not outcome.changed.any()


def test_a_warp_of_landmarks_that_stay_is_the_photo(still):
    outcome = landmark_warp(still)
    apart = np.abs(outcome.photo.pixels.astype(int) - still.photo.pixels)
    assert apart.max() <= 1


def test_a_warp_brings_each_landmark_to_its_target(smile):
    """Told by a light dot that is painted on one of them."""
    place, target = smile.face.landmarks[54], smile.targets[54]
    pixels = np.zeros((384, 384, 3), np.uint8)
    cv2.circle(pixels, [round(16 * v) for v in place], 48, (255, 255, 255), -1, cv2.LINE_AA, 4)
    outcome = landmark_warp(replace(smile, photo=smile.photo.with_pixels(pixels)))
    light = outcome.photo.pixels[..., 0].astype(float)
    y, x = np.mgrid[:384, :384]
    found = (light * x).sum() / light.sum(), (light * y).sum() / light.sum()
    assert found == pytest.approx(tuple(target), abs=0.4)


def test_a_warp_changes_only_what_it_says(smile):
    outcome = landmark_warp(smile)
    assert (outcome.photo.pixels != smile.photo.pixels).any()
    same = ~outcome.changed
    np.testing.assert_array_equal(outcome.photo.pixels[same], smile.photo.pixels[same])
    assert outcome.photo.size == smile.photo.size
    assert outcome.seconds > 0


def test_a_warp_is_held_at_the_squares_border(still, smile):
    """Where the crop's square ends, pixels are where they were: no seam."""
    outcome = landmark_warp(smile)
    rows, columns = np.nonzero(outcome.changed)
    apart = np.abs(outcome.photo.pixels.astype(int) - smile.photo.pixels).max(axis=2)
    edge = [rows.min(), rows.max()], [columns.min(), columns.max()]
    assert apart[edge[0]].mean() < 2
    assert apart[:, edge[1]].mean() < 2


def test_an_edit_shows_the_faces_on_its_way(smile, tiny_checkpoint):
    settings = replace(
        DEFAULTS,
        checkpoint=str(tiny_checkpoint),
        project=replace(DEFAULTS.project, steps=1),
        tune=replace(DEFAULTS.tune, steps=0),
        drag=replace(DEFAULTS.drag, max_steps=2, patience=0),
    )
    outcome = edited_by(settings, load_generator(tiny_checkpoint), None)(smile)
    assert outcome.photo.size == smile.photo.size
    inverted, dragged = outcome.faces
    assert inverted.shape == dragged.shape == (256, 256, 3)
    assert (inverted != dragged).any()
    assert outcome.changed.any()
    same = ~outcome.changed
    np.testing.assert_array_equal(outcome.photo.pixels[same], smile.photo.pixels[same])
    assert outcome.seconds > 0


def test_variants_differ_in_what_they_name():
    found = variants()
    assert found["photodrag"] == DEFAULTS
    assert len({repr(settings) for settings in found.values()}) == len(found)
    for name in ("paste", "poisson"):
        composite = replace(DEFAULTS.composite, method=name)
        assert found[name] == replace(DEFAULTS, composite=composite)
    for name, settings in found.items():
        guided = name in ("photodrag", "paste", "poisson")
        assert bool(settings.guide.steps) == guided, name
        if name.startswith("template + ") and name != "template + prior":
            assert settings.drag == replace(DEFAULTS.drag, tracking=name.split(" + ")[1])
    assert found["template + prior"].drag.prior > 0
    for name in ("official preset", "official preset + paste"):
        assert found[name].drag == OFFICIAL
    assert found["official preset + paste"].composite.method == "paste"
    assert found["template 128 px"].drag.feature_resolution == 128
    assert found["free 128 px"].drag.method == "free"


def test_variants_begin_at_the_settings_given():
    quick = replace(DEFAULTS, project=replace(DEFAULTS.project, steps=3))
    assert all(settings.project.steps == 3 for settings in variants(quick).values())
