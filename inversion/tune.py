"""Pivotal tuning: the generator learns to paint one photo from its pivot.

Roich et al. 2021, arXiv 2106.05744, equations 3 and 4; the generator given is not changed.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator

import torch
from torch import Tensor

from photodrag.checkpoints import Generator, Latent

from .settings import TUNE_DEFAULTS, TuneSettings
from .target import Target, paintable, shrink
from .values import InvertStep, Losses, numbers

_BETAS = (0.9, 0.99)
_WARM_UP = 5  # steps over which the step size grows, while Adam's averages settle
_COOL_DOWN = 0.3  # the last part of the steps, over which it falls to a tenth


class TuneRun:
    """Tuning of a copy of the synthesis network.

    Iterating does the work and yields an `InvertStep` each; leaving the loop stops it.
    `generator` is the tuned generator, usable at any time; `losses` are those of the last step.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        target: Target,
        settings: TuneSettings = TUNE_DEFAULTS,
    ):
        generator.check(latent)
        self.original, self.latent, self.settings = generator, latent, settings
        self.target = target
        if settings.background is not None:
            self.target = target.with_background(settings.background)
        self.generator = generator
        self.losses: Losses | None = None

    def __len__(self) -> int:
        """The most steps it will take."""
        return self.settings.steps

    def __iter__(self) -> Iterator[InvertStep]:
        settings = self.settings
        if settings.steps == 0:
            return
        # The public generator shares the weights under training; between steps they are frozen.
        synthesis = copy.deepcopy(self.original.synthesis)
        self.generator = training = self.generator.with_synthesis(synthesis)
        optimizer, rates = relative_adam(synthesis.parameters(), settings.step_size)
        draw = torch.Generator().manual_seed(settings.seed)
        w = self.original.check(self.latent)
        for i in range(settings.steps):
            factor = min(1.0, (i + 1) / _WARM_UP)
            left = (settings.steps - i) / max(1.0, _COOL_DOWN * settings.steps)
            factor *= max(0.1, min(1.0, left))
            for group, rate in zip(optimizer.param_groups, rates, strict=True):
                group["lr"] = rate * factor
            synthesis.requires_grad_(True)
            with torch.enable_grad():
                size = self.original.resolution if self._whole(i) else self.target.fine.size
                image = training.render_w(w, paintable(training, size))
                pixel, perceptual = self.target.compare(image)
                losses = Losses(*numbers(pixel, perceptual))  # the step's one wait for a GPU
                near_enough = losses.perceptual <= settings.stop_distance
                if not near_enough:
                    loss = self.target.total(settings.pixel_weight * pixel, perceptual)
                    if settings.sharp_weight and image.shape[-1] == self.original.resolution:
                        loss = loss + settings.sharp_weight * self.target.sharp(image)
                    if settings.locality_weight and i % settings.locality_every == 0:
                        loss = loss + settings.locality_weight * self._locality(training, w, draw)
                    optimizer.zero_grad(set_to_none=True)
                    loss.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
            synthesis.requires_grad_(False)
            self.losses = losses
            yield InvertStep("tune", i + 1, settings.steps, self.latent, losses)
            if near_enough:
                return

    def _whole(self, i: int) -> bool:
        """Whether a step paints the whole image."""
        settings = self.settings
        often = settings.full_every > 0 and (i + 1) % settings.full_every == 0
        return often or i >= round(settings.steps * (1 - settings.full_part))

    def _locality(self, training: Generator, w: Tensor, draw: torch.Generator) -> Tensor:
        """Equation 4: a latent near the pivot, towards a random one, must look as it did."""
        seed = int(torch.randint(2**31, (1,), generator=draw))
        away = self.original.sample(seed, truncation=1.0).w - w
        near = w + away * (
            self.settings.locality_reach / away.norm(dim=1, keepdim=True).clamp(1e-6)
        )
        size = self.target.fine.size
        painted = paintable(training, size)
        with torch.no_grad():
            before = self.original.render_w(near, painted)
        after = training.render_w(near, painted)
        before, after = shrink(before, size), shrink(after, size)
        perceptual = self.target.perceptual
        return self.target.total(
            (after - before).square().mean(),
            perceptual.distance(perceptual.embed(after), perceptual.embed(before)),
        )


def relative_adam(
    parameters: Iterator[torch.nn.Parameter], step_size: float
) -> tuple[torch.optim.Adam, list[float]]:
    """Adam with one learning rate per tensor: the step size times its root mean square."""
    groups, rates, every = [], [], list(parameters)
    sizes = numbers(*(parameter.detach().square().mean().sqrt() for parameter in every))
    for parameter, size in zip(every, sizes, strict=True):
        if size == 0.0:
            continue  # a tensor of zeros (a noise strength that was never trained) stays so
        rates.append(step_size * size)
        groups.append({"params": [parameter], "lr": rates[-1]})
    return torch.optim.Adam(groups, betas=_BETAS, fused=True), rates
