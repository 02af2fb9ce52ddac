"""A session: a photo, one of its faces, and what was done to it, step by step."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face
from photodrag.alignment.face_choice import FaceChoice
from photodrag.drag import DragPoint
from photodrag.errors import SessionError

from ..edit.edit_request import EditRequest
from ..edit.values import Point
from ..recipe.recipe import Recipe
from ..settings import EditSettings
from ..settings_json import with_edit_stages


@dataclass(frozen=True)
class PhotoReference:
    """Where a session's photo lies and what it was: path, SHA-256 of the file, width and height.

    The path is relative to the session's folder wherever there is such a path.
    """

    path: str
    sha256: str
    size: tuple[int, int]


@dataclass(frozen=True)
class SessionEdit:
    """One finished edit of a session. Places are in photo pixels.

    `request` says it for any photo. `points` are its drags, with handles where the photo showed
    them; `reached` says where these lie in the result. `all_drags` are all drags since the base
    (see `Start`). `file` holds the latent and the landmarks afterwards, `mask` the mask, and
    `inversion` the inversion that it was made with, where that is not the session's first: all are
    names of files in the session's folder.
    """

    request: EditRequest
    points: tuple[DragPoint, ...]
    reached: tuple[Point, ...]
    arrived: bool
    all_drags: tuple[DragPoint, ...]
    file: str
    mask: str | None = None
    inversion: str | None = None


@dataclass(frozen=True, eq=False)
class SessionState:
    """The state of a session: the first `position` of the `edits` count, the others are undone.

    `inversion` is the name of the first one's file (an edit may have needed a deeper one, see
    `SessionEdit`), `fingerprint` that of the generator it was made with.
    """

    photo: PhotoReference
    face: Face
    settings: EditSettings
    fingerprint: str
    inversion: str
    edits: tuple[SessionEdit, ...] = ()
    position: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.position <= len(self.edits):
            raise SessionError(
                f"the position is {self.position}; with {len(self.edits)} edits it must be 0 to "
                f"{len(self.edits)}"
            )

    @property
    def current(self) -> tuple[SessionEdit, ...]:
        """The edits that count."""
        return self.edits[: self.position]

    @property
    def files(self) -> frozenset[str]:
        """Names of all files that the session needs, the undone edits' too."""
        named = (name for edit in self.edits for name in (edit.file, edit.mask, edit.inversion))
        return frozenset({self.inversion, *(name for name in named if name is not None)})

    @property
    def current_inversion(self) -> str:
        """The name of the inversion that the next edit goes on from."""
        deeper = self.current[-1].inversion if self.current else None
        return deeper or self.inversion

    def with_inversion(self, name: str) -> SessionState:
        """With the inversion in another file."""
        return replace(self, inversion=name)

    def with_edit(self, edit: SessionEdit) -> SessionState:
        """With one more edit; those that were undone are given up."""
        edits = (*self.current, edit)
        return replace(self, edits=edits, position=len(edits))

    def undone(self) -> SessionState:
        """Without its last edit; SessionError if there is none."""
        if self.position == 0:
            raise SessionError("there is nothing to undo: the photo is as it was")
        return replace(self, position=self.position - 1)

    def redone(self) -> SessionState:
        """With the edit that was undone last; SessionError if there is none."""
        if self.position == len(self.edits):
            raise SessionError("there is nothing to redo: no edit was undone since the last one")
        return replace(self, position=self.position + 1)

    def segment(self, index: int) -> int:
        """The first edit that shares its base with edit `index`: those with the same mask."""
        mask = self.edits[index].mask
        while index > 0 and self.edits[index - 1].mask == mask:
            index -= 1
        return index

    def appearance(self, count: int | None = None) -> tuple[object, ...]:
        """What the photo's pixels after `count` edits depend on: the same, the same pixels.

        None: after all that count.
        """
        edits = self.current if count is None else self.edits[:count]
        composites = ((edit.request.settings or self.settings).composite for edit in edits)
        return tuple(
            (edit.file, edit.mask, edit.inversion, edit.all_drags, composite)
            for edit, composite in zip(edits, composites, strict=True)
        )

    def shown(self, landmarks: NDArray[np.float64]) -> Face:
        """The session's face with other landmarks, (68, 2)."""
        return replace(self.face, landmarks=landmarks)

    def recipe(self) -> Recipe:
        """The edits that count, for any photo; SessionError if there is none."""
        if not self.current:
            raise SessionError("the session has no edit to make a recipe of")
        face = FaceChoice(self.face.index)
        edits = tuple(replace(edit.request, face=face) for edit in self.current)
        return Recipe(edits, with_edit_stages(self.settings, edits[0].settings))
