"""Coarser arithmetic: the same drag by and by, and no trace of it outside."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
import torch

from photodrag.adam import Adam
from photodrag.drag import DEFAULTS, OFFICIAL, DragRun
from photodrag.drag.feature_map import computing

DRAG = {"max_steps": 3, "feature_resolution": 16, "patch_radius": 32, "search_radius": 64}
SETTINGS = {"default": replace(DEFAULTS, **DRAG), "official": replace(OFFICIAL, **DRAG)}
every = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
CUDA, CPU = torch.device("cuda"), torch.device("cpu")


@every
def test_bfloat16_sees_nearly_the_same(
    tiny_generator, tiny_points, tiny_mask, monkeypatch, settings
):
    """What the steps look at, and the gradient that comes back: to 8 bits, in float32."""
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
        run = DragRun(tiny_generator, tiny_generator.sample(1), tiny_points, one, tiny_mask)
        next(iter(run))
    exact, coarse = views
    assert coarse.dtype == torch.float32
    assert not torch.equal(exact, coarse)
    assert (coarse - exact).square().mean().sqrt() < 0.02 * exact.std()
    along = torch.cosine_similarity(*(pull.flatten() for pull in gradients), dim=0)
    assert along > 0.9


@every
def test_tf32_is_float32_on_a_cpu(tiny_stylegan2, tiny_points, settings):
    start = tiny_stylegan2.sample(1)
    one, other = (
        list(DragRun(tiny_stylegan2, start, tiny_points, replace(settings, precision=name)))
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


def test_who_holds_a_step_computes_as_usual(tiny_stylegan2, tiny_points):
    """A drag that waits for its next step has nothing switched."""
    settings = replace(SETTINGS["default"], precision="bfloat16")
    for _ in DragRun(tiny_stylegan2, tiny_stylegan2.sample(1), tiny_points, settings):
        assert not torch.is_autocast_enabled(CPU.type)
        assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype == torch.float32
