"""Inversions of one crop with several settings; projections that they share are done once."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import torch

from photodrag.alignment import FaceCrop
from photodrag.checkpoints import Generator, Latent
from photodrag.inversion import Inversion, PerceptualDistance, ProjectRun, TuneRun, make_target
from photodrag.pipeline import EditSettings, InversionCache
from photodrag.pipeline.cache.keys import inversion_key


@dataclass(frozen=True)
class Took:
    """Seconds of the clock, and of all cores together; None where it was not done here."""

    seconds: float | None
    core_seconds: float | None

    def __add__(self, other: Took) -> Took:
        return Took(_sum(self.seconds, other.seconds), _sum(self.core_seconds, other.core_seconds))


_UNKNOWN = Took(None, None)


class Inverter:
    """Inverts one crop with several settings; projections are done once.

    Inversions that the cache has are taken from there, and what is made is kept there.
    """

    def __init__(
        self,
        crop: FaceCrop,
        generator: Generator,
        perceptual: PerceptualDistance,
        cache: InversionCache | None,
    ):
        self.crop, self.generator, self.perceptual = crop, generator, perceptual
        self.cache = cache
        self._projected: dict[tuple[Any, ...], tuple[Latent, Took]] = {}

    def invert(self, settings: EditSettings) -> tuple[Inversion, Took]:
        """The inversion and what it took."""
        shared = (settings.loss, settings.project)
        key = ""
        if self.cache is not None:
            key = inversion_key(self.crop, self.generator, settings)
            kept = self.cache.read(key, self.generator)
            if kept is not None:
                self._projected.setdefault(shared, (kept.latent, _UNKNOWN))
                return kept, _UNKNOWN
        target = make_target(
            self.crop,
            self.generator.resolution,
            self.perceptual,
            settings.loss,
            self.generator.device,
        )
        if shared not in self._projected:
            project = ProjectRun(self.generator, target, settings.project)
            took = _timed(project)
            self._projected[shared] = project.latent, took
        latent, took = self._projected[shared]
        tune = TuneRun(self.generator, latent, target, settings.tune)
        took = took + _timed(tune)
        with torch.no_grad():
            losses = target.losses(tune.generator.render(latent))
        tuned = settings.tune.steps > 0
        inversion = Inversion(latent, tune.generator, losses, tuned)
        if self.cache is not None:
            self.cache.write(key, inversion, self.generator, None)
        return inversion, took


def _sum(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a + b


def _timed(run: ProjectRun | TuneRun) -> Took:
    begin = time.perf_counter(), time.process_time()
    for _ in run:
        pass
    return Took(time.perf_counter() - begin[0], time.process_time() - begin[1])
