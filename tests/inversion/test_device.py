"""Inversion keeps to the generator's device and waits for it once a step."""

from dataclasses import replace

import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.errors import LatentError
from photodrag.inversion import (
    LossSettings,
    ProjectRun,
    ProjectSettings,
    TuneRun,
    TuneSettings,
    load_perceptual,
    make_target,
)

SIZE = 64
SHORT = ProjectSettings(steps=3, plus_steps=2, space="w+")
TUNE = TuneSettings(steps=4, stop_distance=0.0, full_every=2, locality_weight=1.0)


@pytest.fixture(scope="module")
def elsewhere(inverted_generator, without_data):
    return without_data(inverted_generator)


@pytest.fixture(scope="module")
def target(photo_target):
    """What `photo_target` is, without data."""
    perceptual, settings = (
        load_perceptual("st-alex", torch.device("meta")),
        LossSettings(resolution=SIZE),
    )
    return make_target(photo_target.crop, SIZE, perceptual, settings, torch.device("meta"))


def moved(latent):
    return Latent(latent.w.to("meta"), latent.generator, finite=True)


def test_projection_keeps_to_the_device(inverted_generator, photo_target, elsewhere, target, waits):
    start = inverted_generator.sample(3)
    with waits:
        here = list(ProjectRun(inverted_generator, photo_target, SHORT, start))
    with waits:
        there = list(ProjectRun(elsewhere, target, SHORT, moved(start)))
    assert [step.losses for step in there] == [step.losses for step in here]
    assert all(step.latent.w.is_meta for step in there)
    assert not waits.answers
    assert waits.count == len(there) == 5


def test_tuning_keeps_to_the_device(
    inverted_generator, photo_target, elsewhere, target, waits, monkeypatch
):
    def plain(groups, fused, **given):  # the fused one knows its devices by name
        assert fused
        return adam(groups, **given)

    adam = torch.optim.Adam
    monkeypatch.setattr("torch.optim.Adam", plain)
    pivot = inverted_generator.sample(3)
    with waits:
        here = list(TuneRun(inverted_generator, pivot, photo_target, TUNE))
    with waits:
        there = list(TuneRun(elsewhere, moved(pivot), target, TUNE))
    assert [step.losses for step in there] == [step.losses for step in here]
    assert not waits.answers
    # Also for the size of the weights, and for the random latent of locality.
    assert waits.count == len(there) + 2


def test_a_projection_that_is_not_finite_ends(inverted_generator, photo_target):
    with pytest.raises(LatentError, match="not finite"):
        list(ProjectRun(inverted_generator, photo_target, replace(SHORT, learning_rate=1e37)))
