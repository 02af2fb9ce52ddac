from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.errors import LatentError
from photodrag.inversion import LossSettings, TuneRun, TuneSettings, make_target

FREE = TuneSettings(steps=15, stop_distance=0.0)


@pytest.fixture(scope="module")
def pivot(inverted_generator):
    return inverted_generator.sample(3)


def weights_of(generator):
    return {n: t.clone() for n, t in generator.synthesis.state_dict().items()}


def test_tuning_lowers_the_loss(inverted_generator, photo_target, pivot):
    run = TuneRun(inverted_generator, pivot, photo_target, FREE)
    steps = list(run)
    assert [(s.stage, s.index, s.total) for s in steps] == [("tune", i + 1, 15) for i in range(15)]
    assert steps[-1].losses.pixel < 0.8 * steps[0].losses.pixel
    assert steps[-1].losses.perceptual < steps[0].losses.perceptual
    assert run.losses == steps[-1].losses
    after = photo_target.losses(run.generator.render(pivot))
    assert after.pixel < 0.8 * steps[0].losses.pixel


def test_generator_given_is_bit_identical_afterwards(inverted_generator, photo_target, pivot):
    before, image = weights_of(inverted_generator), inverted_generator.render(pivot)
    run = TuneRun(inverted_generator, pivot, photo_target, FREE)
    list(run)
    assert run.generator is not inverted_generator
    assert run.generator.mapping is inverted_generator.mapping
    for name, tensor in inverted_generator.synthesis.state_dict().items():
        assert torch.equal(tensor, before[name]), name
    assert torch.equal(inverted_generator.render(pivot), image)
    assert not torch.equal(run.generator.render(pivot), image)


def test_pivot_stays(inverted_generator, photo_target, pivot):
    kept = pivot.w.clone()
    for step in TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=3)):
        assert step.latent is pivot
    assert torch.equal(pivot.w, kept)


def test_tuned_weights_want_no_gradient(inverted_generator, photo_target, pivot):
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=3))
    for _ in run:
        assert not any(p.requires_grad for p in run.generator.synthesis.parameters())
        assert not run.generator.render(pivot).requires_grad


def test_tuning_stops_at_the_threshold(inverted_generator, photo_target, pivot):
    first, *_, last = TuneRun(inverted_generator, pivot, photo_target, FREE)
    threshold = (first.loss + last.loss) / 2
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, stop_distance=threshold))
    steps = list(run)
    assert 1 < len(steps) < 15
    assert steps[-1].loss <= threshold
    assert all(step.loss > threshold for step in steps[:-1])
    # The generator is the one whose loss was measured: no step was made after it.
    losses = photo_target.losses(run.generator.render(pivot))
    assert losses.perceptual == pytest.approx(steps[-1].loss, rel=1e-4)


def test_no_steps_leave_the_weights_as_they_are(inverted_generator, photo_target, pivot):
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=0))
    assert list(run) == []
    assert torch.equal(run.generator.render(pivot), inverted_generator.render(pivot))
    assert run.losses is None


def test_locality_keeps_other_faces_as_they_were(inverted_generator, photo_target, pivot):
    others = [inverted_generator.sample(seed) for seed in range(20, 26)]
    moved = []
    for weight in (0.0, 5.0):
        settings = replace(FREE, locality_weight=weight, locality_every=1, locality_reach=3.0)
        run = TuneRun(inverted_generator, pivot, photo_target, settings)
        steps = list(run)
        assert steps[-1].losses.pixel < steps[0].losses.pixel
        moved.append(
            sum(
                float((run.generator.render(o) - inverted_generator.render(o)).square().mean())
                for o in others
            )
        )
    assert moved[1] < 0.8 * moved[0]


def test_same_seed_tunes_the_same(inverted_generator, photo_target, pivot):
    def tuned(seed):
        settings = replace(FREE, steps=3, seed=seed, locality_weight=1.0, locality_every=1)
        run = TuneRun(inverted_generator, pivot, photo_target, settings)
        list(run)
        return run.generator.render(pivot)

    assert torch.equal(tuned(1), tuned(1))
    assert not torch.equal(tuned(1), tuned(2))


def test_grad_mode_is_the_callers(inverted_generator, photo_target, pivot):
    with torch.no_grad():
        for _ in TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=2)):
            assert not torch.is_grad_enabled()


def test_noise_without_strength_stays_without(inverted_generator, photo_target, pivot):
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=2))
    list(run)
    strengths = [t for n, t in weights_of(run.generator).items() if n.endswith("noise_strength")]
    assert strengths
    assert all(float(strength) == 0 for strength in strengths)


def test_latent_of_another_shape_is_refused(inverted_generator, photo_target):
    with pytest.raises(LatentError, match="other"):
        TuneRun(inverted_generator, Latent(torch.zeros(3, 16), "other"), photo_target)


def test_the_step_at_the_threshold_leaves_the_grad_mode_alone(
    inverted_generator, photo_target, pivot
):
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, stop_distance=1e9))
    with torch.no_grad():
        modes = [torch.is_grad_enabled() for _ in run]
    assert modes == [False]


@pytest.mark.parametrize(
    ("settings", "whole"),
    [
        ({"full_part": 0.25}, [6, 7]),
        ({"full_part": 0.25, "full_every": 3}, [2, 5, 6, 7]),
        ({"full_part": 0.0, "full_every": 4}, [3, 7]),
        ({"full_part": 0.0}, []),
        ({"full_part": 1.0}, list(range(8))),
    ],
)
def test_whole_images_are_painted_when_the_settings_say_so(
    inverted_generator, make_crop, perceptual, pivot, settings, whole, monkeypatch
):
    crop = make_crop(np.zeros((64, 64, 3), np.uint8))
    target = make_target(crop, 64, perceptual, LossSettings(resolution=32))
    painted = []
    render = type(inverted_generator).render_w

    def watched(generator, w, resolution=None):
        painted.append(resolution)
        return render(generator, w, resolution)

    monkeypatch.setattr(type(inverted_generator), "render_w", watched)
    list(TuneRun(inverted_generator, pivot, target, replace(FREE, steps=8, **settings)))
    assert [i for i, size in enumerate(painted) if size == 64] == whole
    assert set(painted) <= {32, 64}


def test_pixels_that_weigh_more_come_nearer(inverted_generator, photo_target, pivot):
    errors = []
    for weight in (0.1, 10.0):
        settings = replace(FREE, pixel_weight=weight, sharp_weight=0.0)
        run = TuneRun(inverted_generator, pivot, photo_target, settings)
        list(run)
        errors.append(photo_target.losses(run.generator.render(pivot)).pixel)
    assert errors[1] < errors[0]


def test_background_of_tuning_is_its_own(inverted_generator, photo_target, pivot):
    same = TuneRun(inverted_generator, pivot, photo_target, FREE)
    assert same.target is photo_target
    run = TuneRun(inverted_generator, pivot, photo_target, replace(FREE, steps=1, background=1.0))
    assert run.target.settings.background == 1.0
    (step,) = run
    image = inverted_generator.render(pivot)
    assert step.losses.pixel == pytest.approx(
        photo_target.with_background(1.0).losses(image).pixel, rel=1e-4
    )
    assert step.losses.pixel != pytest.approx(photo_target.losses(image).pixel, rel=1e-4)
