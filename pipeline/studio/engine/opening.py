"""A photo as it lies on a desk: opened, with its faces, and small enough to show."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

from photodrag.alignment import Face, Photo, find_faces, select_face
from photodrag.alignment.photos.photo import open_with_notes
from photodrag.alignment.photos.writing import EXTENSIONS

from ...edit.depth import settled
from ...edit.invert_run import InvertRun
from ...edit.start import first_start
from ...session.work import SessionWork, keep_session
from ..live.preview import Pixels, show, shrink
from ..protocol.events import Progress
from ..protocol.views import PhotoInfo, Picture
from .job_queue import Ticket
from .progress import StageProgress
from .shared import Shared


@dataclass(frozen=True, eq=False)
class OpenedPhoto:
    """An opened photo; `own` says that its file is the desk's own, and goes with it."""

    path: Path
    name: str
    own: bool
    photo: Photo
    faces: tuple[Face, ...]
    preview: Pixels
    picture: Picture
    notes: tuple[str, ...]

    @property
    def extension(self) -> str:
        """That of the photo's own format, as its file has it where it fits."""
        own = self.path.suffix.lower()
        if EXTENSIONS.get(own) == self.photo.format:
            return own
        return next(name for name, form in EXTENSIONS.items() if form == self.photo.format)

    @property
    def stem(self) -> str:
        """The name without its extension."""
        return Path(self.name).stem

    def info(self) -> PhotoInfo:
        """What the page is told."""
        photo = self.photo
        return PhotoInfo(
            self.name,
            photo.size,
            photo.format,
            self.extension,
            photo.bit_depth,
            photo.alpha is not None,
            self.picture.size,
            self.notes,
        )


def open_for_workspace(
    path: Path, own: bool, shared: Shared, ticket: Ticket
) -> Generator[None, None, OpenedPhoto]:
    """Open a photo and find its faces, if it has any; PhotoError where it cannot be read."""
    photo, notes = open_with_notes(path, shared.settings.most_pixels)
    ticket.tell(Progress("open", 1, 1, 0.5))
    yield
    cache = shared.cache(path.name)
    faces = find_faces(photo) if cache is None else cache.faces(photo)
    ticket.tell(Progress("faces", 1, 1, 1.0))
    yield
    preview = shrink(photo, shared.settings.preview_side)
    return OpenedPhoto(path, path.name, own, photo, faces, preview, show(photo, preview), notes)


def look_at(
    opened: OpenedPhoto, number: int, place: Path, shared: Shared, ticket: Ticket
) -> Generator[None, None, SessionWork]:
    """Invert the face of that number; its session lies in a new folder `place`."""
    face = select_face(opened.faces, number, opened.photo.size)
    generator = shared.generator()
    yield
    start = first_start(opened.photo, face)
    cache = shared.cache(opened.name)
    run = InvertRun(
        opened.photo,
        settled(shared.settings.edit),
        device=shared.device,
        generator=generator,
        cache=cache,
        start=start,
    )
    pace = StageProgress(lambda: run.stages)
    for step in run:
        ticket.tell(pace.progress(step))
        yield
        pace.resume()
    folder = keep_session(place, opened.path, run, generator, shared.settings.edit)
    try:
        work = SessionWork(folder, shared.device, generator, opened.photo)
        work.prepare()
    except BaseException:
        shutil.rmtree(place, ignore_errors=True)
        raise
    return work
