"""Coarser arithmetic: the same drag by and by, and no trace of it outside."""

from contextlib import nullcontext
from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Generator, MobileStyleGANConfig, StyleGAN2Config
from photodrag.drag import DEFAULTS, OFFICIAL, DragPoint, DragRun
from photodrag.drag.adam import Adam
from photodrag.drag.precision import computing

SIZE, MAP = 32, 16
SHAPE = {"z_dim": 8, "w_dim": 8, "mapping_layers": 2}
CONFIGS = {
    "stylegan2": StyleGAN2Config(resolution=SIZE, channel_base=256, channel_max=16, **SHAPE),
    "mobile": MobileStyleGANConfig(channels=(16, 12, 8), **SHAPE),
}
POINTS = (DragPoint((14, 14), (19, 12)), DragPoint((20, 22), (16, 22)))
DRAG = {"max_steps": 3, "feature_resolution": MAP, "patch_radius": 32, "search_radius": 64}
SETTINGS = {"default": replace(DEFAULTS, **DRAG), "official": replace(OFFICIAL, **DRAG)}
every = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
CUDA, CPU = torch.device("cuda"), torch.device("cpu")


@every
@pytest.mark.parametrize("masked", [False, True], ids=["all", "masked"])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_bfloat16_sees_nearly_the_same(make_generator, monkeypatch, config, settings, masked):
    """What the steps look at, and the gradient that comes back: to 8 bits, in float32."""
    mask = np.zeros((SIZE, SIZE), bool)
    mask[:, 10:] = True
    generator = make_generator(config)
    views, gradients = [], []
    see, step = DragRun._view, Adam.step

    def seen(*args):
        view = see(*args)
        views.append(view.maps.table.detach())
        return view

    def stepped(optimizer):
        gradients.append(optimizer.value.grad.clone())
        step(optimizer)

    monkeypatch.setattr(DragRun, "_view", seen)
    monkeypatch.setattr(Adam, "step", stepped)
    for precision in ("float32", "bfloat16"):
        one = replace(settings, precision=precision)
        run = DragRun(generator, generator.sample(1), POINTS, one, mask if masked else None)
        next(iter(run))
    exact, coarse = views
    assert coarse.dtype == torch.float32
    assert not torch.equal(exact, coarse)
    assert (coarse - exact).square().mean().sqrt() < 0.02 * exact.std()
    along = torch.cosine_similarity(*(pull.flatten() for pull in gradients), dim=0)
    assert along > 0.9


@every
def test_tf32_is_float32_on_a_cpu(make_generator, settings):
    generator = make_generator(CONFIGS["stylegan2"])
    one, other = (
        list(DragRun(generator, generator.sample(1), POINTS, replace(settings, precision=name)))
        for name in ("float32", "tf32")
    )
    for step, same in zip(one, other, strict=True):
        assert torch.equal(step.latent.w, same.latent.w)


@pytest.mark.parametrize("usual", [False, True])
@pytest.mark.parametrize(
    ("precision", "rounded"), [("float32", False), ("tf32", True), ("bfloat16", True)]
)
def test_cuda_rounds_as_asked_and_as_before_afterwards(monkeypatch, precision, rounded, usual):
    monkeypatch.setattr("torch.autocast", lambda kind, dtype: nullcontext())  # it wants a GPU
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = usual
    try:
        with computing(precision, CUDA):
            assert torch.backends.cudnn.allow_tf32 == rounded
        assert torch.backends.cudnn.allow_tf32 == usual
        with pytest.raises(KeyError), computing(precision, CUDA):
            raise KeyError
        assert torch.backends.cudnn.allow_tf32 == usual
    finally:
        torch.backends.cudnn.allow_tf32 = before


def test_who_holds_a_step_computes_as_usual(make_generator):
    """A drag that waits for its next step has nothing switched."""
    generator: Generator = make_generator(CONFIGS["stylegan2"])
    settings = replace(SETTINGS["default"], precision="bfloat16")
    for _ in DragRun(generator, generator.sample(1), POINTS, settings):
        assert not torch.is_autocast_enabled(CPU.type)
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
