"""A learned first guess of the latent, from a small crop; projection goes on from there.

A few layers on the features that the shift-tolerant AlexNet of the perceptual distance sees
(`scripts/train_encoder.py` fits them to faces that the generator paints).
"""

from __future__ import annotations

import math
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photodrag.checkpoints import Generator, Latent
from photodrag.checkpoints.fitted_files import FittedFiles

from .perceptual import PerceptualDistance, load_perceptual
from .target import shrink

ENCODER_TRUNK = "st-alex"
INPUT_SIZE = 128
_GRID = 8
_FEATURES = 192 + 384 + 256 + 256 + 12  # of the trunk's last four stages, and the colours
FILES = FittedFiles("-encoder.safetensors", "photodrag-encoder", "the encoder")
_SHIPPED = Path(__file__).parent / "data"


class Encoder(nn.Module):
    """Features of a face, (N, 1100, 8, 8), to the offset of w from its mean, in spreads of w."""

    mean: Tensor
    scale: Tensor

    def __init__(self, outputs: int, narrow: int, hidden: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(_FEATURES, 1, 1))
        self.register_buffer("scale", torch.ones(_FEATURES, 1, 1))
        self.reduce = nn.Conv2d(_FEATURES, narrow, 1)
        self.hidden = nn.Linear(narrow * _GRID**2, hidden)
        self.straight = nn.Linear(narrow * _GRID**2, outputs)
        self.output = nn.Linear(hidden, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Features (N, 1100, 8, 8) to offsets (N, w_dim)."""
        x = self.reduce((features - self.mean) * self.scale).flatten(1)
        out: Tensor = self.straight(x) + self.output(F.leaky_relu(self.hidden(x), 0.2))
        return out


@torch.no_grad()
def encoder_features(perceptual: PerceptualDistance, image: Tensor) -> Tensor:
    """What the encoder sees of an image (N, 3, R, R) in -1..1: (N, 1100, 8, 8)."""
    image = shrink(image, INPUT_SIZE)
    stages = perceptual.embed(image)[1:]
    colors = F.pixel_unshuffle(F.adaptive_avg_pool2d(image, 2 * _GRID), 2)
    return torch.cat([*(F.adaptive_avg_pool2d(stage, _GRID) for stage in stages), colors], dim=1)


def first_guess(generator: Generator, encoder: Encoder, image: Tensor) -> Latent:
    """The latent that the encoder sees in a crop (1, 3, R, R) in -1..1, the same in every row."""
    features = encoder_features(load_perceptual(ENCODER_TRUNK, image.device), image)
    statistics = generator.w_statistics
    with torch.no_grad():
        w = statistics.mean + encoder(features)[0] * spread(generator)
    return Latent(w.repeat(generator.num_ws, 1), generator.name)


def spread(generator: Generator) -> float:
    """The standard deviation of one number of w, on average."""
    return float(generator.w_statistics.std / math.sqrt(generator.w_dim))


def find_encoder(generator: Generator, folder: Path = _SHIPPED) -> Encoder | None:
    """The encoder in a folder that was fitted to this generator's weights, or None.

    Raises CheckpointError for a file that cannot be read.
    """
    encoder = FILES.find(
        folder,
        generator.fingerprint,
        lambda note: Encoder(*(note[name].whole() for name in ("outputs", "narrow", "hidden"))),
    )
    return None if encoder is None else encoder.to(generator.device).eval().requires_grad_(False)
