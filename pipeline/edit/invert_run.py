"""A photo into a latent: open, find the face, align, project, tune."""

from __future__ import annotations

import time
from collections.abc import Generator as Steps
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import numpy as np
import torch

from photodrag.alignment import Face, FaceChoice, FaceCrop, Photo, align, find_faces, open_photo
from photodrag.alignment.face_choice import LARGEST, choose_face
from photodrag.checkpoints import Generator, Latent, load_generator
from photodrag.device import choose_device
from photodrag.inversion import Inversion, ProjectRun, Target, TuneRun, load_perceptual, make_target
from photodrag.logs import room_logger
from photodrag.runs import Stages

from ..cache.inversion_cache import InversionCache
from ..cache.keys import inversion_key
from ..runtime.run_progress import RunProgress
from ..settings import DEFAULTS, EditSettings
from .depth import is_deep_enough
from .values import EditStep, Start

_LOG = room_logger("edit")


def inversion_stages(settings: EditSettings) -> Stages:
    """The stages of an inversion that is not at hand, each with the most steps it will take."""
    project = settings.project
    stages = [("pivot", project.steps)]
    if project.space == "w+":
        stages.append(("w+", project.plus_steps))
    return (*stages, ("tune", settings.tune.steps))


class InvertRun:
    """Inversion of one face of a photo.

    Opens, aligns and loads when made; iterating does the work and yields an `EditStep` each;
    afterwards `inversion` holds the latent and the generator. `seconds` is per stage.

    With a `cache` the inversion is kept there, and the same one is not made twice: then `cached`
    is true, `kept` is what was there, and the only step is "cached"; `key` is its name in the
    cache. Without, nothing is written.
    `face` says which one. A `start` brings the face, and perhaps the inversion, that are known
    already. One that is not deep enough is made anew; but where the start has latents that were
    found with it, its generator is tuned at its own pivot, so that they hold: `begun` is the one.
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        settings: EditSettings = DEFAULTS,
        *,
        face: FaceChoice = LARGEST,
        device: str | torch.device = "auto",
        generator: Generator | None = None,
        cache: InversionCache | None = None,
        start: Start | None = None,
    ):
        place = choose_device(device)
        self.settings, self.cache = settings, cache
        self.seconds: dict[str, float] = {}
        begin = time.perf_counter()
        self.photo = photo if isinstance(photo, Photo) else open_photo(photo)
        self.seconds["open"] = time.perf_counter() - begin
        self._name = None if isinstance(photo, Photo) else Path(photo).name
        begin = time.perf_counter()
        self.face = self._find_face(face) if start is None else start.face
        self.seconds["find faces"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self.kept = None if start is None else start.inversion
        self.begun: Inversion | None = None
        if start is not None and self.kept is not None and not is_deep_enough(self.kept, settings):
            self.begun = self.kept if start.has_latents else None
            self.kept = None
        self.generator = (generator or load_generator(settings.checkpoint)).to(place)
        self.seconds["load"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self.crop = self._cut(None if start is None else start.crop)
        self.seconds["align"] = time.perf_counter() - begin
        self.inversion: Inversion | None = None
        self._progress = RunProgress()
        self.key: str | None = None
        if cache is not None and self.kept is None and self.begun is None:
            begin = time.perf_counter()
            self.key = inversion_key(self.crop, self.generator, settings)
            self.kept = cache.read(self.key, self.generator)
            self.seconds["cache"] = time.perf_counter() - begin
        if not self.cached:
            begin = time.perf_counter()
            _ = self.target  # now, so that what it cannot use is refused before the work
            self.seconds["target"] = time.perf_counter() - begin

    def _cut(self, known: FaceCrop | None) -> FaceCrop:
        size = max(self.generator.resolution, 256)
        if known is None or known.size != size:
            return align(self.photo, self.face, size)
        is_same = np.array_equal(known.face.landmarks, self.face.landmarks)
        return known if is_same else align(self.photo, self.face, size)

    def _find_face(self, choice: FaceChoice) -> Face:
        faces = find_faces(self.photo) if self.cache is None else self.cache.faces(self.photo)
        return choose_face(faces, choice, self.photo.size)

    @property
    def cached(self) -> bool:
        """Whether the inversion was at hand."""
        return self.kept is not None

    @cached_property
    def target(self) -> Target:
        """What an image is compared with."""
        device = self.generator.device
        perceptual = load_perceptual(self.settings.loss.perceptual, device)
        return make_target(
            self.crop, self.generator.resolution, perceptual, self.settings.loss, device
        )

    @property
    def stages(self) -> Stages:
        """The stages in order, each with the most steps it will take."""
        if self.cached:
            return (("cached", 1),)
        whole = inversion_stages(self.settings)
        return whole if self.begun is None else whole[-1:]

    def __len__(self) -> int:
        """The most steps it will take."""
        return sum(steps for _, steps in self.stages)

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1."""
        return self._progress.fraction

    def __iter__(self) -> Iterator[EditStep]:
        return self._progress.follow(self._steps(), lambda: self.stages, _LOG)

    def _steps(self) -> Steps[EditStep, None, None]:
        kept = self.kept
        if kept is not None:
            self.inversion = kept
            _LOG.info("the inversion of face %d was at hand", self.face.index)
            yield EditStep("cached", 1, 1, kept.latent, loss=kept.losses.perceptual)
            return
        pivot = (yield from self._project()) if self.begun is None else self.begun.latent
        begin = time.perf_counter()
        tune = TuneRun(self.generator, pivot, self.target, self.settings.tune)
        for step in tune:
            yield EditStep(step.stage, step.index, step.total, step.latent, loss=step.loss)
        with torch.no_grad():
            losses = self.target.losses(tune.generator.render(pivot))
        self.inversion = Inversion(
            pivot, tune.generator, losses, tuned=self.settings.tune.steps > 0
        )
        self.seconds["tune"] = time.perf_counter() - begin
        _LOG.info(
            "inverted face %d in %.1f s; what is left differs by %.4f",
            self.face.index,
            self.seconds.get("project", 0) + self.seconds["tune"],
            losses.perceptual,
        )
        if self.cache is not None and self.key is not None:
            begin = time.perf_counter()
            self.cache.write(self.key, self.inversion, self.generator, self._name)
            self.seconds["cache"] += time.perf_counter() - begin

    def _project(self) -> Steps[EditStep, None, Latent]:
        begin = time.perf_counter()
        project = ProjectRun(self.generator, self.target, self.settings.project)
        for step in project:
            yield EditStep(step.stage, step.index, step.total, step.latent, loss=step.loss)
        self.seconds["project"] = time.perf_counter() - begin
        return project.latent
