"""What inversion gives back: steps on the way and the inversion at the end."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from photodrag.checkpoints import Generator, Latent


@dataclass(frozen=True)
class Losses:
    """How far an image is from the photo: mean square error and perceptual distance."""

    pixel: float
    perceptual: float


@dataclass(frozen=True, eq=False)
class InvertStep:
    """One finished step: the stage ("pivot", "w+" or "tune"), its number from 1 of the total."""

    stage: str
    index: int
    total: int
    latent: Latent
    losses: Losses

    @property
    def loss(self) -> float:
        """The perceptual distance, the one number to watch."""
        return self.losses.perceptual


@dataclass(frozen=True, eq=False)
class Inversion:
    """A latent and the generator (tuned or not) that paints the photo from it.

    `base` is the fingerprint of the generator before tuning, where a file told it; else empty.
    """

    latent: Latent
    generator: Generator
    losses: Losses
    tuned: bool
    base: str = ""

    @property
    def base_fingerprint(self) -> str:
        """What the generator was before tuning; empty where nobody knows."""
        unknown = self.tuned and self.generator.original is None
        return self.base if self.base or unknown else self.generator.untuned.fingerprint


def numbers(*scalars: Tensor) -> list[float]:
    """Tensors of one number each, looked at together: the host waits for a GPU once."""
    found: list[float] = torch.stack([scalar.detach().float() for scalar in scalars]).tolist()
    return found
