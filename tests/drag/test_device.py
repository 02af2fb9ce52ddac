"""A step keeps to the generator's device, and waits for it once: seen with tensors without data."""

from dataclasses import replace

import pytest

from photodrag.checkpoints import Latent
from photodrag.drag import DEFAULTS, OFFICIAL, DragRun
from photodrag.errors import LatentError

STEPS = 4
DRAG = {
    **{"max_steps": STEPS, "feature_resolution": 16, "learning_rate": 0.02, "patience": 0},
    **{"patch_radius": 32, "search_radius": 64},
}
# Each with how often a step waits: FreeDrag also asks whether all templates have come.
SETTINGS = {
    "template": (replace(DEFAULTS, **DRAG), 1),
    "vector": (replace(DEFAULTS, tracking="vector", **DRAG), 1),
    "no tracking": (replace(DEFAULTS, tracking="none", **DRAG), 1),
    "official": (replace(OFFICIAL, **DRAG), 1),
    "free": (replace(DEFAULTS, method="free", **DRAG), 2),
    "prior": (replace(DEFAULTS, prior=0.1, **DRAG), 1),
}


@pytest.mark.parametrize(("settings", "most"), SETTINGS.values(), ids=SETTINGS)
def test_a_step_keeps_to_the_device_and_waits_once(
    tiny_generator, tiny_points, tiny_mask, without_data, waits, settings, most
):
    start = tiny_generator.sample(1)
    there = without_data(tiny_generator)
    same = Latent(start.w.to("meta"), start.generator, finite=True)
    with waits:
        here = list(DragRun(tiny_generator, start, tiny_points, settings, tiny_mask))
    with waits:
        steps = list(DragRun(there, same, tiny_points, settings, tiny_mask))
    assert [step.positions for step in steps] == [step.positions for step in here]
    assert all(step.latent.w.is_meta for step in steps)
    assert len(steps) == STEPS
    assert not waits.answers
    # Where the points go is asked once at first.
    assert STEPS <= waits.count <= most * STEPS + 1


def test_a_latent_that_is_not_finite_ends_the_drag(tiny_stylegan2, tiny_points):
    settings = replace(SETTINGS["no tracking"][0], learning_rate=2e37)
    with pytest.raises(LatentError, match="not finite"):
        list(DragRun(tiny_stylegan2, tiny_stylegan2.sample(1), tiny_points, settings))
