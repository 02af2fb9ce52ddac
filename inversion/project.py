"""Projection: the latent whose image is nearest to the photo, found by gradient descent."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch
from torch import Tensor

from photodrag.adam import Adam
from photodrag.checkpoints import Generator, Latent

from .encoder import find_encoder, first_guess
from .settings import PROJECT_DEFAULTS, ProjectSettings
from .target import Scale, Target, paintable
from .values import InvertStep, Losses, numbers

_BETAS = (0.9, 0.95)


class ProjectRun:
    """Projection of a photo into W, then into W+ where the settings ask for it.

    Iterating does the work, one step at a time, and yields each as an `InvertStep`; leaving the
    loop stops it. `latent` is the latest latent. The generator is not changed. `start` says
    where it began: "encoder", "mean" (also where no encoder fits the generator) or "given".
    """

    def __init__(
        self,
        generator: Generator,
        target: Target,
        settings: ProjectSettings = PROJECT_DEFAULTS,
        start: Latent | None = None,
    ):
        self.generator, self.target, self.settings = generator, target, settings
        self.start, self.latent = _start(generator, target, settings, start)
        generator.check(self.latent)

    def __len__(self) -> int:
        """The number of steps."""
        return self.settings.steps + (
            self.settings.plus_steps if self.settings.space == "w+" else 0
        )

    def __iter__(self) -> Iterator[InvertStep]:
        yield from self._pivot()
        if self.settings.space == "w+":
            yield from self._plus()

    def _pivot(self) -> Iterator[InvertStep]:
        settings, statistics = self.settings, self.generator.w_statistics
        draw = torch.Generator().manual_seed(settings.seed)
        pivot = self.generator.check(self.latent).mean(dim=0).requires_grad_()
        spread = statistics.std / math.sqrt(self.generator.w_dim)
        optimizer = Adam(pivot, settings.learning_rate, _BETAS)
        for i in range(settings.steps):
            done = i / settings.steps
            optimizer.learning_rate = settings.learning_rate * ramp(done, settings)
            fade = max(0.0, 1 - done / settings.noise_fade) ** 2
            noise = torch.randn(pivot.shape, generator=draw).to(pivot.device)
            scale = self.target.coarse if done < settings.coarse_part else self.target.fine
            with torch.enable_grad():
                w = pivot + noise * (settings.noise * fade * spread)
                prior = settings.prior * statistics.whiten(pivot).square().mean()
                rows = w.expand(self.generator.num_ws, -1)
                found = self._descend(optimizer, rows, prior, scale)
            losses = self._now(pivot.detach().repeat(self.generator.num_ws, 1), found)
            yield InvertStep("pivot", i + 1, settings.steps, self.latent, losses)

    def _plus(self) -> Iterator[InvertStep]:
        settings, statistics = self.settings, self.generator.w_statistics
        pivot = self.generator.check(self.latent)
        spread = statistics.std / math.sqrt(self.generator.w_dim)
        offset = torch.zeros_like(pivot).requires_grad_()
        optimizer = Adam(offset, settings.plus_learning_rate, _BETAS)
        for i in range(settings.plus_steps):
            done = i / settings.plus_steps
            optimizer.learning_rate = settings.plus_learning_rate * ramp(done, settings)
            with torch.enable_grad():
                prior = settings.plus_prior * (offset / spread).square().mean()
                found = self._descend(optimizer, pivot + offset, prior, self.target.fine)
            losses = self._now(pivot + offset.detach(), found)
            yield InvertStep("w+", i + 1, settings.plus_steps, self.latent, losses)

    def _descend(
        self, optimizer: Adam, w: Tensor, prior: Tensor, scale: Scale
    ) -> tuple[Tensor, Tensor]:
        image = self.generator.render_w(w, paintable(self.generator, scale.size))
        pixel, perceptual = self.target.compare(image, scale)
        (self.target.total(pixel, perceptual) + prior).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        return pixel, perceptual

    def _now(self, w: Tensor, found: tuple[Tensor, Tensor]) -> Losses:
        """Take W+ as the latest latent; the losses. This is a step's one wait for a GPU."""
        pixel, perceptual, finite = numbers(*found, torch.isfinite(w).all())
        self.latent = Latent(w, self.generator.name, bool(finite))
        return Losses(pixel, perceptual)


def _start(
    generator: Generator, target: Target, settings: ProjectSettings, start: Latent | None
) -> tuple[str, Latent]:
    if start is not None:
        return "given", start
    encoder = find_encoder(generator) if settings.start == "encoder" else None
    if encoder is None:
        return "mean", generator.mean_latent()
    return "encoder", first_guess(generator, encoder, target.full)


def ramp(done: float, settings: ProjectSettings) -> float:
    """The learning rate's factor after a part of the steps: linear up, half a cosine down."""
    factor = 1.0
    if settings.ramp_up:
        factor = min(factor, (done + 1e-2) / settings.ramp_up)
    if settings.ramp_down:
        left = min(1.0, (1 - done) / settings.ramp_down)
        factor *= 0.5 - 0.5 * math.cos(left * math.pi)
    return factor
