"""The reference loop does what the preset `official` does, so their times may be compared."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
import torch

from benchmarks.reference_drag import ReferenceDrag
from photodrag.drag import OFFICIAL, DragPoint, DragRun

STEPS = 5


def points(size: int) -> list[DragPoint]:
    positions = np.array([[[0.3, 0.3], [0.6, 0.5]], [[0.6, 0.7], [0.45, 0.4]]]) * size
    return [DragPoint(tuple(handle), tuple(target)) for handle, target in positions]


@pytest.mark.parametrize("masked", [False, True])
def test_steps_equal_those_of_the_official_preset(any_generator, masked):
    size, start = any_generator.resolution, any_generator.sample(0)
    mask = None
    if masked:
        mask = np.zeros((size, size), np.bool_)
        mask[size // 8 : size // 2, size // 8 : size // 2] = True
    reference = islice(ReferenceDrag(any_generator, start, points(size), mask), STEPS)
    settings = replace(OFFICIAL, max_steps=STEPS)
    ours = list(DragRun(any_generator, start, points(size), settings, mask))
    assert len(ours) == STEPS
    for theirs, step in zip(reference, ours, strict=True):
        torch.testing.assert_close(theirs.w, step.latent.w, rtol=0, atol=1e-4)
        assert theirs.positions == tuple((int(x), int(y)) for x, y in step.positions)
    moved = (ours[-1].latent.w - start.w).abs().max()
    assert moved > 5e-3  # 50 times the tolerance


def test_the_image_is_that_of_the_steps_latent(any_generator):
    size, start = any_generator.resolution, any_generator.sample(0)
    third = list(islice(ReferenceDrag(any_generator, start, points(size)), 3))[-1]
    torch.testing.assert_close(third.image, any_generator.render_w(third.w), rtol=1e-3, atol=1e-3)


def test_the_given_latent_is_left_alone(any_generator):
    start = any_generator.sample(0)
    before = start.w.clone()
    list(islice(ReferenceDrag(any_generator, start, points(any_generator.resolution)), 3))
    assert torch.equal(start.w, before)


def test_the_caller_keeps_its_gradient_mode(any_generator):
    steps = iter(ReferenceDrag(any_generator, any_generator.sample(0), points(32)))
    with torch.no_grad():
        next(steps)
        assert not torch.is_grad_enabled()
