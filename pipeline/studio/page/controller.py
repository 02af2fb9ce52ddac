"""One open page: its desk, the change it puts together, and what the engine says of it.

All of it happens in the server's loop; the desk's threads only hand their events over.
"""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from photodrag.alignment import Face
from photodrag.errors import PhotodragError

from ..engine.archive import kind_of
from ..engine.job_queue import Ticket
from ..engine.studio import Studio
from ..engine.uploads import Upload
from ..engine.workspace import Workspace
from ..protocol.events import Done, Event, Failed, Frame, Paused, Progress, Stopped, Waiting
from ..protocol.views import Landmark, SavedFile
from .draft import Draft

NO_FACE = (
    "No face was found in this photo. Open one where a face looks towards the camera, or cut it so "
    "that the face is larger."
)
# of a file that was brought: the person knows it by its name
_OWN_FOLDER = re.compile(r"\S*photodrag-studio-[\w-]+/desk-\w+/(upload-\d+/)?")


@dataclass
class Work:
    """The job under way, and the newest that is known of it."""

    ticket: Ticket
    state: str = "working"
    """working, waiting, pausing, paused or stopping."""
    place: int = 0
    progress: Progress | None = None
    given_up: bool = False
    """Stopped, not only to make way for another job."""


class Controller:
    """What one page sees. `changed(what)` is called after each event: "work", "frame" or "all"."""

    def __init__(self, studio: Studio, loop: asyncio.AbstractEventLoop):
        self.key = secrets.token_urlsafe(16)
        self._loop = loop
        self.workspace: Workspace = studio.open_desk(self._hand_over)
        self.draft = Draft()
        self.revision = 0
        self.work: Work | None = None
        self.frame: Frame | None = None
        self.frames = 0
        self.photos = 0
        self.saved: SavedFile | None = None
        self.stopped = False
        self.auto = True
        self.changed: Callable[[str], None] = lambda _: None
        self.problem: Callable[[str], None] = lambda _: None
        self.note: Callable[[str], None] = lambda _: None
        self.deliver: Callable[[SavedFile], None] = lambda _: None
        self._drafts: dict[int, Draft] = {}
        self._ran = Draft()
        self._open: int | None = None
        self._next: Callable[[], None] | None = None

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
        self.ask(lambda: begin(file))

    def choose_face(self, number: int) -> None:
        """Find one of the faces in the generator; what was edited before is left."""
        self.ask(lambda: self.workspace.choose_face(number))

    def set_draft(self, draft: Draft, *, from_page: bool = False) -> None:
        """Another change; the page is told unless it said so itself."""
        self.draft = draft
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
        """Do the change; it takes the place of what it did before."""
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
            self._next = self._undo_stopped
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

    def pause(self) -> None:
        """Hold the job, or let it go on."""
        if self.work is None or not self.work.ticket.can_pause:
            return
        if self.work.state in ("paused", "pausing"):
            self.work.ticket.resume()
            if self.work.state == "pausing":
                self.work.state = "working"
        elif self.work.ticket.pause():
            self.work.state = "pausing"
        self.changed("work")

    def finish(self) -> None:
        """End the run at its next step, and keep what it has reached."""
        if self.work is None:
            return
        if not self.work.ticket.finish():
            self.note("There is nothing to keep yet.")
        elif self.work.state == "pausing":
            self.work.state = "working"

    def stop(self) -> None:
        """End the job; the desk is then as it was before, and is shown so at once."""
        self._next = None
        if self.work is not None:
            self.work.given_up = True
            if self.work.ticket.job == "edit":
                self.frame, self.stopped = None, True
        self._stop()

    def ask(self, start: Callable[[], Ticket]) -> None:
        """Begin a job; one that is under way is stopped first."""
        if self.work is not None:
            self._next = lambda: self.ask(start)
            self._stop()
            return
        try:
            self.work = Work(start())
        except PhotodragError as error:
            self.problem(str(error))
        self.changed("all")

    def save(self, start: Callable[[], Ticket]) -> None:
        """Write a file, after the job that is under way."""
        if self.work is None:
            self.ask(start)
        elif self._next is None:
            self._next = lambda: self.ask(start)
            self.note("The file is written as soon as this is done.")

    def close(self) -> None:
        """The page is gone: everything of it goes."""
        self._next = None
        self.changed = self.problem = self.note = lambda _: None
        self.frame = None
        self.workspace.close()

    @property
    def gives_up(self) -> bool:
        """Whether the run under way was stopped, and is not to be seen any more."""
        return self.work is not None and self.work.given_up

    @property
    def open_change(self) -> bool:
        """Whether the change of the page is the edit that was done last."""
        return self._open is not None

    @property
    def can_change(self) -> bool:
        """Whether points and sliders may be moved now."""
        busy = self.work is not None and self.work.ticket.job != "edit"
        return self.workspace.state.face is not None and not busy

    def face(self) -> Face | None:
        """The chosen one."""
        state = self.workspace.state
        return next((face for face in state.faces if face.index == state.face), None)

    @property
    def is_done(self) -> bool:
        """Whether the change, as it now is, is the edit that was done last."""
        position = self.workspace.state.position
        return self.open_change and self.draft == self._drafts.get(position)

    def landmarks(self) -> tuple[Landmark, ...]:
        """Those that a handle can be put on: of the face as it was before the change."""
        state = self.workspace.state
        if state.face is None:
            return ()
        return self.workspace.landmarks_at(state.position - 1 if self.open_change else None)

    # -- what the engine says

    def _hand_over(self, event: Event) -> None:
        """From the desk's threads."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, event)

    def _take(self, event: Event) -> None:
        work = self.work
        if work is None or event.ticket != work.ticket.id:
            return
        what = "work"
        match event:
            case Frame():
                if not self.gives_up:
                    self.frame = event
                    self.frames += 1
                what = "frame"
            case Progress():
                work.progress = event
            case Waiting():
                work.state, work.place = "waiting", event.place
            case Paused():
                work.state = "paused"
            case Done() | Stopped() | Failed():
                what = "all"
                self._end(event)
            case _ if work.state not in ("pausing", "stopping"):
                work.state = "working"
        self.changed(what)

    def _end(self, event: Done | Stopped | Failed) -> None:
        self.work = self.frame = None
        self.stopped = not isinstance(event, Done)
        if isinstance(event, Done):
            self._done(event)
        elif isinstance(event, Failed):
            self._next = None
            self.problem(_OWN_FOLDER.sub("", event.message))
        follow, self._next = self._next, None
        if follow is not None:
            follow()

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
            self.photos += 1
            photo = self.workspace.state.photo
            for text in photo.notes if photo is not None and event.job == "open" else ():
                self.note(text)
            if event.job == "open" and not self.workspace.state.faces:
                self.problem(NO_FACE)
            self._drafts = {}
            self._follow_position()

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
        self.revision += 1

    def _stop(self) -> None:
        if self.work is not None:
            self.work.state = "stopping"
            self.work.ticket.stop()
            self.changed("work")
