"""Points dragged in an inverted face, without the photo and without a composite."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Photo, find_faces, select_face
from photodrag.checkpoints import Latent
from photodrag.device import choose_device
from photodrag.inversion import Inversion
from photodrag.runs import Stages

from ..guide.drag_task import FaceDragTask
from ..guide.landmark_statistics import statistics_of
from ..guide.painting import paint
from ..guide.run import far_guide
from ..request.drag_spec import PointInput, as_spec, resolve_points
from ..request.face_drag import FaceDrag
from ..request.masks import named_mask
from ..settings import DEFAULTS, EditSettings
from .face_drag_run import FaceDragRun
from .reached import has_arrived
from .values import EditStep


class InvertedDragRun:
    """Drags points in the image of an inversion; iterating yields `EditStep`s.

    `points` are in pixels of that image or landmarks found in it; `mask` is of its size (True may
    move), or names parts of the face. Landmarks are dragged by the guide, which moves all of the
    image: with a mask, features drag them. As no composite makes up for what is left, the default
    guide stands for `far_guide`. Afterwards `latent` is the one to keep, `distance` how far its
    farthest point is from the target, in pixels, and `arrived` whether that is near.

    Raises NoFaceError where points or mask need a face and the image shows none, PointError and
    MaskError for what cannot be dragged.
    """

    def __init__(
        self,
        inversion: Inversion,
        points: Sequence[PointInput],
        mask: NDArray[np.bool_] | str | None = None,
        settings: EditSettings = DEFAULTS,
        device: str | torch.device = "auto",
    ):
        self.generator = inversion.generator.to(choose_device(device))
        size = (self.generator.resolution, self.generator.resolution)
        specs = [as_spec(point) for point in points]
        needed = isinstance(mask, str) or any(
            isinstance(spec, FaceDrag) or spec.needs_face for spec in specs
        )
        guided = mask is None and settings.guide.steps > 0
        self.face = None
        if needed or guided:
            faces = find_faces(Photo(pixels=paint(self.generator, inversion.latent)))
            self.face = select_face(faces, 1, size) if faces or needed else None
        self.points = resolve_points(specs, self.face, size)
        if isinstance(mask, str):
            assert self.face is not None
            mask = named_mask(mask, self.face, size)
        if settings.guide == DEFAULTS.guide:
            settings = replace(settings, guide=far_guide(self.generator))
        self._run = FaceDragRun(
            self.generator,
            inversion.latent,
            FaceDragTask(
                self.points,
                np.empty((0, 2)) if self.face is None else self.face.landmarks,
                mask,
            ),
            settings,
            statistics_of(inversion.base_fingerprint) if guided and self.face else None,
        )

    @property
    def latent(self) -> Latent:
        """The one to keep: as it was, and once the run has ended what it reached."""
        return self._run.latent

    @property
    def stages(self) -> Stages:
        """The stages that are to be expected, each with the most steps it will take."""
        return self._run.stages

    def __len__(self) -> int:
        """The most steps it will take."""
        return len(self._run)

    def __iter__(self) -> Iterator[EditStep]:
        yield from self._run

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1."""
        return self._run.fraction

    @property
    def has_best(self) -> bool:
        """Whether a finished step left something to keep."""
        return self._run.has_best

    def finish_early(self) -> bool:
        """End at the next step with the best so far; may be asked from another thread.

        False, and nothing happens, while there is nothing to keep.
        """
        return self._run.finish_early()

    @property
    def distance(self) -> float:
        """How far the farthest point is from its target, in pixels of the image."""
        pairs = zip(self._run.positions, self.points, strict=True)
        return max(math.dist(place, point.target) for place, point in pairs)

    @property
    def arrived(self) -> bool:
        """Whether all points are near their targets, as the one says that dragged them last."""
        if self._run.arrived is not None:
            return self._run.arrived
        if self.face is None:
            return False
        return has_arrived(self.points, self._run.positions, self.face.eye_distance)
