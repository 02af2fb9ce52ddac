"""The whole edit: a photo and points in, the photo with its face dragged out."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo
from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint
from photodrag.errors import PhotoError
from photodrag.inversion import Inversion

from ..cache.inversion_cache import InversionCache
from ..composite.compositing import composite
from ..composite.gaze import turned_eyes
from ..composite.new_mouth import untuned_painter
from ..guide.landmark_statistics import find_statistics
from ..guide.painted_face import RenderedFace
from ..guide.painting import paint
from ..request.adjustments import check_adjustments
from ..request.drag_spec import PointInput, as_spec
from ..request.masks import face_mask
from ..settings import DEFAULTS, EditSettings
from .earlier_drags import accumulate_drags, as_seen
from .face_drag_run import FaceDragRun
from .first_paintings import FirstRenderings
from .invert_run import InvertRun
from .placing import adjusted_settings, checked_mask, lips_among, mask_of_crop, place_edit, to_image
from .reached import has_arrived
from .start import crop_of_base, first_start
from .values import EditResult, EditStep, Point, Stages, Start


class EditRun:
    """One edit of one face of a photo.

    `photo` is a `Photo` or a path; `points` are pairs ((x, y), (x, y)) of handle and target in
    photo pixels, or texts as on the command line ("mouth_left->-5%,-4%"); `mask` (H, W) bool of
    the photo's size is True where the photo may change, or names a part of the face as it is in
    the photo ("mouth+eyes", see `MASKS`). Everything is checked when the run is
    made. Iterating does the work and yields an `EditStep` each; leaving the loop stops it, and
    nothing is written anywhere, but for the inversion where a `cache` is given to keep it in (see
    `InvertRun`). `finish_early` ends the drag with the best so far instead. Afterwards `result` is
    the `EditResult`.

    `adjust` are adjustments by name, pairs as ("smile", 0.6) within the bounds that
    `ADJUSTMENTS` has; a landmark that `points` drag is theirs.

    With a `start` the edit goes on from an earlier one of the same photo and face: handles and
    landmarks are those of the photo as it now looks.
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        points: Sequence[PointInput],
        mask: NDArray[np.bool_] | str | None = None,
        settings: EditSettings = DEFAULTS,
        device: str | torch.device = "cpu",
        generator: Generator | None = None,
        cache: InversionCache | None = None,
        start: Start | None = None,
        adjust: Sequence[tuple[str, float]] = (),
    ):
        specs = [as_spec(point) for point in points]
        self.adjust = check_adjustments(adjust)
        self.settings = settings
        self.invert = InvertRun(photo, settings, device, generator, cache, start)
        self.photo, self.crop = self.invert.photo, self.invert.crop
        self.start = start or first_start(self.photo, self.invert.face)
        if self.start.base.size != self.photo.size:
            raise PhotoError(
                f"the photo has {self.photo.size} pixels and the edit to go on from "
                f"{self.start.base.size}; they must be of one photo"
            )
        self.points, self._adjusted = place_edit(
            specs, self.adjust, self.start.current_face, self.photo.size, self.crop
        )
        self.mask_names = mask if isinstance(mask, str) else None
        mask = face_mask(mask, self.start.face, self.photo.size)
        self.mask = None if mask is None else checked_mask(mask, self.photo)
        generator = self.invert.generator
        sides = turned_eyes(self.points, self.start.current_face.landmarks)
        self._in_eye = [side is not None for side in sides]
        every = to_image(self.points, self.crop, generator.resolution)
        self._crop_points = tuple(
            p for p, turns in zip(every, self._in_eye, strict=True) if not turns
        )
        self._crop_mask = mask_of_crop(self.mask, self.crop, generator.resolution)
        kept = self.invert.kept
        self._generator = generator if kept is None else kept.generator
        known = generator.mean_latent() if kept is None else kept.latent
        self._latent = self.start.latent or known
        self._statistics = find_statistics(generator)
        self._renderings = FirstRenderings(self.invert, self.start)
        # Made once now, so that what the drag cannot use is refused before the work.
        self._drag = self._dragging(generator, self._latent)
        self._begun = False
        self._result: EditResult | None = None

    @property
    def stages(self) -> Stages:
        """The stages that are to be expected, in order, each with the most steps it will take."""
        return (*self.invert.stages, *self._drag.stages, ("composite", 1))

    def __len__(self) -> int:
        """The most steps it will take."""
        return len(self.invert) + len(self._drag) + 1

    @property
    def result(self) -> EditResult:
        """The finished edit; asking before the loop has ended is a mistake of the program."""
        if self._result is None:
            raise RuntimeError("the edit is not finished: iterate over the run to its end first")
        return self._result

    def __iter__(self) -> Iterator[EditStep]:
        for done in self.invert:
            self._latent = done.latent
            yield done
        inversion = self.invert.inversion
        assert inversion is not None
        seconds = self.invert.seconds
        self._generator = inversion.generator

        begin = time.perf_counter()
        drag = self._dragging(inversion.generator, self.start.latent or inversion.latent)
        self._drag, self._begun = drag, True
        # What one pixel of the generator's image is in the photo.
        scale = self.crop.side / inversion.generator.resolution
        for step in drag:
            self._latent = step.latent
            assert step.distance is not None
            assert step.positions is not None
            positions = self._all_places(step.positions, inversion.generator.resolution)
            yield replace(step, distance=step.distance * scale, positions=positions)
        self._latent = drag.latent
        seconds["drag"] = time.perf_counter() - begin

        begin = time.perf_counter()
        start = self.start
        crop = crop_of_base(self.crop, start.face, start.base, start.base_latent)
        whole = self._renderings.whole(inversion, crop)
        after = paint(inversion.generator, drag.latent)
        all_drags = self._all_drags(inversion, crop, whole.image, after)
        finished = composite(
            start.base,
            crop,
            whole.image,
            after,
            all_drags,
            self.settings.composite,
            self.mask,
            known=whole.landmarks,
            fresh=untuned_painter(inversion.generator, drag.latent),
        )
        reached = as_seen(finished.reached[-len(self.points) :], all_drags, self.points)
        self._renderings.keep(inversion, drag.first_rendering, whole)
        seconds["composite"] = time.perf_counter() - begin
        self._result = EditResult(
            photo=finished.photo,
            source=self.photo,
            crop=self.crop,
            inversion=inversion,
            dragged=drag.latent,
            points=self.points,
            adjust=self.adjust,
            adjusted=self._adjusted.points,
            reached=reached,
            arrived=has_arrived(
                self.points,
                reached,
                self.invert.face.eye_distance,
                len(self._adjusted.points),
            ),
            changed=finished.changed,
            seconds=dict(seconds),
            settings=self.settings,
            start=replace(self.start, base_rendering=whole),
            all_drags=all_drags,
            mask=self.mask,
            mask_names=self.mask_names,
            cached=self.invert.cached,
            stopped_early=drag.stopped_early,
        )
        yield EditStep("composite", 1, 1, drag.latent)

    def _dragging(self, generator: Generator, latent: Latent) -> FaceDragRun:
        landmarks = self.crop.to_crop(self.start.current_face.landmarks)
        return FaceDragRun(
            generator,
            latent,
            self._crop_points,
            self.crop.to_size(landmarks, generator.resolution),
            adjusted_settings(self.settings, self._adjusted, generator),
            self._crop_mask,
            self._statistics,
            self._adjusted.held,
            self._renderings.small,
        )

    def _all_drags(
        self,
        inversion: Inversion,
        crop: FaceCrop,
        before: NDArray[np.uint8],
        after: NDArray[np.uint8],
    ) -> tuple[DragPoint, ...]:
        """All drags since the base, this edit's last."""
        start, settings = self.start, self.settings.composite
        begin = start.latent or inversion.latent
        sides = turned_eyes(start.all_drags, crop.face.landmarks)
        unmoved = begin is (start.base_latent or inversion.latent)
        if unmoved and None not in sides:
            # Nothing was painted anew since then, but eyes may have been turned.
            return (*start.all_drags, *self.points)
        between = before if unmoved else paint(inversion.generator, begin)
        lips, own = lips_among(self.points, start.current_face), len(self.points)
        own -= len(self._adjusted.points)
        faces = (before, between, after)
        return accumulate_drags(start.all_drags, self.points, faces, crop, settings, lips, own)

    @property
    def first_rendering(self) -> RenderedFace | None:
        """How the face was painted when the drag began, once it has; None without the guide."""
        return self._drag.first_rendering

    def _all_places(self, positions: Sequence[Point], resolution: int) -> tuple[Point, ...]:
        """Places in the generator's image => in the photo; eyes are turned from the beginning."""
        found = iter(self._in_photo(positions, resolution))
        pairs = zip(self.points, self._in_eye, strict=True)
        return tuple(point.target if turns else next(found) for point, turns in pairs)

    def _in_photo(self, positions: Sequence[Point], resolution: int) -> tuple[Point, ...]:
        """Places in the generator's image => in the photo."""
        in_crop = (np.array(positions) + 0.5) * (self.crop.size / resolution) - 0.5
        return tuple((float(x), float(y)) for x, y in self.crop.to_photo(in_crop))

    def finish_early(self) -> bool:
        """End the drag at its next step and go on with the best so far to the composite.

        The loop goes on as ever, to its "composite" step, and `result` is then there. May be asked
        from another thread. False, and nothing happens, while there is nothing to keep: before the
        first step of the drag that came nearer. After the drag it changes nothing.
        """
        if not (self._begun and self._drag.has_best):
            return False
        self._drag.finish_early()
        return True

    def preview(self, size: int = 256) -> NDArray[np.uint8]:
        """The generator's image of the latest latent, (size, size, 3) uint8."""
        image = paint(self._generator, self._latent)
        return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)


def edit(
    photo: Photo | str | Path,
    points: Sequence[PointInput],
    mask: NDArray[np.bool_] | str | None = None,
    settings: EditSettings = DEFAULTS,
    device: str | torch.device = "cpu",
    generator: Generator | None = None,
    cache: InversionCache | None = None,
    start: Start | None = None,
    adjust: Sequence[tuple[str, float]] = (),
) -> EditResult:
    """Drag points in a photo and wait for the result; the arguments are those of `EditRun`."""
    run = EditRun(photo, points, mask, settings, device, generator, cache, start, adjust)
    for _ in run:
        pass
    return run.result


def with_seed(settings: EditSettings, seed: int) -> EditSettings:
    """The same settings with another seed in every stage that draws random numbers."""
    return replace(
        settings,
        project=replace(settings.project, seed=seed),
        tune=replace(settings.tune, seed=seed),
    )
