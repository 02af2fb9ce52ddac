"""A small generator with random weights, and traces of the official code."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from photodrag.checkpoints import (
    Generator,
    Latent,
    StyleGAN2Config,
    build_generator,
    load_generator,
)

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
