"""A small generator with random weights, and a crop painted by it."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from photodrag.alignment import Face, FaceCrop
from photodrag.checkpoints import Generator, Latent, StyleGAN2Config, build_generator
from photodrag.inversion import (
    LossSettings,
    PerceptualDistance,
    Target,
    load_perceptual,
    make_target,
)

SIZE = 64


def make_landmarks() -> np.ndarray:
    """A plain face (68, 2) in a 64 px square: only its outline and its middle matter."""
    landmarks = np.full((68, 2), 32.0)
    angle = np.linspace(np.pi, 0, 17)
    landmarks[:17] = 32 + 16 * np.column_stack([np.cos(angle), np.sin(angle)])
    landmarks[17:27] = np.column_stack([np.linspace(20, 44, 10), np.full(10, 24.0)])
    landmarks[33] = 32, 36
    return landmarks


@pytest.fixture(scope="session")
def make_crop() -> Callable[..., FaceCrop]:
    def make(pixels: np.ndarray, valid: np.ndarray | None = None) -> FaceCrop:
        size = len(pixels)
        landmarks = make_landmarks() * size / SIZE
        face = Face(1, (0.0, 0.0, float(size), float(size)), landmarks, 1.0)
        same = np.eye(2, 3)
        valid = np.ones((size, size), bool) if valid is None else valid
        return FaceCrop(pixels, face, same, same, valid)

    return make


@pytest.fixture(scope="session")
def inverted_generator() -> Generator:
    config = StyleGAN2Config(
        resolution=SIZE, z_dim=16, w_dim=16, mapping_layers=2, channel_base=512, channel_max=16
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        generator = build_generator("tiny", config)
        for name, tensor in generator.synthesis.state_dict().items():
            if name.endswith("torgb.weight"):
                tensor.mul_(0.3)  # images of about -1..1
    return generator


@pytest.fixture(scope="session")
def perceptual() -> PerceptualDistance:
    return load_perceptual("st-alex")


@pytest.fixture(scope="session")
def known_latent(inverted_generator: Generator) -> Latent:
    return inverted_generator.sample(7, truncation=1.0)


@pytest.fixture(scope="session")
def painted_target(
    inverted_generator: Generator,
    known_latent: Latent,
    perceptual: PerceptualDistance,
    make_crop: Callable[..., FaceCrop],
) -> Target:
    """What the generator paints from `known_latent`, as if it were a photo."""
    image = inverted_generator.render(known_latent)[0].permute(1, 2, 0)
    pixels = (image * 127.5 + 127.5).round().clamp(0, 255).to(torch.uint8).numpy()
    return make_target(make_crop(pixels), SIZE, perceptual, LossSettings(resolution=SIZE))


@pytest.fixture(scope="session")
def photo_target(perceptual: PerceptualDistance, make_crop: Callable[..., FaceCrop]) -> Target:
    """Soft colours that the generator does not paint."""
    y, x = np.mgrid[:SIZE, :SIZE] / (SIZE - 1)
    pixels = np.stack([x, y, 1 - (x + y) / 2], axis=2)
    pixels = np.round(255 * pixels).astype(np.uint8)
    return make_target(make_crop(pixels), SIZE, perceptual, LossSettings(resolution=SIZE))
