"""The feature map by `torch.compile`: the same drag, compiled once for generators of one shape."""

import gc
import shutil
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from torch._dynamo.utils import counters

from photodrag.drag import DEFAULTS, OFFICIAL, DragRun
from photodrag.drag.feature_map import CompiledMap
from photodrag.errors import SettingsError

MAP = 16
DRAG = {"max_steps": 3, "feature_resolution": MAP, "learning_rate": 0.02, "patience": 0}
SETTINGS = {
    "template": replace(DEFAULTS, patch_radius=32, search_radius=64, **DRAG),
    "official": replace(OFFICIAL, patch_radius=32, search_radius=64, **DRAG),
}
every = pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)


@pytest.fixture(scope="module", autouse=True)
def nothing_is_left():
    yield
    torch._dynamo.reset()


@pytest.fixture
def quickly(monkeypatch):
    """Compiled without C++, which takes long; all else is as it is."""
    monkeypatch.setattr("photodrag.drag.run.CompiledMap", partial(CompiledMap, backend="aot_eager"))


def same(settings, generator, points, mask=None, **going_on):
    start = generator.sample(1)
    plain, compiled = (
        list(DragRun(generator, start, points, one, mask, **going_on))
        for one in (settings, replace(settings, compiled=True))
    )
    assert len(plain) == len(compiled) == 3
    assert not torch.equal(plain[0].latent.w, plain[-1].latent.w)
    for one, other in zip(plain, compiled, strict=True):
        torch.testing.assert_close(other.latent.w, one.latent.w, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(other.positions, one.positions, rtol=1e-4, atol=1e-4)


@every
def test_compiled_drag_takes_the_same_steps(
    tiny_generator, tiny_points, tiny_mask, quickly, settings
):
    same(settings, tiny_generator, tiny_points, tiny_mask)


@every
def test_compiled_drag_goes_on_the_same_way(tiny_stylegan2, tiny_points, quickly, settings):
    places = [(15, 14), (19, 22)]
    begin = tiny_stylegan2.sample(2)
    same(settings, tiny_stylegan2, tiny_points, begin=begin, begin_places=places)


@pytest.mark.slow
def test_one_compilation_serves_all_of_one_shape_and_holds_none(make_generator, tiny_stylegan2):
    torch._dynamo.reset()
    counters.clear()
    gone = []
    for seed in range(3):
        generator = make_generator(tiny_stylegan2.config, seed)
        w = generator.sample(seed).w
        expected = generator.features_w(w, MAP)
        compiled = CompiledMap(generator, MAP, w, backend="aot_eager")
        moving = w[:4].clone().requires_grad_()
        torch.testing.assert_close(compiled(moving, w[4:]).detach(), expected)
        with torch.no_grad():
            found = compiled(w[:4], w[4:])
        assert not found.requires_grad
        torch.testing.assert_close(found, expected)
        gone.append(weakref.ref(generator.synthesis))
        del generator, compiled
    gc.collect()
    assert counters["stats"]["unique_graphs"] == 1
    assert [one() for one in gone] == [None, None, None]


def test_weights_changed_in_a_copy_count(tiny_generator):
    """A tuned generator is a copy, with what was kept of the first one's weights."""
    first = tiny_generator
    w = first.sample(0).w
    first.features_w(w, MAP)
    tuned = first.with_synthesis(type(first.synthesis)(first.config))
    tuned.synthesis.load_state_dict(first.synthesis.state_dict())
    for layer, other in zip(first.synthesis.modules(), tuned.synthesis.modules(), strict=True):
        if hasattr(layer, "_kept"):
            other._kept = dict(layer._kept)
    for parameter in tuned.synthesis.parameters():
        parameter.mul_(1.3)
    compiled = CompiledMap(tuned, MAP, w, backend="aot_eager")
    moving = w[:4].clone().requires_grad_()
    found = compiled(moving, w[4:])
    torch.testing.assert_close(found.detach(), tuned.features_w(w, MAP))
    found.square().mean().backward()
    leaf = w.clone().requires_grad_()
    tuned.features_w(leaf, MAP).square().mean().backward()
    torch.testing.assert_close(moving.grad, leaf.grad[:4])


def test_without_a_compiler_it_is_said_what_to_do(tiny_stylegan2, tiny_points, monkeypatch):
    def lacks(graph, inputs):
        raise RuntimeError("No working C++ compiler found")

    monkeypatch.setattr("photodrag.drag.run.CompiledMap", partial(CompiledMap, backend=lacks))
    settings = replace(SETTINGS["template"], compiled=True)
    start = tiny_stylegan2.sample(1)
    steps = iter(DragRun(tiny_stylegan2, start, tiny_points, settings))
    with pytest.raises(SettingsError, match=r"No working C\+\+ compiler.*install.*leave out"):
        next(steps)


@pytest.mark.slow
@pytest.mark.skipif(not (shutil.which("g++") or shutil.which("clang++")), reason="no C++ compiler")
def test_compiled_to_machine_code_it_is_the_same(tiny_stylegan2, tiny_points):
    same(replace(SETTINGS["template"], feature_resolution=8), tiny_stylegan2, tiny_points)
