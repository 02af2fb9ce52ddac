"""A step keeps to the generator's device, and waits for it once: seen with tensors without data."""

from dataclasses import replace

import numpy as np
import pytest

from photodrag.checkpoints import Latent, MobileStyleGANConfig, StyleGAN2Config
from photodrag.drag import DEFAULTS, OFFICIAL, DragPoint, DragRun
from photodrag.errors import LatentError

SIZE, MAP = 32, 16
SHAPE = {"z_dim": 8, "w_dim": 8, "mapping_layers": 2}
CONFIGS = {
    "stylegan2": StyleGAN2Config(resolution=SIZE, channel_base=256, channel_max=16, **SHAPE),
    "mobile": MobileStyleGANConfig(channels=(16, 12, 8), **SHAPE),
}
POINTS = (DragPoint((14, 14), (19, 12)), DragPoint((20, 22), (16, 22)))
STEPS = 4
DRAG = {
    **{"max_steps": STEPS, "feature_resolution": MAP, "learning_rate": 0.02, "patience": 0},
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
@pytest.mark.parametrize("masked", [False, True], ids=["all", "masked"])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_a_step_keeps_to_the_device_and_waits_once(
    make_generator, without_data, waits, config, masked, settings, most
):
    generator = make_generator(config)
    start = generator.sample(1)
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 10:] = True
    mask = mask if masked else None
    there = without_data(generator)
    same = Latent(start.w.to("meta"), start.generator, finite=True)
    with waits:
        here = list(DragRun(generator, start, POINTS, settings, mask))
    with waits:
        steps = list(DragRun(there, same, POINTS, settings, mask))
    assert [step.positions for step in steps] == [step.positions for step in here]
    assert all(step.latent.w.is_meta for step in steps)
    assert len(steps) == STEPS
    assert not waits.answers
    # Where the points go is asked once at first.
    assert STEPS <= waits.count <= most * STEPS + 1


def test_a_latent_that_is_not_finite_ends_the_drag(make_generator):
    generator = make_generator(CONFIGS["stylegan2"])
    settings = replace(SETTINGS["no tracking"][0], learning_rate=2e37)
    with pytest.raises(LatentError, match="not finite"):
        list(DragRun(generator, generator.sample(1), POINTS, settings))
