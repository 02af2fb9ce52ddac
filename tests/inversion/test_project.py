from dataclasses import replace

import numpy as np
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
    make_target,
)

SHORT = ProjectSettings(steps=3, plus_steps=2)


def total(target, losses):
    return losses.pixel + target.settings.perceptual_weight * losses.perceptual


def test_projection_finds_a_known_latent(inverted_generator, painted_target, known_latent):
    settings = ProjectSettings(steps=60, noise=0.0, prior=0.0)
    run = ProjectRun(inverted_generator, painted_target, settings)
    mean = run.latent
    steps = list(run)
    first, last = (total(painted_target, steps[i].losses) for i in (0, -1))
    assert last < 0.5 * first
    assert run.latent.distance(known_latent) < mean.distance(known_latent)


def test_steps_are_numbered(inverted_generator, photo_target):
    run = ProjectRun(inverted_generator, photo_target, SHORT)
    steps = list(run)
    assert len(run) == 3
    assert [(s.stage, s.index, s.total) for s in steps] == [("pivot", i, 3) for i in (1, 2, 3)]
    assert run.latent is steps[-1].latent
    assert all(step.loss == step.losses.perceptual > 0 for step in steps)


def test_in_w_all_rows_are_one(inverted_generator, photo_target):
    *_, last = ProjectRun(inverted_generator, photo_target, SHORT)
    torch.testing.assert_close(last.latent.w, last.latent.w[:1].expand_as(last.latent.w))


def test_in_w_plus_every_row_is_free(inverted_generator, photo_target):
    run = ProjectRun(inverted_generator, photo_target, replace(SHORT, space="w+"))
    steps = list(run)
    assert len(run) == 5
    assert [(s.stage, s.index, s.total) for s in steps[3:]] == [("w+", 1, 2), ("w+", 2, 2)]
    rows = run.latent.w - steps[2].latent.w
    assert (rows.abs().amax(dim=1) > 0).all()
    assert (rows[0] - rows[1]).abs().max() > 0


def test_w_plus_fits_better_than_w(inverted_generator, photo_target):
    settings = ProjectSettings(steps=20, plus_steps=20, space="w+", plus_prior=0.0)
    steps = list(ProjectRun(inverted_generator, photo_target, settings))
    pivot, plus = (total(photo_target, steps[i].losses) for i in (19, -1))
    assert plus < pivot


def test_prior_keeps_w_near_the_distribution(inverted_generator, photo_target):
    statistics = inverted_generator.w_statistics
    sizes = []
    for prior in (0.0, 10.0):
        settings = ProjectSettings(steps=25, prior=prior, noise=0.0)
        *_, last = ProjectRun(inverted_generator, photo_target, settings)
        sizes.append(float(statistics.whiten(last.latent.w[0]).square().mean()))
    assert sizes[1] < 0.5 * sizes[0]


def test_seed_decides_the_noise(inverted_generator, photo_target):
    def last(seed):
        settings = replace(SHORT, seed=seed, noise=1.0)
        *_, step = ProjectRun(inverted_generator, photo_target, settings)
        return step.latent

    assert last(1).distance(last(1)) == 0
    assert last(1).distance(last(2)) > 0


def test_projection_can_start_elsewhere(inverted_generator, painted_target, known_latent):
    run = ProjectRun(inverted_generator, painted_target, SHORT, start=known_latent)
    assert run.latent is known_latent
    first = next(iter(run))
    from_mean = next(iter(ProjectRun(inverted_generator, painted_target, SHORT)))
    assert first.losses.pixel < 0.5 * from_mean.losses.pixel


def test_start_of_another_shape_is_refused(inverted_generator, painted_target):
    with pytest.raises(LatentError, match=r"\(3, 16\)"):
        ProjectRun(inverted_generator, painted_target, start=Latent(torch.zeros(3, 16), "other"))


def test_generator_and_start_are_left_alone(inverted_generator, photo_target, known_latent):
    kept = known_latent.w.clone()
    weights = {n: t.clone() for n, t in inverted_generator.synthesis.state_dict().items()}
    settings = replace(SHORT, space="w+")
    list(ProjectRun(inverted_generator, photo_target, settings, start=known_latent))
    torch.testing.assert_close(known_latent.w, kept, rtol=0, atol=0)
    for name, tensor in inverted_generator.synthesis.state_dict().items():
        torch.testing.assert_close(tensor, weights[name], rtol=0, atol=0)


def test_grad_mode_is_the_callers(inverted_generator, photo_target):
    with torch.no_grad():
        for step in ProjectRun(inverted_generator, photo_target, replace(SHORT, space="w+")):
            assert not torch.is_grad_enabled()
            assert not step.latent.w.requires_grad


def sizes_painted(generator, monkeypatch, run):
    """The sizes that a run asks the generator for, one for each step."""
    sizes = []
    real = type(generator).render_w

    def render_w(self, w, resolution=None):
        sizes.append(resolution)
        return real(self, w, resolution)

    monkeypatch.setattr(type(generator), "render_w", render_w)
    steps = list(run)
    return sizes, steps


def test_first_steps_are_coarse(inverted_generator, perceptual, make_crop, monkeypatch):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    loss = LossSettings(resolution=64, coarse=32)
    target = make_target(make_crop(pixels), 64, perceptual, loss)
    settings = ProjectSettings(steps=5, coarse_part=0.6)
    run = ProjectRun(inverted_generator, target, settings)
    sizes, _ = sizes_painted(inverted_generator, monkeypatch, run)
    assert sizes == [32, 32, 32, 64, 64]


def test_tuning_paints_whole_images_only_at_the_end(
    inverted_generator, perceptual, make_crop, monkeypatch
):
    pixels = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    target = make_target(make_crop(pixels), 64, perceptual, LossSettings(resolution=32, coarse=32))
    settings = TuneSettings(steps=4, full_part=0.5, stop_distance=0.0)
    run = TuneRun(inverted_generator, inverted_generator.sample(1), target, settings)
    sizes, _ = sizes_painted(inverted_generator, monkeypatch, run)
    assert sizes == [32, 32, 64, 64]
