"""Edits of one or several faces of a photo, one after the other on the same photo."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, align, find_faces, open_photo
from photodrag.alignment.face_choice import FaceChoice, choose_faces
from photodrag.checkpoints import Generator, load_generator
from photodrag.errors import PhotodragError, PointError

from ..cache.inversion_cache import InversionCache
from ..request.adjustments import check_adjustments
from ..request.drag_spec import DragSpec, as_spec
from ..request.masks import face_mask
from ..settings import DEFAULTS, EditSettings
from ..settings_json import with_edit_stages
from .edit_run import EditRun
from .invert_run import inversion_stages
from .placing import checked_mask, mask_of_crop, place_edit, to_image
from .start import continue_from, first_start
from .values import EditResult, EditStep, PlannedEdit, Stages, Start

_CHECK_SIZE = 256  # pixels of the square in which points and mask are looked at before the work


class FacesRun:
    """The same edits of every chosen face of a photo.

    Each face is inverted and dragged as the photo shows it; the changes are put into one photo,
    face after face. Several edits of a face go on from each other. Photo, faces and points are
    checked when the run is made. Iterating does the work and yields an `EditStep` each, with
    `face` saying which one is at work; leaving the loop stops it. `finish_early` ends it with the
    best so far: then faces that were not begun are as they were. Afterwards `results` holds the
    last edit of each face, and `photo` all of them.
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        edits: Sequence[PlannedEdit],
        choice: FaceChoice | None = None,
        settings: EditSettings = DEFAULTS,
        device: str | torch.device = "cpu",
        generator: Generator | None = None,
        cache: InversionCache | None = None,
    ):
        self.settings, self.cache = settings, cache
        self.source = photo if isinstance(photo, Photo) else open_photo(photo)
        self.choice = choice or FaceChoice(settings.face)
        begin = time.perf_counter()
        found = find_faces(self.source) if cache is None else cache.faces(self.source)
        self.faces = choose_faces(found, self.choice, self.source.size)
        seconds = {"find faces": time.perf_counter() - begin}
        if not edits:
            raise PointError("there is no edit to do; give at least one point to drag")
        self.edits = tuple(edits)
        if self.choice.every:
            _check_for_all(self.edits)
        for face in self.faces:
            try:
                _check(self.source, self.edits, face)
            except PhotodragError as error:
                if len(self.faces) == 1:
                    raise
                raise type(error)(f"face {face.index}: {error}") from error
        begin = time.perf_counter()
        self._generator = (generator or load_generator(settings.checkpoint)).to(device)
        seconds["load"] = time.perf_counter() - begin
        self._first = self._make_run(self.edits[0], first_start(self.source, self.faces[0]))
        self._run = self._first
        self._run.invert.seconds.update(seconds)
        self._results: tuple[EditResult, ...] | None = None
        self._ends, self._has_result = Event(), False
        self._waiting = len(self.faces) * len(self.edits)
        self._changed = np.zeros((self.source.height, self.source.width), np.bool_)

    @property
    def current(self) -> EditRun:
        """The edit at work."""
        return self._run

    @property
    def face(self) -> Face:
        """The face at work."""
        return self._run.start.face

    def preview(self, size: int = 256) -> NDArray[np.uint8]:
        """The generator's image of the face at work, (size, size, 3) uint8."""
        return self._run.preview(size)

    @property
    def stages(self) -> Stages:
        """The stages to be expected from the edit at work on, each with the most steps of it.

        Faces to come are counted as if their inversions were not at hand.
        """
        change = self._run.stages[len(self._run.invert.stages) :]
        next_edit: Stages = (("cached", 1), *change)
        next_face = (*inversion_stages(self.settings), *change)
        faces, edits = divmod(self._waiting - 1, len(self.edits))
        others = (len(self.edits) - 1) * next_edit
        return (*self._run.stages, *(edits * next_edit), *(faces * (*next_face, *others)))

    @property
    def results(self) -> tuple[EditResult, ...]:
        """The last edit of each face; asking before the end is a mistake of the program."""
        if self._results is None:
            raise RuntimeError("the edits are not finished: iterate over the run to its end first")
        return self._results

    @property
    def photo(self) -> Photo:
        """The photo with all faces edited."""
        return self.results[-1].photo

    @property
    def changed(self) -> NDArray[np.bool_]:
        """(H, W): the only pixels of `photo` that may differ from `source`."""
        assert self.results
        return self._changed

    def finish_early(self) -> bool:
        """End the drag at its next step and keep the best so far; edits to come are left out.

        While an edit has nothing to keep yet, it is left out, too. May be asked from another
        thread. False, and nothing happens, while there is nothing at all to keep.
        """
        if not (self._run.finish_early() or self._has_result):
            return False
        self._ends.set()
        return True

    def __iter__(self) -> Iterator[EditStep]:
        done: dict[int, EditResult] = {}
        changed = np.zeros_like(self._changed)
        self._ends.clear()
        self._has_result = False
        photo, self._waiting = self.source, len(self.faces) * len(self.edits)
        for face in self.faces:
            start = first_start(photo, face)
            for edit in self.edits:
                if self._ends.is_set():
                    break
                if face.index in done:
                    mask = face_mask(edit.mask, face, self.source.size)
                    start = continue_from(done[face.index], mask)
                self._run = self._make_run(edit, start) if done else self._first
                for step in self._run:
                    yield step
                    if self._ends.is_set() and not self._run.finish_early():
                        break
                else:
                    result = self._run.result
                    done[face.index], photo = result, result.photo
                    changed |= result.changed
                    self._has_result = True
                    self._waiting -= 1
        results = tuple(done.values())
        if self._waiting:
            results = (*results[:-1], replace(results[-1], stopped_early=True))
        changed.flags.writeable = False
        self._results, self._changed = results, changed

    def _make_run(self, edit: PlannedEdit, start: Start) -> EditRun:
        settings = with_edit_stages(self.settings, edit.settings)
        settings = replace(settings, face=start.face.index)
        generator, cache = self._generator, self.cache
        device = generator.device
        return EditRun(
            self.source,
            edit.points,
            edit.mask,
            settings,
            device,
            generator,
            cache,
            start,
            edit.adjust,
        )


def _check(photo: Photo, edits: Sequence[PlannedEdit], face: Face) -> None:
    """Refuse, before the work, what cannot be done on a face."""
    crop = align(photo, face, _CHECK_SIZE)
    for edit in edits:
        specs = [as_spec(point) for point in edit.points]
        points, _ = place_edit(specs, check_adjustments(edit.adjust), face, photo.size, crop)
        to_image(points, crop, _CHECK_SIZE)
        mask = face_mask(edit.mask, face, photo.size)
        if mask is not None:
            mask_of_crop(checked_mask(mask, photo), crop, _CHECK_SIZE)


def _check_for_all(edits: Sequence[PlannedEdit]) -> None:
    for point in (point for edit in edits for point in edit.points):
        spec = as_spec(point)
        if isinstance(spec, DragSpec) and not spec.is_for_any_face:
            x, y = spec.target if isinstance(spec.handle, str) else spec.handle
            raise PointError(
                f"({x:g}, {y:g}) is a place in the photo, and all faces were chosen; "
                "name a landmark and the way to go, as 'mouth_left->-4%,-4%'"
            )
