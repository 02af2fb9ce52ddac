"""Small generators of both kinds with random weights, and pairs made of one photo."""

from dataclasses import replace

import pytest
import torch

from photodrag.alignment import find_faces, open_photo
from photodrag.checkpoints import Generator, MobileStyleGANConfig, StyleGAN2Config, build_generator
from truth import TruthPair

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


@pytest.fixture(scope="module")
def still(small_portrait):
    """A pair whose truth is the photo itself."""
    photo = open_photo(small_portrait)
    face = find_faces(photo)[0]
    return TruthPair("still", photo, face, photo.srgb(), face.landmarks.copy())


@pytest.fixture(scope="module")
def smile(still):
    """Corners of the mouth out and up, by 5 % of the eye distance."""
    targets = still.face.landmarks.copy()
    way = 0.05 * still.face.eye_distance
    targets[[48, 60]] += (-way, -way)
    targets[[54, 64]] += (way, -way)
    return replace(still, targets=targets)
