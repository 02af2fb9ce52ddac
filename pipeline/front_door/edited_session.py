"""`photodrag.Session`: edits of one photo, step by step, kept in a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path

import torch

from photodrag.alignment import FaceChoice, Photo, find_faces, open_photo, parse_face
from photodrag.alignment.face_choice import choose_face
from photodrag.checkpoints import load_generator

from ..edit.depth import settled
from ..edit.edit_request import EditRequest, MaskInput
from ..edit.invert_run import InvertRun
from ..edit.start import first_start
from ..recipe.recipe import Recipe
from ..request.drag_spec import PointInput
from ..session.folder import SessionFolder, check_new
from ..session.session import SessionState
from ..session.work import SessionWork, keep_session
from ..settings import EditSettings
from .choices import Cache, choose_cache, choose_settings
from .edited_photo import EditedPhoto


class Session:
    """Edits of one face of a photo, each going on from the last; undo, redo, another day.

    `Session.new` begins one, `Session("me.session")` opens it again. Everything is kept in its
    folder when `edit`, `undo` or `redo` return; the photo stays where it is and is never changed.
    All edits start from the original, so that it stays as sharp after ten of them.

    SessionError where the folder is none or damaged, or its photo is gone or has changed;
    SessionBusyError where another process changes it.

    >>> session = Session.new("me.jpg", "me.session")
    >>> session.edit(adjust={"smile": 0.6})
    >>> session.edit(["chin->+0%,+4%"])
    >>> session.undo()
    >>> session.render().save("out.jpg")
    """

    def __init__(self, folder: str | PathLike[str], *, device: str | torch.device = "auto"):
        self._work = SessionWork(SessionFolder(Path(folder)), device)

    @classmethod
    def new(
        cls,
        photo: str | PathLike[str],
        folder: str | PathLike[str],
        *,
        face: int | str | FaceChoice = 1,
        preset: str | EditSettings = "auto",
        device: str | torch.device = "auto",
        cache: Cache = True,
    ) -> Session:
        """Begin a session of a photo's face, in a folder that is not there yet.

        The face is inverted now, so that every edit starts at once; the other arguments are those
        of `edit` and `EditRequest`. OutputError where the folder cannot be made.
        """
        photo, folder = Path(photo), Path(folder)
        check_new(folder)
        settings, kept = choose_settings(preset), choose_cache(cache, photo.name)
        source = open_photo(photo)
        faces = find_faces(source) if kept is None else kept.faces(source)
        choice = face if isinstance(face, FaceChoice) else parse_face(str(face))
        start = first_start(source, choose_face(faces, choice, source.size))
        generator = load_generator(settings.checkpoint, device)
        run = InvertRun(
            source, settled(settings), device=device, generator=generator, cache=kept, start=start
        )
        for _ in run:
            pass
        keep_session(folder, photo, run, generator, settings)
        return cls(folder, device=device)

    @property
    def folder(self) -> Path:
        """Where it lies."""
        return self._work.folder.folder

    @property
    def state(self) -> SessionState:
        """Its photo, its face, and every edit; those after `position` are undone."""
        return self._work.session

    def edit(
        self,
        drags: Sequence[PointInput] = (),
        *,
        adjust: Mapping[str, float] | Iterable[tuple[str, float]] = (),
        mask: MaskInput | None = None,
        preset: str | EditSettings | None = None,
        progress: Callable[[float], object] | None = None,
    ) -> EditedPhoto:
        """Edit the face as it now looks; the arguments are those of `photodrag.edit`.

        Handles are positions and landmarks of the photo as it looks after the edits before; a
        mask by name is of the face as it was in the beginning. Of a preset the drag and the
        composite count, as the face is inverted already; None: the session's.
        """
        settings = None if preset is None else choose_settings(preset)
        with self._work.folder.changing():
            run = self._work.edit(EditRequest(drags, adjust, mask, settings))
            for _ in run:
                if progress is not None:
                    progress(run.fraction)
            self._work.record(run.result)
        return EditedPhoto(run.result)

    def undo(self) -> None:
        """Take back the last edit; SessionError if there is none."""
        self._move(SessionState.undone)

    def redo(self) -> None:
        """Do the edit again that was undone last; SessionError if there is none."""
        self._move(SessionState.redone)

    def render(self) -> Photo:
        """The photo as it now looks."""
        return self._work.render()

    def recipe(self) -> Recipe:
        """The edits that count, for any photo; SessionError if there is none."""
        return self.state.recipe()

    def _move(self, change: Callable[[SessionState], SessionState]) -> None:
        folder = self._work.folder
        with folder.changing():
            folder.write(change(folder.session))

    def __repr__(self) -> str:
        done = f"{self.state.position} of {len(self.state.edits)} edits"
        return f"<Session {str(self.folder)!r} {done}>"
