"""Edits of one or several faces of a photo, one after the other on the same photo."""

from __future__ import annotations

import time
from collections.abc import Generator as Steps
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, align, find_faces, open_photo
from photodrag.alignment.face_choice import choose_faces
from photodrag.checkpoints import Generator, load_generator
from photodrag.device import choose_device
from photodrag.errors import PhotodragError, PointError
from photodrag.runs import EndsEarly, Stages

from ..cache.inversion_cache import InversionCache
from ..request.drag_spec import DragSpec
from ..runtime.run_progress import RunProgress
from ..settings import DEFAULTS, EditSettings
from ..settings_json import with_edit_stages
from .depth import settled
from .edit_request import EditRequest
from .edit_run import EditRun
from .invert_run import inversion_stages
from .placing import place, place_mask
from .start import continue_from, first_start
from .values import EditResult, EditStep, Start

_CHECK_SIZE = 256  # pixels of the square in which points and mask are looked at before the work


class FacesRun(EndsEarly):
    """Edits of one or several faces of a photo.

    Each face is inverted and dragged as the photo shows it; the changes are put into one photo,
    face after face. Each request says which faces it is for; several edits of a face go on from
    each other. Of a request's settings the `EDIT_STAGES` count, the rest are the run's. Photo,
    faces and requests are checked when the run is made. Iterating does the work and yields an
    `EditStep` each, with `face` saying which one is at work; leaving the loop stops it.
    `finish_early` ends it with the best so far: then faces that were not begun are left unchanged.
    Afterwards `results` holds the last edit of each face, and `photo` all of them.
    """

    def __init__(
        self,
        photo: Photo | str | Path,
        requests: Sequence[EditRequest],
        settings: EditSettings = DEFAULTS,
        *,
        device: str | torch.device = "auto",
        generator: Generator | None = None,
        cache: InversionCache | None = None,
    ):
        super().__init__()
        place_at = choose_device(device)
        self.settings, self.cache = settings, cache
        self.source = photo if isinstance(photo, Photo) else open_photo(photo)
        begin = time.perf_counter()
        found = find_faces(self.source) if cache is None else cache.faces(self.source)
        self.requests = tuple(requests)
        self._plan = _planned(self.requests, found, self.source.size)
        self.faces = tuple(face for face, _ in self._plan)
        seconds = {"find faces": time.perf_counter() - begin}
        _check_for_all(self.requests)
        for face, asked in self._plan:
            try:
                _check(self.source, asked, face)
            except PhotodragError as error:
                if len(self.faces) == 1:
                    raise
                raise type(error)(f"face {face.index}: {error}") from error
        begin = time.perf_counter()
        self._generator = (generator or load_generator(settings.checkpoint)).to(place_at)
        seconds["load"] = time.perf_counter() - begin
        face, asked = self._plan[0]
        self._first = self._make_run(asked[0], first_start(self.source, face))
        self._run = self._first
        self._run.invert.seconds.update(seconds)
        self._results: tuple[EditResult, ...] | None = None
        self._has_result, self._progress = False, RunProgress()
        self._waiting = self._all_waiting()
        self._changed = np.zeros((self.source.height, self.source.width), np.bool_)

    @property
    def edit_count(self) -> int:
        """How many edits there are, those of all faces together."""
        return sum(self._all_waiting())

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
        next_face = (*inversion_stages(settled(self.settings)), *change)
        own, *others = self._waiting or [1]
        stages = [*self._run.stages, *((own - 1) * next_edit)]
        for edits in others:
            stages += [*next_face, *((edits - 1) * next_edit)]
        return tuple(stages)

    def _all_waiting(self) -> list[int]:
        """How many edits wait, of the face at work and of each that follows."""
        return [len(asked) for _, asked in self._plan]

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

    @property
    def has_best(self) -> bool:
        """Whether there is something to keep already."""
        return self._has_result or self._run.has_best

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1."""
        return self._progress.fraction

    def finish_early(self) -> bool:
        """End the drag at its next step and keep the best so far; edits to come are left out.

        While an edit has nothing to keep yet, it is left out, too. May be asked from another
        thread. False, and nothing happens, while there is nothing at all to keep.
        """
        asked = super().finish_early()
        return self._run.finish_early() or asked

    def __len__(self) -> int:
        """The most steps it will take."""
        return sum(steps for _, steps in self.stages)

    def __iter__(self) -> Iterator[EditStep]:
        return self._progress.follow(self._steps(), lambda: self.stages)

    def _steps(self) -> Steps[EditStep, None, None]:
        done: dict[int, EditResult] = {}
        changed = np.zeros_like(self._changed)
        self._forget_end()
        self._has_result = False
        photo, self._waiting = self.source, self._all_waiting()
        for face, asked in self._plan:
            start = first_start(photo, face)
            for request in asked:
                if self._end_asked.is_set():
                    break
                if face.index in done:
                    mask = place_mask(request, face, self.source)
                    start = continue_from(done[face.index], mask)
                self._run = self._make_run(request, start) if done else self._first
                for step in self._run:
                    yield step
                    if self._end_asked.is_set() and not self._run.finish_early():
                        break
                else:
                    result = self._run.result
                    done[face.index], photo = result, result.photo
                    changed |= result.changed
                    self._has_result = True
                    self._waiting[0] -= 1
            if self._waiting[0]:
                break
            self._waiting = self._waiting[1:]
        results = tuple(done.values())
        if self._waiting:
            results = (*results[:-1], replace(results[-1], stopped_early=True))
        changed.flags.writeable = False
        self._results, self._changed = results, changed

    def _make_run(self, request: EditRequest, start: Start) -> EditRun:
        generator = self._generator
        settings = with_edit_stages(self.settings, request.settings)
        return EditRun(
            self.source,
            replace(request, settings=settings),
            device=generator.device,
            generator=generator,
            cache=self.cache,
            start=start,
        )


def _planned(
    requests: Sequence[EditRequest], found: Sequence[Face], size: tuple[int, int]
) -> list[tuple[Face, list[EditRequest]]]:
    """Each face that is asked for, with what is asked of it."""
    if not requests:
        raise PointError("there is no edit to do; give at least one point to drag")
    plan: dict[int, tuple[Face, list[EditRequest]]] = {}
    for request in requests:
        for face in choose_faces(found, request.face, size):
            plan.setdefault(face.index, (face, []))[1].append(request)
    return list(plan.values())


def _check(photo: Photo, requests: Sequence[EditRequest], face: Face) -> None:
    """Refuse, before the work, what cannot be done on a face."""
    crop = align(photo, face, _CHECK_SIZE)
    for request in requests:
        place(request, photo, first_start(photo, face), crop, _CHECK_SIZE)


def _check_for_all(requests: Sequence[EditRequest]) -> None:
    for spec in (spec for request in requests if request.face.every for spec in request.points):
        if isinstance(spec, DragSpec) and not spec.is_for_any_face:
            x, y = spec.target if isinstance(spec.handle, str) else spec.handle
            raise PointError(
                f"({x:g}, {y:g}) is a place in the photo, and all faces were chosen; "
                "name a landmark and the way to go, as 'mouth_left->-4%,-4%'"
            )
