"""The whole edit: a photo and points in, the photo with its face dragged out."""

from __future__ import annotations

import time
from collections.abc import Generator as Steps
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
from photodrag.runs import Stages

from ..cache.inversion_cache import InversionCache
from ..composite.compositing import composite
from ..composite.gaze import turned_eyes
from ..composite.lid_drags import kept_closings, lid_sides
from ..composite.painted_change import painted_change
from ..guide.drag_task import FaceDragTask
from ..guide.landmark_statistics import find_statistics
from ..guide.painted_face import RenderedFace
from ..guide.painting import paint
from ..runtime.run_progress import RunProgress
from ..settings import DEFAULTS
from .depth import deep_for, is_open, settled
from .earlier_drags import accumulate_drags, as_seen
from .edit_request import EditRequest
from .face_drag_run import FaceDragRun
from .first_paintings import FirstRenderings
from .invert_run import InvertRun
from .painted_frame import painted_frame
from .placing import adjusted_settings, already_shut, lips_among, mask_of_crop, place, to_image
from .reached import has_arrived
from .start import crop_of_base, first_start
from .values import EditResult, EditStep, Point, Start


class EditRun:
    """One edit of one face of a photo.

    `photo` is a `Photo` or a path, `request` says what is asked for, of one face. Everything is
    checked when the run is made: PointError, MaskError, FaceError and the like say what cannot
    be done. Iterating does the work and yields an `EditStep` each; leaving the loop stops it, and
    nothing is written anywhere, except for the inversion where a `cache` is given to keep it in
    (see `InvertRun`). `finish_early` ends the drag with the best so far instead. Afterwards
    `result` is the `EditResult`.

    With a `start` the edit goes on from an earlier one of the same photo and face: handles and
    landmarks are those of the photo as it now looks.

    >>> run = EditRun("me.jpg", EditRequest(["mouth_left->-5%,-4%"], {"eyes_open": 0.5}))
    >>> for step in run:
    ...     print(step.stage, step.index, step.total)
    >>> run.result.photo.save("out.jpg")
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        request: EditRequest,
        *,
        device: str | torch.device = "auto",
        generator: Generator | None = None,
        cache: InversionCache | None = None,
        start: Start | None = None,
    ):
        self.request, self.settings = request, request.settings or DEFAULTS
        self.invert = InvertRun(
            photo,
            settled(self.settings),
            face=request.face,
            device=device,
            generator=generator,
            cache=cache,
            start=start,
        )
        self.photo, self.crop = self.invert.photo, self.invert.crop
        self.start = start or first_start(self.photo, self.invert.face)
        if self.start.base.size != self.photo.size:
            raise PhotoError(
                f"the photo has {self.photo.size} pixels and the edit to go on from "
                f"{self.start.base.size}; they must be of one photo"
            )
        if self.start.inversion not in (None, self.invert.kept):  # another one paints otherwise
            self.start = replace(self.start, rendering=None, base_rendering=None)
        generator = self.invert.generator
        self.placed = place(request, self.photo, self.start, self.crop, generator.resolution)
        self._frame = painted_frame(self.crop, self.start, self.points)
        kept = self.invert.kept or self.invert.begun
        self._generator = generator if kept is None else kept.generator
        known = generator.mean_latent() if kept is None else kept.latent
        self._latent = self.start.latent or known
        self._statistics = find_statistics(generator)
        self._renderings = FirstRenderings(self.invert, self.start)
        # Made once now, so that what the drag cannot use is refused before the work.
        self._drag = self._dragging(generator, self._latent)
        self._begun, self._progress = False, RunProgress()
        self._result: EditResult | None = None

    @property
    def points(self) -> tuple[DragPoint, ...]:
        """All drags, in photo pixels; those of the adjustments last."""
        return self.placed.points

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
        return self._progress.follow(self._steps(), lambda: self.stages)

    def _steps(self) -> Steps[EditStep, None, None]:
        purpose = deep_for(self.settings) if is_open(self.settings) else None
        for done in self.invert:
            self._latent = done.latent
            yield replace(done, purpose=purpose if done.stage == "tune" else None)
        inversion = self.invert.inversion
        assert inversion is not None
        seconds = self.invert.seconds
        self._generator = inversion.generator
        begin = time.perf_counter()
        yield from self._drag_face(inversion)
        seconds["drag"] = time.perf_counter() - begin
        begin = time.perf_counter()
        self._result = self._finish(inversion)
        seconds["composite"] = time.perf_counter() - begin
        self._result = replace(self._result, seconds=dict(seconds))
        yield EditStep("composite", 1, 1, self._drag.latent)

    def _drag_face(self, inversion: Inversion) -> Iterator[EditStep]:
        """The drag's steps, in photo pixels."""
        drag = self._dragging(inversion.generator, self.start.latent or inversion.latent)
        self._drag, self._begun = drag, True
        # What one pixel of the generator's image is in the photo.
        scale = self.crop.side / inversion.generator.resolution
        for step in drag:
            self._latent = step.latent
            assert step.distance is not None
            assert step.positions is not None
            positions = self._all_positions(step.positions)
            yield replace(step, distance=step.distance * scale, positions=positions)
        self._latent = drag.latent

    def _finish(self, inversion: Inversion) -> EditResult:
        """The composite of what was dragged, and everything else of the result."""
        drag, start, placed = self._drag, self.start, self.placed
        crop = crop_of_base(self.crop, start.face, start.base, start.base_latent, start.base_head)
        whole = self._renderings.whole(inversion, crop)
        after = paint(inversion.generator, drag.latent)
        all_drags = self._all_drags(inversion, crop, whole.image, after)
        change = painted_change(inversion.generator, drag.latent, whole.image, all_drags, after)
        change = replace(change, landmarks=whole.landmarks)
        finished = composite(start.base, crop, change, self.settings.composite, placed.mask)
        reached = as_seen(finished.reached[-len(self.points) :], all_drags, self.points)
        self._renderings.keep(inversion, drag.first_rendering, whole)
        return EditResult(
            photo=finished.photo,
            source=self.photo,
            crop=self.crop,
            inversion=inversion,
            dragged=drag.latent,
            points=self.points,
            adjust=self.request.adjust,
            adjusted=placed.adjusted.points,
            reached=reached,
            arrived=has_arrived(
                self.points,
                reached,
                self.invert.face.eye_distance,
                len(placed.adjusted.points),
            ),
            changed=finished.changed,
            seconds={},
            settings=self.settings,
            start=replace(start, base_rendering=whole),
            all_drags=all_drags,
            mask=placed.mask,
            mask_names=self.request.mask_names,
            cached=self.invert.cached,
            stopped_early=drag.stopped_early,
        )

    def _dragging(self, generator: Generator, latent: Latent) -> FaceDragRun:
        size, placed, frame = generator.resolution, self.placed, self._frame
        rows = zip(self.points, placed.turns_eye, placed.lids, strict=True)
        painted = [point for point, turned, lid in rows if not turned and lid is None]
        return FaceDragRun(
            generator,
            latent,
            FaceDragTask(
                to_image(frame.painted_drags(painted), frame.square, size),
                frame.landmarks(self.start.current_face.landmarks, size),
                mask_of_crop(placed.mask, frame.square, size),
                placed.adjusted.held,
                exact=False,
            ),
            adjusted_settings(self.settings, placed.adjusted, generator),
            self._statistics,
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
        start, points, lids = self.start, self.points, self.placed.lids
        base, shown = crop.face.landmarks, start.current_face.landmarks
        kept = kept_closings(points, lids, shown, base, already_shut(start))
        before_lids = list(zip(start.all_drags, lid_sides(start.all_drags, base), strict=True))
        earlier = tuple(drag for drag, lid in before_lids if lid is None)
        still_shut = [drag for drag, lid in before_lids if lid is not None and lid not in lids]
        own = tuple(point for number, point in enumerate(points) if number not in kept)
        all_drags = self._painted_drags(inversion, crop, (before, after), earlier, own)
        added = iter(all_drags[len(all_drags) - len(own) :])
        ends = (kept[n] if n in kept else next(added) for n in range(len(points)))
        return (*still_shut, *all_drags[: len(all_drags) - len(own)], *ends)

    def _painted_drags(
        self,
        inversion: Inversion,
        crop: FaceCrop,
        faces: tuple[NDArray[np.uint8], NDArray[np.uint8]],
        earlier: Sequence[DragPoint],
        points: Sequence[DragPoint],
    ) -> tuple[DragPoint, ...]:
        """All drags but those of lids; `faces` were painted at the base and at the end."""
        start, settings = self.start, self.settings.composite
        begin = start.latent or inversion.latent
        sides = turned_eyes(earlier, crop.face.landmarks)
        unmoved = begin is (start.base_latent or inversion.latent)
        if (unmoved and None not in sides) or not points:
            # Nothing was painted anew since then, but eyes may have been turned.
            return (*earlier, *points)
        before, after = faces
        between = before if unmoved else paint(inversion.generator, begin)
        own = len(self.points) - len(self.placed.adjusted.points)
        count = sum(lid is None for lid in self.placed.lids[:own])
        lips = lips_among(points, start.current_face)
        painted = (before, between, after)
        earlier, points = self._frame.earlier_drags(earlier), self._frame.painted_drags(points)
        drags = accumulate_drags(earlier, points, painted, crop, settings, lips, count)
        return self._frame.as_shown(drags)

    @property
    def generator(self) -> Generator:
        """What paints the face now: the tuned generator, as soon as there is one."""
        return self._generator

    @property
    def first_rendering(self) -> RenderedFace | None:
        """How the face was painted when the drag began, once it has; None without the guide."""
        return self._drag.first_rendering

    def _all_positions(self, positions: Sequence[Point]) -> tuple[Point, ...]:
        """Positions in the generator's image => in the photo; eyes are turned and shut at once."""
        in_photo = self._frame.to_photo(np.array(positions), self.placed.resolution)
        found = iter((float(x), float(y)) for x, y in in_photo)
        rows = zip(self.points, self.placed.turns_eye, self.placed.lids, strict=True)
        return tuple(
            point.target if turns or lid is not None else next(found) for point, turns, lid in rows
        )

    @property
    def has_best(self) -> bool:
        """Whether the drag has something to keep already."""
        return self._begun and self._drag.has_best

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1."""
        return self._progress.fraction

    def finish_early(self) -> bool:
        """End the drag at its next step and go on with the best so far to the composite.

        The loop goes on as ever, to its "composite" step, and `result` is then there. May be asked
        from another thread. False, and nothing happens, while there is nothing to keep: before the
        first step of the drag that came nearer. After the drag it changes nothing.
        """
        return self._begun and self._drag.finish_early()

    def preview(self, size: int = 256) -> NDArray[np.uint8]:
        """The generator's image of the latest latent, (size, size, 3) uint8."""
        image = paint(self._generator, self._latent)
        return np.asarray(cv2.resize(image, (size, size), interpolation=cv2.INTER_AREA), np.uint8)
