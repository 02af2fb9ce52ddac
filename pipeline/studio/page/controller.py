"""One open page: its desk, the change it puts together, and what the engine says of it."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from photodrag.alignment import Face

from ..engine.archive import kind_of
from ..engine.job_queue import Ticket
from ..engine.studio import Studio
from ..engine.uploads import Upload
from ..engine.workspace import Workspace
from ..protocol.events import Done
from ..protocol.views import Landmark, SavedFile
from .draft import Draft
from .job_control import JobControl

NO_FACE = (
    "No face was found in this photo. Open one where a face looks towards the camera, or cut it so "
    "that the face is larger."
)


class Controller(JobControl):
    """What one page sees."""

    def __init__(self, studio: Studio, loop: asyncio.AbstractEventLoop):
        self.key = secrets.token_urlsafe(16)
        super().__init__(loop)
        self.workspace: Workspace = studio.open_desk(self._hand_over)
        self.draft = Draft()
        self.revision = 0
        self.photos = 0
        self.saved: SavedFile | None = None
        self.auto = True
        self.deliver: Callable[[SavedFile], None] = lambda _: None
        self._drafts: dict[int, Draft] = {}
        self._ran = Draft()
        self._open: int | None = None
        self._draft_face: int | None = None  # whose the draft is

    # -- what the page asks for

    async def open_file(self, file: Path | Upload) -> None:
        """A photo, a session (.zip) or a recipe (.json), as its name says."""
        path = file if isinstance(file, Path) else file.path
        # an archive can have a long list of its files
        kind = await asyncio.to_thread(kind_of, path, file.name)
        begin = {
            "recipe": self.workspace.apply_recipe,
            "session": self.workspace.open_session,
            "photo": self.workspace.open_photo,
        }[kind]
        self._plans.recipe = None  # its file goes when another one comes
        beginning = self.workspace.state.beginning
        if self.begins and kind == "recipe":
            self._plans.recipe = lambda: self.ask(lambda: begin(file))
            self.note("The recipe is done as soon as the face is ready.")
            self.changed("all")
            return
        if self.begins and beginning is not None:  # it goes on if the file is refused
            self._plans.follows = partial(self.choose_face, beginning)
        self.ask(lambda: begin(file))

    def choose_face(self, number: int) -> None:
        """Begin one of the faces; what was set or done on another before is left."""
        state = self.workspace.state
        if number == state.face:
            if state.switches:
                self.stop()
            return
        if number == state.beginning and self.work is not None and self.work.state != "stopping":
            return
        if state.face is None and number != self._draft_face:
            self._draft_face = number
            self._follow_position()
        self.ask(lambda: self.workspace.choose_face(number))

    def set_draft(self, draft: Draft, *, from_page: bool = False) -> None:
        """Another change; the page is told unless it said so itself."""
        self.draft = draft
        if draft.is_empty:
            self._plans.run = False
        if not from_page:
            self.revision += 1
        self.changed("all")

    def touched(self) -> None:
        """A point was dropped, a slider let go: run, if that is wished."""
        busy = self.work is not None and self.work.ticket.job != "edit"
        same = self.work is None and self.is_done
        if self.auto and self.workspace.state.face is not None and not busy and not same:
            self.run()

    def run(self) -> None:
        """Do the change; it takes the place of what it did before.

        While a face is begun it waits for that.
        """
        if self.begins:
            self._plans.run = not self.draft.is_empty
            self.changed("all")
            return
        replaces = self._open is not None
        if self.draft.is_empty:
            if replaces:
                self.ask(self.workspace.undo)
            return
        draft = self.draft
        self.ask(lambda: self._edit(draft, replaces))

    def new_change(self) -> None:
        """Leave the change as it is and begin another one on top of it."""
        self._open = None
        self.set_draft(self.draft.emptied())

    def undo(self) -> None:
        """Take the last edit back; one that still runs is given up, one that never ran emptied."""
        if self.work is not None and self.work.ticket.job == "edit":
            self._plans.asked = self._undo_stopped
            self._stop()
        elif self._open is None and not self.draft.is_empty:
            self._follow_position()
            self.changed("all")
        elif self.workspace.state.can_undo:
            self.ask(self.workspace.undo)

    def redo(self) -> None:
        """Do again what was undone last."""
        if self.workspace.state.can_redo:
            self.ask(self.workspace.redo)

    def reset(self) -> None:
        """Back to the photo as it was."""
        if self.workspace.state.can_undo:
            self.ask(self.workspace.reset)
        else:
            self.set_draft(Draft(change=self.draft.change))

    def close(self) -> None:
        """The page is gone: everything of it goes."""
        self._plans.drop()
        self.changed = self.problem = self.note = lambda _: None
        self.frame = None
        self.workspace.close()

    @property
    def open_change(self) -> bool:
        """Whether the change of the page is the edit that was done last."""
        return self._open is not None

    @property
    def can_change(self) -> bool:
        """Whether points and sliders may be moved now."""
        work = self.work
        free = work is None or work.ticket.job == "edit"
        if work is not None and self.begins:
            free = work.state != "stopping"
        return self.face() is not None and free

    @property
    def begins(self) -> bool:
        """Whether the photo's first face is begun: what is set now belongs to it."""
        work = self.work
        inverts = work is not None and work.ticket.job == "invert" and not work.given_up
        return inverts and not self.workspace.state.switches

    @property
    def picks(self) -> bool:
        """Whether a face can be picked on the photo: until one of them is ready."""
        state, work = self.workspace.state, self.work
        if state.face is not None or not state.faces:
            return False
        return work is None or (work.ticket.job == "invert" and len(state.faces) > 1)

    @property
    def waits(self) -> str | None:
        """What comes as soon as the face is ready: "recipe", "run" or nothing."""
        if self._plans.recipe is not None:
            return "recipe"
        runs = self._plans.run or (self.auto and not self.draft.is_empty)
        return "run" if self.begins and runs else None

    def face(self) -> Face | None:
        """The chosen one, or the one that is begun."""
        return self.workspace.state.chosen

    @property
    def is_done(self) -> bool:
        """Whether the change, as it now is, is the edit that was done last."""
        position = self.workspace.state.position
        return self.open_change and self.draft == self._drafts.get(position)

    def landmarks(self) -> tuple[Landmark, ...]:
        """Those that a handle can be put on: of the face as it was before the change."""
        position = self.workspace.state.position
        return self.workspace.landmarks_at(position - 1 if self.open_change else None)

    # -- what the engine says

    def _done(self, event: Done) -> None:
        if isinstance(event.value, SavedFile):
            self.saved = event.value
            self.deliver(event.value)
        elif event.job == "edit":
            position = self.workspace.state.position
            self._open = position
            self._drafts = {at: one for at, one in self._drafts.items() if at < position}
            self._drafts[position] = self._ran
        elif event.job in ("undo", "redo", "reset"):
            self._follow_position()
        else:
            self._another_face(keeps_draft=event.job == "invert")
            if event.job == "open":
                self._opened()
            elif event.job == "invert":
                self._plans.face_is_ready(self._run_once, self.auto)

    def _another_face(self, keeps_draft: bool) -> None:
        """There is another photo or face; what was set while that was begun may stay."""
        self.photos += 1
        self._drafts = {}
        face = self.workspace.state.face
        if not keeps_draft or face != self._draft_face:
            self._draft_face = face
            self._follow_position()

    def _opened(self) -> None:
        """There is another photo: its notes are told, its largest face is begun."""
        state = self.workspace.state
        for text in () if state.photo is None else state.photo.notes:
            self.note(text)
        if state.faces:
            self._plans.follows = partial(self.choose_face, state.faces[0].index)
        else:
            self.problem(NO_FACE)

    def _run_once(self) -> None:
        if not self.is_done:
            self.run()

    def _edit(self, draft: Draft, replaces: bool) -> Ticket:
        self._ran = draft
        return self.workspace.edit(draft.request, replace=replaces)

    def _undo_stopped(self) -> None:
        """After a run that was to be undone: it may have come to its end all the same."""
        if self.stopped:
            self._follow_position()
        else:
            self.undo()

    def _follow_position(self) -> None:
        """The change of the page is the one that the photo now shows."""
        position = self.workspace.state.position
        draft = self._drafts.get(position)
        self._open = position if draft is not None else None
        if draft is None:
            kept = self.draft.emptied()
            draft = kept if position else Draft(change=kept.change)
        self.draft = replace(draft)
        self._plans.run = False
        self.revision += 1
