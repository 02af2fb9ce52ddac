"""Inversion as PTI's published code runs it: what ours is measured against.

Roich et al. 2021, arXiv 2106.05744, written from descriptions: a pivot in W (450 steps of Adam at
0.01 with StyleGAN2's ramps and fading noise, perceptual distance at 256 px of the whole image),
then tuning (350 steps of Adam at 3e-4 of every synthesis weight, mean square error and perceptual
distance at full size). The distance is the one ours uses, ST-LPIPS, so that the numbers compare.
Left out: optimising the noise maps, which the student does not have, and stopping early. The
network is the project's own, which is faster than the published one.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.nn import functional as F

from photodrag.checkpoints import Generator, Latent
from photodrag.inversion import PerceptualDistance

PIVOT_STEPS, TUNE_STEPS = 450, 350
_PIVOT_RATE, _TUNE_RATE = 0.01, 3e-4
_RAMP_UP, _RAMP_DOWN = 0.05, 0.25  # parts of the steps
_NOISE, _NOISE_UNTIL = 0.05, 0.75
_SMALL = 256


class ReferencePivot:
    """Projection into W of an image (1, 3, R, R), -1..1; `latent` is the latest."""

    def __init__(
        self,
        generator: Generator,
        wanted: Tensor,
        distance: PerceptualDistance,
        steps: int = PIVOT_STEPS,
    ):
        self.generator, self.wanted, self.distance = generator, wanted, distance
        self.steps = steps
        self.latent = generator.mean_latent()

    def __iter__(self) -> Iterator[float]:
        """Do the work, and yield each step's distance."""
        statistics = self.generator.w_statistics
        draw = torch.Generator().manual_seed(0)
        w = statistics.mean.clone().requires_grad_()
        adam = torch.optim.Adam([w], lr=_PIVOT_RATE)
        with torch.no_grad():
            wanted = self.distance.embed(shrink(self.wanted))
        for i in range(self.steps):
            done = i / self.steps
            for group in adam.param_groups:
                group["lr"] = _PIVOT_RATE * _ramp(done)
            fade = max(0.0, 1 - done / _NOISE_UNTIL) ** 2
            noise = torch.randn(w.shape, generator=draw).to(w.device)
            with torch.enable_grad():
                rows = (w + noise * (_NOISE * fade * statistics.std)).expand(
                    self.generator.num_ws, -1
                )
                image = self.generator.render_w(rows)
                loss = self.distance.distance(self.distance.embed(shrink(image)), wanted)
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step()
            self.latent = Latent(w.detach().repeat(self.generator.num_ws, 1), self.generator.name)
            yield float(loss.detach())


class ReferenceTune:
    """Tuning of every synthesis weight to paint an image from a pivot; `generator` is the tuned."""

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        wanted: Tensor,
        distance: PerceptualDistance,
        steps: int = TUNE_STEPS,
    ):
        self.w, self.wanted, self.distance = generator.check(latent), wanted, distance
        self.steps = steps
        self.generator = generator.with_synthesis(copy.deepcopy(generator.synthesis))

    def __iter__(self) -> Iterator[float]:
        """Do the work, and yield each step's loss."""
        synthesis = self.generator.synthesis
        adam = torch.optim.Adam(synthesis.parameters(), lr=_TUNE_RATE)
        with torch.no_grad():
            wanted = self.distance.embed(self.wanted)
        for _ in range(self.steps):
            synthesis.requires_grad_(True)
            with torch.enable_grad():
                image = self.generator.render_w(self.w)
                perceptual = self.distance.distance(self.distance.embed(image), wanted)
                loss = F.mse_loss(image, self.wanted) + perceptual
                adam.zero_grad()
                loss.backward()  # type: ignore[no-untyped-call]
                adam.step()
            synthesis.requires_grad_(False)
            yield float(loss.detach())


def shrink(image: Tensor) -> Tensor:
    """At most 256 px a side, by averaging."""
    size = min(_SMALL, image.shape[-1])
    return F.interpolate(image, (size, size), mode="area")


def _ramp(done: float) -> float:
    down = min(1.0, (1 - done) / _RAMP_DOWN)
    return (0.5 - 0.5 * math.cos(math.pi * down)) * min(1.0, done / _RAMP_UP)
