"""A learned first guess of the latent, from a small crop; projection goes on from there.

A few layers on the features that the shift-tolerant AlexNet of the perceptual distance sees
(`scripts/train_encoder.py` fits them to faces that the generator paints).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from photodrag.checkpoints import Generator, Latent
from photodrag.checkpoints.atomic import write_whole
from photodrag.errors import CheckpointError

from .perceptual import PerceptualDistance, load_perceptual
from .target import shrink

ENCODER_TRUNK = "st-alex"
INPUT_SIZE = 128
_GRID = 8
_FEATURES = 192 + 384 + 256 + 256 + 12  # of the trunk's last four stages, and the colours
_FORMAT = 1
_METADATA_KEY = "photodrag-encoder"
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


def save_encoder(
    path: str | Path, encoder: Encoder, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write an encoder in half precision for the generator with a fingerprint."""
    about = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "outputs": encoder.output.out_features,
        "narrow": encoder.reduce.out_channels,
        "hidden": encoder.hidden.out_features,
        "notes": dict(notes),
    }
    tensors = {
        name: tensor.detach().cpu().half().contiguous()
        for name, tensor in encoder.state_dict().items()
    }
    write_whole(Path(path), safetensors.torch.save(tensors, {_METADATA_KEY: json.dumps(about)}))


def find_encoder(generator: Generator, folder: Path = _SHIPPED) -> Encoder | None:
    """The encoder in a folder that was fitted to this generator's weights, or None.

    Raises CheckpointError for a file that cannot be read.
    """
    for path in sorted(folder.glob("*-encoder.safetensors")):
        encoder = _read(path, generator.fingerprint)
        if encoder is not None:
            return encoder.to(generator.device)
    return None


def _read(path: Path, fingerprint: str) -> Encoder | None:
    try:
        with safetensors.safe_open(path, "pt") as file:
            about: Any = json.loads((file.metadata() or {})[_METADATA_KEY])
        if about["format"] != _FORMAT:
            raise ValueError(f"format {about['format']} instead of {_FORMAT}")
        if about["fingerprint"] != fingerprint:
            return None
        encoder = Encoder(about["outputs"], about["narrow"], about["hidden"])
        encoder.load_state_dict(safetensors.torch.load_file(path))
    except (
        OSError, safetensors.SafetensorError, LookupError, TypeError, ValueError, RuntimeError
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"the encoder in {path} cannot be read: {reason}; install photodrag again"
        ) from error
    return encoder.eval().requires_grad_(False)
