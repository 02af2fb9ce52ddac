"""What a page sees of its desk. Places are (x, y) in photo pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from photodrag.alignment import Face

from ...session.session import SessionEdit, SessionState
from .requests import Place


@dataclass(frozen=True)
class PhotoInfo:
    """The opened photo. `size` is (width, height); `extension` that of its own format.

    `notes` say what of the file was converted or left out.
    """

    name: str
    size: tuple[int, int]
    format: str
    extension: str
    bit_depth: int
    alpha: bool
    preview_size: tuple[int, int]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PointEnd:
    """One dragged point and where it ended; `distance` in pixels from its target."""

    handle: Place
    target: Place
    reached: Place
    distance: float


@dataclass(frozen=True)
class EditInfo:
    """One finished edit; `points` are its own, without those of its adjustments."""

    text: str
    mask: bool
    arrived: bool
    points: tuple[PointEnd, ...]


@dataclass(frozen=True)
class Landmark:
    """One of the face's 68; `name` is its number where it has no other."""

    number: int
    name: str
    place: Place


@dataclass(frozen=True)
class Picture:
    """An image file to show."""

    data: bytes
    mime: str
    size: tuple[int, int]


@dataclass(frozen=True)
class SavedFile:
    """A file that is ready to be fetched, until the next one is saved or the desk is closed."""

    path: Path
    name: str
    mime: str


@dataclass(frozen=True)
class Command:
    """The command line that does the same, and the files that it needs beside the photo."""

    text: str
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class WorkspaceState:
    """A desk as it is at one moment.

    `face` is the number of the face that was inverted, None before; `beginning` that of the one
    that is being inverted now. Of the `edits` the first `position` count, the others are undone.
    `job` is the kind of the job under way. `picture` changes whenever the picture does.
    """

    photo: PhotoInfo | None = None
    faces: tuple[Face, ...] = ()
    face: int | None = None
    beginning: int | None = None
    edits: tuple[EditInfo, ...] = ()
    position: int = 0
    job: str | None = None
    picture: int = 0
    has_movie: bool = False
    movie_extensions: tuple[str, ...] = ()
    closed: bool = False

    @property
    def chosen(self) -> Face | None:
        """The face that points are set on: the inverted one, else the one that is begun."""
        number = self.beginning if self.face is None else self.face
        return next((face for face in self.faces if face.index == number), None)

    @property
    def switches(self) -> bool:
        """Whether another face is begun than the one at hand, whose edits then go."""
        return self.face is not None and self.beginning is not None

    @property
    def can_undo(self) -> bool:
        """Whether an edit counts."""
        return self.position > 0

    @property
    def can_redo(self) -> bool:
        """Whether an edit was undone."""
        return self.position < len(self.edits)


def describe_edits(session: SessionState) -> tuple[EditInfo, ...]:
    """All edits, those that are undone too."""
    return tuple(_describe(edit) for edit in session.edits)


def _describe(edit: SessionEdit) -> EditInfo:
    request = edit.request
    texts = [str(drag) for drag in request.points]
    texts += [f"{name}={value:g}" for name, value in request.adjust]
    count = len(request.points)
    points = tuple(
        PointEnd(point.handle, point.target, reached, math.dist(point.target, reached))
        for point, reached in zip(edit.points[:count], edit.reached[:count], strict=True)
    )
    return EditInfo(", ".join(texts), edit.mask is not None, edit.arrived, points)
