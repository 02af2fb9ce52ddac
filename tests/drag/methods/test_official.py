"""The preset "official" against the published code's own numbers, step by step."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.drag import OFFICIAL, PRESETS, DragPoint, DragRun

STEPS = 20


@pytest.mark.parametrize("task", ["one_point", "three_points", "masked"])
def test_every_step_equals_the_published_code(official_generator, official_trace, task):
    places = official_trace[f"{task}_points_yx"].astype(float)[:, :, ::-1]  # (x, y)
    targets = official_trace[f"{task}_targets_yx"].astype(float)[:, ::-1]
    points = [
        DragPoint(tuple(handle), tuple(target))
        for handle, target in zip(places[0], targets, strict=True)
    ]
    mask = official_trace["masked_mask_fixed"] == 0 if task == "masked" else None
    start = Latent(torch.from_numpy(official_trace["w0"][0]), official_generator.name)
    run = DragRun(official_generator, start, points, replace(OFFICIAL, max_steps=STEPS + 1), mask)
    steps = list(run)
    assert len(steps) == STEPS + 1
    for i, step in enumerate(steps):
        np.testing.assert_allclose(
            step.latent.w.numpy(), official_trace[f"{task}_w"][i], rtol=0, atol=1e-4
        )
        # The trace holds where a step found the points after it moved w.
        if i < STEPS:
            np.testing.assert_array_equal(step.positions, places[i + 1])
    moved = official_trace[f"{task}_w"][-1] - official_trace[f"{task}_w"][0]
    assert np.abs(moved).max() > 5e-3  # 50 times the tolerance


def test_presets_are_named():
    assert PRESETS["official"] is OFFICIAL
    assert OFFICIAL.method == "official"
    assert PRESETS["default"].method != "official"
