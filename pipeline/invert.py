"""A photo into a latent: open, find the face, align, project, tune."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import torch

from photodrag.alignment import FaceCrop, Photo, align, find_faces, open_photo, select_face
from photodrag.checkpoints import Generator, load_generator
from photodrag.inversion import Inversion, ProjectRun, TuneRun, load_perceptual, make_target

from .settings import DEFAULTS, EditSettings
from .values import EditStep


class InvertRun:
    """Inversion of one face of a photo.

    Opens, aligns and loads when made; iterating does the work and yields an `EditStep` each;
    afterwards `inversion` holds the latent and the generator. `seconds` is per stage.
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        settings: EditSettings = DEFAULTS,
        device: str | torch.device = "cpu",
        generator: Generator | None = None,
    ):
        self.settings = settings
        self.seconds: dict[str, float] = {}
        begin = time.perf_counter()
        self.photo = photo if isinstance(photo, Photo) else open_photo(photo)
        self.seconds["open"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self.face = select_face(find_faces(self.photo), settings.face, self.photo.size)
        self.seconds["find faces"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self.generator = (generator or load_generator(settings.checkpoint)).to(device)
        self.seconds["load"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self.crop: FaceCrop = align(self.photo, self.face, max(self.generator.resolution, 256))
        perceptual = load_perceptual(settings.loss.perceptual, device)
        self.target = make_target(
            self.crop, self.generator.resolution, perceptual, settings.loss, device
        )
        self.seconds["align"] = time.perf_counter() - begin
        self.inversion: Inversion | None = None

    def __len__(self) -> int:
        """The most steps it will take."""
        settings = self.settings.project
        plus = settings.plus_steps if settings.space == "w+" else 0
        return settings.steps + plus + self.settings.tune.steps

    def __iter__(self) -> Iterator[EditStep]:
        begin = time.perf_counter()
        project = ProjectRun(self.generator, self.target, self.settings.project)
        for step in project:
            yield EditStep(step.stage, step.index, step.total, step.latent, loss=step.loss)
        self.seconds["project"] = time.perf_counter() - begin
        begin = time.perf_counter()
        tune = TuneRun(self.generator, project.latent, self.target, self.settings.tune)
        for step in tune:
            yield EditStep(step.stage, step.index, step.total, step.latent, loss=step.loss)
        with torch.no_grad():
            losses = self.target.losses(tune.generator.render(project.latent))
        self.inversion = Inversion(
            project.latent, tune.generator, losses, tuned=self.settings.tune.steps > 0
        )
        self.seconds["tune"] = time.perf_counter() - begin
