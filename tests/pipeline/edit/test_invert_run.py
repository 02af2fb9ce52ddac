from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.alignment import FaceChoice, Photo, open_photo
from photodrag.errors import (
    FaceNumberError,
    NoFaceError,
    PhotoError,
    SettingsError,
    UnknownCheckpointError,
)
from photodrag.pipeline import InversionCache, InvertRun
from photodrag.runs import Run


def test_stages_come_in_order_and_end_with_an_inversion(small_portrait, quick_settings):
    settings = replace(
        quick_settings, project=replace(quick_settings.project, space="w+", plus_steps=2)
    )
    run = InvertRun(open_photo(small_portrait), settings)
    assert run.inversion is None
    assert isinstance(run, Run)
    steps, fractions = [], [run.fraction]
    for step in run:
        steps.append(step)
        fractions.append(run.fraction)
    assert fractions == sorted(fractions)
    assert (fractions[0], run.fraction) == (0.0, 1.0)
    assert 0 < fractions[1] < 1
    assert len(run) == len(steps) == 6
    assert [(s.stage, s.index, s.total) for s in steps] == [
        (stage, index, 2) for stage in ("pivot", "w+", "tune") for index in (1, 2)
    ]
    assert all(step.loss is not None and step.distance is None for step in steps)
    inversion = run.inversion
    assert inversion.tuned
    assert torch.equal(inversion.latent.w, steps[-1].latent.w)
    assert inversion.losses == run.target.losses(inversion.generator.render(inversion.latent))
    assert {"open", "find faces", "load", "align", "project", "tune"} <= run.seconds.keys()


def test_path_and_photo_are_the_same(small_portrait, quick_settings):
    latents = []
    for photo in (small_portrait, open_photo(small_portrait)):
        run = InvertRun(photo, quick_settings)
        list(run)
        latents.append(run.inversion.latent.w)
    assert torch.equal(*latents)


def test_without_tuning_the_inversion_says_so(small_portrait, quick_settings):
    run = InvertRun(
        small_portrait, replace(quick_settings, tune=replace(quick_settings.tune, steps=0))
    )
    list(run)
    assert not run.inversion.tuned
    assert torch.equal(
        run.inversion.generator.render(run.inversion.latent),
        run.generator.render(run.inversion.latent),
    )


def test_photo_without_a_face_is_refused(quick_settings):
    photo = Photo(np.full((300, 300, 3), 90, np.uint8))
    with pytest.raises(NoFaceError):
        InvertRun(photo, quick_settings)


def test_face_that_is_not_there_is_refused(small_portrait, quick_settings):
    with pytest.raises(FaceNumberError, match="2"):
        InvertRun(small_portrait, quick_settings, face=FaceChoice(2))


def test_missing_photo_is_refused(tmp_path, quick_settings):
    with pytest.raises(PhotoError, match="none"):
        InvertRun(tmp_path / "none.jpg", quick_settings)


def test_unknown_checkpoint_is_refused(small_portrait, quick_settings):
    with pytest.raises(UnknownCheckpointError, match="nobody"):
        InvertRun(small_portrait, replace(quick_settings, checkpoint="nobody"))


def test_unknown_perceptual_distance_is_refused(small_portrait, quick_settings):
    with pytest.raises(SettingsError, match="psychic"):
        InvertRun(
            small_portrait,
            replace(quick_settings, loss=replace(quick_settings.loss, perceptual="psychic")),
        )


def test_an_inversion_is_logged_and_so_is_one_at_hand(
    small_portrait, quick_settings, tmp_path, caplog
):
    def said(room):
        name = f"photodrag.{room}"
        return [record.getMessage() for record in caplog.records if record.name == name]

    caplog.set_level("DEBUG", "photodrag")
    cache = InversionCache(tmp_path / "kept")
    list(InvertRun(small_portrait, quick_settings, cache=cache))
    pivot, made, tune = said("edit")
    assert pivot.startswith("pivot: 2 of 2 steps, ")
    assert made.startswith("inverted face 1 in ")
    assert tune.startswith("tune: 2 of 2 steps, ")
    assert [line.partition(" ")[0] for line in said("cache")] == ["kept", "kept"]
    caplog.clear()
    list(InvertRun(small_portrait, quick_settings, cache=cache))
    at_hand, cached = said("edit")
    assert at_hand == "the inversion of face 1 was at hand"
    assert cached.startswith("cached: 1 of 1 steps, ")
    assert [line.partition(" ")[0] for line in said("cache")] == ["read", "read"]
