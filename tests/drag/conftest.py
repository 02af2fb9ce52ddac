"""A small generator with random weights, views of made-up features, traces of the official code."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.checkpoints import (
    Generator,
    Latent,
    MobileStyleGANConfig,
    StyleGAN2Config,
    Window,
    WindowMaps,
    build_generator,
    load_generator,
)
from photodrag.drag import DragPoint, DragSettings
from photodrag.drag.features import handle_maps
from photodrag.drag.interfaces import Task, View

MAP_SIZE = 32
TINY_SIZE = 32
_TINY_SHAPE = {"z_dim": 8, "w_dim": 8, "mapping_layers": 2}
TINY = {
    "stylegan2": StyleGAN2Config(
        resolution=TINY_SIZE, channel_base=256, channel_max=16, **_TINY_SHAPE
    ),
    "mobile": MobileStyleGANConfig(channels=(16, 12, 8), **_TINY_SHAPE),
}

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session")
def drag_generator() -> Generator:
    config = StyleGAN2Config(
        resolution=64, z_dim=32, w_dim=32, mapping_layers=2, channel_base=1024, channel_max=32
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_generator("tiny", config)


@pytest.fixture(scope="session")
def drag_latent(drag_generator: Generator) -> Latent:
    return drag_generator.sample(0)


@pytest.fixture(scope="session")
def official_generator() -> Generator:
    return load_generator(DATA / "drag256.safetensors")


@pytest.fixture(scope="session")
def official_trace() -> dict[str, NDArray[np.generic]]:
    """Of the published loop: w and points (row, column), before and after each of 20 steps."""
    with np.load(DATA / "drag256.npz") as arrays:
        return {name: arrays[name] for name in arrays}


@pytest.fixture(params=TINY)
def tiny_generator(request, make_generator) -> Generator:
    """One of each network, of TINY_SIZE."""
    return make_generator(TINY[request.param])


@pytest.fixture
def tiny_stylegan2(make_generator) -> Generator:
    return make_generator(TINY["stylegan2"])


@pytest.fixture
def tiny_points() -> tuple[DragPoint, ...]:
    """Two drags in an image of TINY_SIZE."""
    return (DragPoint((14, 14), (19, 12)), DragPoint((20, 22), (16, 22)))


@pytest.fixture(params=[False, True], ids=["all", "masked"])
def tiny_mask(request) -> NDArray[np.bool_] | None:
    """None, or what may change in an image of TINY_SIZE."""
    if not request.param:
        return None
    mask = np.zeros((TINY_SIZE, TINY_SIZE), bool)
    mask[:, 10:] = True
    return mask


@pytest.fixture
def make_task(drag_generator: Generator) -> Callable[..., Task]:
    """A task on the small generator's map of MAP_SIZE, half as large as its image."""
    return lambda settings, mask=None: Task(settings, drag_generator, MAP_SIZE, mask)


@pytest.fixture(scope="session")
def make_view() -> Callable[..., View]:
    """A view of smooth features that have moved by (x, y) map pixels, of `count` handles."""
    draw = torch.Generator().manual_seed(0)
    waves, phases = torch.randn(8, 2, generator=draw) * 0.5, torch.randn(8, generator=draw)
    line = torch.arange(float(MAP_SIZE))
    y, x = torch.meshgrid(line, line, indexing="ij")

    def make(move: tuple[float, float] = (0.0, 0.0), count: int = 1) -> View:
        features: Tensor = torch.sin(
            waves[:, 0, None, None] * (x - move[0])
            + waves[:, 1, None, None] * (y - move[1])
            + phases[:, None, None]
        )
        windows = [Window(0, 0, MAP_SIZE, MAP_SIZE)] * count
        whole = features[None]
        return View(
            torch.zeros(1, 1), handle_maps(WindowMaps.of_whole(whole, windows), windows), whole
        )

    return make


@pytest.fixture
def small_settings() -> DragSettings:
    """A patch of 2 and a search of 6 map pixels."""
    return DragSettings(patch_radius=32, search_radius=96)
