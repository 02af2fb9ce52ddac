"""What inversion gives back: steps on the way and the inversion at the end."""

from __future__ import annotations

from dataclasses import dataclass

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
    """A latent and the generator (tuned or not) that paints the photo from it."""

    latent: Latent
    generator: Generator
    losses: Losses
    tuned: bool
