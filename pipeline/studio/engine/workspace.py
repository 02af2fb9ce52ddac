"""One page's work on one photo, and nothing that another page could see."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import replace as with_other
from pathlib import Path

from photodrag.alignment import LANDMARK_NAMES, Face
from photodrag.errors import StudioError

from ...edit.edit_request import EditRequest
from ...request.adjustments import check_adjustments
from ...request.drag_spec import resolve_points
from ...request.face_drag import describe_drag
from ...results.movie import check_movie
from ...runtime.memory import give_back_memory
from ..live.preview import show_mask
from ..protocol.events import Box
from ..protocol.requests import MaskRequest, PageEdit
from ..protocol.views import Command, Landmark, Picture, WorkspaceState
from . import exporting as saving
from . import importing as bringing
from .command_line import command_line
from .job_queue import JobQueue, Notify, Steps, Ticket
from .shared import Shared
from .strokes import make_mask, painted_mask
from .uploads import Upload, kept, path_of, used
from .workspace_jobs import WorkspaceJobs

_NAMES = {index: name for name, index in LANDMARK_NAMES.items()}


class Workspace:
    """A desk, as a page has it; methods are for any thread, and `notify` is told on any.

    It does one job at a time: asking for the next one meanwhile is a StudioError. A job is a
    `Ticket` at once; what can be seen to be wrong is refused at once, too. `line` is for what
    computes with the generator, `aside` for all else. Everything of the desk's own lies in
    `folder`, which goes when it is closed.
    """

    def __init__(
        self,
        folder: Path,
        shared: Shared,
        lines: tuple[JobQueue, JobQueue],
        notify: Notify,
        at_end: Callable[[Workspace], None],
    ):
        self.id = folder.name
        self._jobs = WorkspaceJobs(folder, shared)
        self._line, self._aside = lines
        self._lock = self._line.lock
        self._notify, self._at_end = notify, at_end
        self._ticket: Ticket | None = None
        self._beginning: int | None = None
        self._closed = False
        self._brought: Upload | None = None
        self._uploads = itertools.count(1)

    @property
    def state(self) -> WorkspaceState:
        """All that a page shows, as it is now."""
        with self._lock:
            job = None if self._ticket is None else self._ticket.job
            return with_other(
                self._jobs.state, job=job, beginning=self._beginning, closed=self._closed
            )

    def upload(self, name: str) -> Upload:
        """A file that the page brings; hand it to a job when it is closed.

        One that no job has taken goes when the next one comes.
        """
        with self._lock:
            self._check_open()
            if self._brought is not None:
                self._brought.remove()
            folder = self._jobs.folder / f"upload-{next(self._uploads)}"
            self._brought = Upload(folder, name, self._jobs.shared.settings.most_bytes)
            return self._brought

    def open_photo(self, photo: Path | Upload) -> Ticket:
        """Open a photo and find its faces. A file that was not brought stays where it is."""
        path, own = path_of(photo)
        return self._begin(
            "open",
            lambda ticket: kept(photo, self._jobs.open_photo(ticket, path, own)),
            self._aside,
            upload=photo,
        )

    def choose_face(self, number: int) -> Ticket:
        """Invert a face, so that it can be edited; edits of before are given up."""
        self._jobs.photo()
        with self._lock:
            ticket = self._begin(
                "invert", lambda ticket: self._jobs.invert(ticket, number), can_pause=True
            )
            if self._ticket is ticket:
                self._beginning = number
            return ticket

    def edit(self, request: PageEdit, replace: bool = False) -> Ticket:
        """Drag and adjust the face as it now looks; or instead of the last edit, as before it."""
        jobs = self._jobs
        work = jobs.session()
        if replace:
            work.session.undone()  # refuses where there is none
        settings = request.change.settings(work.session.settings)
        adjust = check_adjustments(request.adjust)
        specs = [point.spec() for point in request.points]

        def steps(ticket: Ticket, displayed: Picture | None = None) -> Steps:
            shown = work.shown()
            mask = make_mask(request.mask, work.session.face, work.photo.size)
            # Told in the face's own frame, as recipes have it: so they give the same pixels.
            placed = resolve_points(specs, shown, work.photo.size) if specs else ()
            drags = [describe_drag(point, shown) for point in placed]
            asked = EditRequest(drags, adjust, mask, settings)
            return (yield from jobs.edit(ticket, asked, displayed))

        def instead(ticket: Ticket) -> Steps:
            return jobs.replace_edit(lambda displayed: steps(ticket, displayed))

        return self._begin("edit", instead if replace else steps, can_pause=True)

    def undo(self) -> Ticket:
        """Take the last edit back; SessionError if there is none."""
        return self._move("undo", self._jobs.session().session.undone().position)

    def redo(self) -> Ticket:
        """Do the edit again that was taken back last; SessionError if there is none."""
        return self._move("redo", self._jobs.session().session.redone().position)

    def reset(self) -> Ticket:
        """Take all edits back; `redo` brings them again."""
        return self._move("reset", 0)

    def open_session(self, session: Path | Upload) -> Ticket:
        """Go on with a session of a .zip file, which brings its photo."""
        path, _ = path_of(session)
        return self._begin(
            "session",
            lambda ticket: used(session, bringing.open_session(self._jobs, ticket, path)),
            upload=session,
        )

    def apply_recipe(self, recipe: Path | Upload) -> Ticket:
        """Do what a recipe says (.json, or .zip with its masks) on the chosen face."""
        self._jobs.session()
        path, _ = path_of(recipe)
        return self._begin(
            "recipe",
            lambda ticket: used(recipe, bringing.apply_recipe(self._jobs, ticket, path)),
            can_pause=True,
            upload=recipe,
        )

    def save(self, extension: str | None = None) -> Ticket:
        """Save the photo as it now looks, in its own format or that of an extension."""
        self._jobs.photo()
        line = self._aside if self._jobs.is_whole_at_hand else self._line
        return self._begin("save", lambda ticket: saving.save_photo(self._jobs, extension), line)

    def save_session(self) -> Ticket:
        """Save the session with its photo, as one .zip."""
        self._jobs.session()
        return self._begin("save", lambda ticket: saving.save_session(self._jobs), self._aside)

    def save_recipe(self) -> Ticket:
        """Save the edits that count as a recipe; SessionError if there is none."""
        self._jobs.session().session.recipe()
        return self._begin("save", lambda ticket: saving.save_recipe(self._jobs), self._aside)

    def save_movie(self, extension: str = ".gif") -> Ticket:
        """Save a film of the edit that has just been done."""
        check_movie(Path(f"movie{extension}"))
        return self._begin("save", lambda ticket: saving.save_movie(self._jobs, ticket, extension))

    def command(self) -> Command:
        """The command line that does the same; StudioError where there is no edit."""
        work, opened = self._jobs.session(), self._jobs.photo()
        output = f"{opened.stem}-edited{opened.extension}"
        photo = opened.name if opened.own else str(opened.path)
        return command_line(work, photo, output, self._jobs.shared.settings.device)

    def picture(self, original: bool = False) -> Picture:
        """The whole photo as it now looks, or as it was in the beginning."""
        opened, shown = self._jobs.photo(), self._jobs.shown
        return opened.picture if original or shown is None else shown

    def mask_picture(self, mask: MaskRequest) -> Picture:
        """What a mask lets change, white, as large as the picture; of a face that is begun, too."""
        opened, work = self._jobs.photo(), self._jobs.work
        face = self.state.chosen if work is None else work.session.face
        return show_mask(painted_mask(mask, face, opened.photo.size), opened.picture.size)

    def detail(self, box: Box, side: int, original: bool = False) -> Picture | None:
        """A part of the photo at its own resolution, its longest side at most `side` px.

        `box` is left, top, right and bottom edge. None while the whole photo is not at hand, as
        after an undo; `save` computes it.
        """
        return self._jobs.detail(box, max(1, side), original)

    @property
    def landmarks(self) -> tuple[Landmark, ...]:
        """Those of the chosen face as it now looks, or of one that is begun; else empty."""
        return self.landmarks_at(None)

    def landmarks_at(self, position: int | None) -> tuple[Landmark, ...]:
        """Those of the face as it looked after the first so many edits; None: as it now looks."""
        work = self._jobs.work
        face = self.state.chosen if work is None else work.shown(position)
        return () if face is None else _landmarks(face)

    def close(self) -> None:
        """Stop the work at its next step, then forget everything; returns at once."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            ticket = self._ticket
            if ticket is not None:
                ticket.stop()
            if self._ticket is None:
                self._clear()

    def _move(self, job: str, position: int) -> Ticket:
        jobs = self._jobs
        session = with_other(jobs.session().session, position=position)
        known = position == 0 or jobs.knows(session)
        line = self._aside if known else self._line
        return self._begin(job, lambda ticket: jobs.move(session), line)

    def _begin(
        self,
        job: str,
        steps: Callable[[Ticket], Steps],
        line: JobQueue | None = None,
        *,
        can_pause: bool = False,
        upload: Path | Upload | None = None,
    ) -> Ticket:
        with self._lock:
            self._check_open()
            if self._ticket is not None:
                raise StudioError(
                    f"another job ({self._ticket.job}) is still under way; wait for it or stop it"
                )
            ticket = (line or self._line).submit(
                job, steps, self._notify, can_pause=can_pause, at_end=self._job_ends
            )
            if ticket.state in ("waiting", "running", "paused"):
                self._ticket = ticket
            if upload is self._brought:
                self._brought = None  # it is the job's now
            return ticket

    def _job_ends(self, ticket: Ticket) -> None:
        with self._lock:
            self._ticket = self._beginning = None
            if self._closed:
                self._clear()

    def _clear(self) -> None:
        if self._brought is not None:
            self._brought.remove()
        self._jobs.clear()
        self._at_end(self)
        self._aside.submit("close", _give_back, lambda event: None)

    def _check_open(self) -> None:
        if self._closed:
            raise StudioError("this page has been closed; open it again")


def _give_back(ticket: Ticket) -> Steps:
    yield
    give_back_memory()


def _landmarks(face: Face) -> tuple[Landmark, ...]:
    return tuple(
        Landmark(number, _NAMES.get(number, str(number)), (float(x), float(y)))
        for number, (x, y) in enumerate(face.landmarks)
    )
