"""Small generators of both kinds with random weights."""

import pytest
import torch

from photodrag.checkpoints import Generator, MobileStyleGANConfig, StyleGAN2Config, build_generator

CONFIGS = {
    "stylegan2": StyleGAN2Config(
        resolution=64, z_dim=32, w_dim=32, mapping_layers=2, channel_base=1024, channel_max=32
    ),
    "clamped": StyleGAN2Config(
        resolution=32,
        z_dim=16,
        w_dim=16,
        mapping_layers=2,
        channel_base=512,
        channel_max=16,
        conv_clamp=0.5,
    ),
    "mobile": MobileStyleGANConfig(
        z_dim=32, w_dim=32, mapping_layers=2, channels=(32, 32, 32, 16, 8)
    ),
}


@pytest.fixture(scope="session", params=CONFIGS)
def any_generator(request: pytest.FixtureRequest) -> Generator:
    """A generator of each shape, with nothing in it left at zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = build_generator(request.param, CONFIGS[request.param])
        for name, tensor in generator.synthesis.state_dict().items():
            if name.endswith(("bias", "noise_strength", "noise")):
                tensor.add_(0.1 * torch.randn_like(tensor))
    return generator
