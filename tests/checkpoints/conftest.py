"""NVIDIA's numbers on random networks, and small generators with random weights."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import (
    Generator,
    GeneratorConfig,
    MobileStyleGANConfig,
    StyleGAN2Config,
    build_generator,
    generator_from_tensors,
)
from photodrag.checkpoints.pickles import read_pickle

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session", params=["tiny64", "tiny32_cond"])
def reference(request: pytest.FixtureRequest) -> SimpleNamespace:
    """A network of the official code, as `generator`, and what it computed, as `values`."""
    pickle = read_pickle(DATA / f"{request.param}.pkl")
    generator = generator_from_tensors(request.param, pickle.config, dict(pickle.tensors))
    with np.load(DATA / f"{request.param}.npz") as arrays:
        values = {name: torch.from_numpy(arrays[name]) for name in arrays}
    condition = values["c"] if generator.mapping.c_dim else None
    return SimpleNamespace(generator=generator, values=values, condition=condition)


@pytest.fixture(scope="session")
def make_generator() -> Callable[..., Generator]:
    """Random weights, the same in every run; noise of some strength, so that it counts."""

    def make(config: GeneratorConfig, seed: int = 0) -> Generator:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            generator = build_generator("tiny", config)
            for name, tensor in generator.synthesis.state_dict().items():
                if name.endswith(("noise_strength", "noise", "bias")):
                    tensor.add_(0.1 * torch.randn(tensor.shape))
        return generator

    return make


@pytest.fixture(scope="session")
def stylegan2(make_generator: Callable[..., Generator]) -> Generator:
    return make_generator(
        StyleGAN2Config(
            resolution=32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16
        )
    )


@pytest.fixture(scope="session")
def mobile(make_generator: Callable[..., Generator]) -> Generator:
    return make_generator(
        MobileStyleGANConfig(z_dim=16, w_dim=16, mapping_layers=2, channels=(16, 12, 8, 4))
    )
