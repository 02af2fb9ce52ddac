"""What lies on a desk, and the work that is done there: one job at a time, step by step."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path

from photodrag.alignment import Photo
from photodrag.checkpoints import Latent
from photodrag.errors import StudioError

from ...edit.edit_request import EditRequest
from ...edit.values import EditResult
from ...results.movie import MOVIE_EXTENSIONS
from ...runtime.memory import give_back_memory
from ...session.session import SessionState
from ...session.work import SessionWork
from ..live.frames import Frames
from ..live.live_composite import Live, Scene
from ..live.preview import Pixels, pixels_of, show, show_part, shrink
from ..protocol.events import Box
from ..protocol.views import EditInfo, Picture, WorkspaceState, describe_edits
from .job_queue import Steps, Ticket
from .opening import OpenedPhoto, look_at, open_for_workspace
from .progress import StageProgress
from .shared import Shared

_MOST_PICTURES = 48


@dataclass(frozen=True, eq=False)
class View:
    """The photo as it now looks: small, and whole where it is at hand."""

    picture: Picture
    photo: Photo | None
    preview: Pixels | None = None

    def pixels(self) -> Pixels:
        """What the picture shows, (h, w, 3) uint8."""
        return pixels_of(self.picture) if self.preview is None else self.preview


@dataclass(frozen=True, eq=False)
class Way:
    """The edit that has just been done, and the latents of its drag: what a film needs."""

    result: EditResult
    latents: tuple[Latent, ...]


class WorkspaceJobs:
    """A desk's things, in its `folder`. `state` is whole at any time; all else is one job's."""

    def __init__(self, folder: Path, shared: Shared):
        self.folder, self.shared = folder, shared
        self.state = WorkspaceState(movie_extensions=_movies())
        self.opened: OpenedPhoto | None = None
        self.work: SessionWork | None = None
        self.view: View | None = None
        self.shown: Picture | None = None  # the view's, but while the last edit is done anew
        self.way: Way | None = None
        self._pictures: dict[object, Picture] = {}
        self._numbers = itertools.count(1)

    def new_place(self, kind: str) -> Path:
        """A path in the folder where nothing lies yet."""
        return self.folder / f"{kind}-{next(self._numbers)}"

    def photo(self) -> OpenedPhoto:
        """The opened photo; StudioError if there is none."""
        if self.opened is None:
            raise StudioError("there is no photo yet; open one first")
        return self.opened

    def session(self) -> SessionWork:
        """The session; StudioError if no face is chosen yet."""
        self.photo()
        if self.work is None:
            raise StudioError("no face is chosen yet; choose one first")
        return self.work

    def open_photo(self, ticket: Ticket, path: Path, own: bool) -> Steps:
        """Put another photo on the desk."""
        self.take((yield from open_for_workspace(path, own, self.shared, ticket)), None)

    def invert(self, ticket: Ticket, number: int) -> Steps:
        """RenderedFace at a face; a new session begins."""
        opened, place = self.photo(), self.new_place("session")
        work = yield from look_at(opened, number, place, self.shared, ticket)
        self.take(opened, work)
        give_back_memory()  # looking at a face takes most of all

    def edit(
        self,
        ticket: Ticket,
        request: EditRequest,
        displayed: Picture | None = None,
    ) -> Steps:
        """Do one edit; gives its EditInfo. `displayed` is what the page shows meanwhile."""
        work, view = self.session(), self.view
        assert view is not None
        run = work.edit(request)
        ticket.finisher = run.finish_early
        own = [point.target for point in run.points[: len(request.points)]]
        scene = Scene(
            view.pixels(),
            work.photo.size,
            work.session.face,
            run.start.current_face,
            run.points,
            run.settings.composite,
            run.placed.mask,
            None if displayed is None else pixels_of(displayed),
        )
        latents: list[Latent] = []
        pace = StageProgress(lambda: run.stages)
        with Frames(Live(scene, lambda: run.generator), ticket.tell) as showing:
            for step in run:
                ticket.tell(pace.progress(step, own))
                if step.stage in ("guide", "drag"):
                    assert run.invert.inversion is not None
                    begin = run.start.latent or run.invert.inversion.latent
                    showing.take(step, run.first_rendering or run.start.rendering, begin)
                    latents.append(step.latent)
                yield
                pace.resume()
        result = run.result
        view = self.view_of(result.photo)
        yield  # the last moment to give it up
        with work.folder.changing():
            work.record(result)
        work.prepare()
        self.rendering(view, Way(result, tuple(latents)))
        return self.state.edits[self.state.position - 1]

    def replace_edit(self, edit: Callable[[Picture], Steps]) -> Steps:
        """Take the last edit back and do another one instead; gives its EditInfo.

        `edit` is told what the page shows meanwhile: the photo with the edit that goes.
        """
        work, view = self.session(), self.view
        assert view is not None
        before, undone = work.session, work.session.undone()
        try:
            with work.folder.changing():
                work.folder.write(undone)
            self.view = self.known_view() or self._rendered()
            yield
            return (yield from edit(view.picture))
        except BaseException:
            with work.folder.changing():
                work.folder.write(before)
            self.view = view
            raise

    def move(self, session: SessionState) -> Steps:
        """Undo or redo: the session with another position."""
        work = self.session()
        before = work.session
        with work.folder.changing():
            work.folder.write(session)
        try:
            view = self.known_view()
            if view is None:
                yield
                view = self._rendered()
        except BaseException:
            with work.folder.changing():
                work.folder.write(before)
            raise
        self.rendering(view)

    def known_view(self) -> View | None:
        """The view of the session as it is, where it need not be computed."""
        work, opened = self.session(), self.photo()
        if not work.session.current:
            return View(opened.picture, opened.photo, opened.preview)
        picture = self._pictures.get(work.session.appearance())
        return None if picture is None else View(picture, None)

    def _rendered(self) -> View:
        """The view of the session as it is, computed."""
        return self.view_of(self.session().render())

    def view_of(self, photo: Photo) -> View:
        """A view of a whole photo."""
        preview = shrink(photo, self.shared.settings.preview_side)
        return View(show(photo, preview), photo, preview)

    def detail(self, box: Box, side: int, original: bool) -> Picture | None:
        """A part of the whole photo, its longest side at most `side` px; None if not at hand."""
        opened, view = self.photo(), self.view
        if not original and view is not None and view.picture is not self.shown:
            return None
        photo = opened.photo if original or view is None else view.photo
        return None if photo is None else show_part(photo, box, side)

    def knows(self, session: SessionState) -> bool:
        """Whether the picture of a state of the session is at hand."""
        return session.appearance() in self._pictures

    def whole_photo(self) -> Photo:
        """The photo as it now looks, at full size; computed where it is not at hand."""
        opened, view = self.photo(), self.view
        if view is not None and view.photo is not None:
            return view.photo
        if self.work is None:
            return opened.photo
        photo = self.work.render()
        if view is not None:
            self.view = replace(view, photo=photo)
        return photo

    @property
    def is_whole_at_hand(self) -> bool:
        """Whether `whole_photo` has nothing to compute."""
        return self.work is None or (self.view is not None and self.view.photo is not None)

    def take(self, opened: OpenedPhoto, work: SessionWork | None, view: View | None = None) -> None:
        """Lay a photo, and perhaps its session, on the desk; what lay there goes."""
        before, session = self.opened, self.work
        self.opened, self.work = opened, work
        self._pictures.clear()
        self.rendering(view or View(opened.picture, opened.photo, opened.preview))
        if session is not None:
            shutil.rmtree(session.folder.folder, ignore_errors=True)
        if before is not None and before.own and before.path != opened.path:
            shutil.rmtree(before.path.parent, ignore_errors=True)

    def rendering(self, view: View, way: Way | None = None) -> None:
        """Show the photo as it now looks, and how it came to that; say how all stands."""
        self.view, self.shown, self.way = view, view.picture, way
        if self.work is not None:
            self._pictures.pop(key := self.work.session.appearance(), None)
            self._pictures[key] = view.picture
            while len(self._pictures) > _MOST_PICTURES:
                self._pictures.pop(next(iter(self._pictures)))
        opened, work = self.photo(), self.work
        edits: tuple[EditInfo, ...] = () if work is None else describe_edits(work.session)
        self.state = replace(
            self.state,
            photo=opened.info(),
            faces=opened.faces,
            face=None if work is None else work.session.face.index,
            edits=edits,
            position=0 if work is None else work.session.position,
            picture=self.state.picture + 1,
            has_movie=way is not None,
        )

    def clear(self) -> None:
        """Forget everything, and remove the folder."""
        self.opened = self.work = self.view = self.shown = self.way = None
        self._pictures.clear()
        self.state = WorkspaceState(closed=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def _movies() -> tuple[str, ...]:
    """The extensions that a film can have here."""
    has_mp4 = find_spec("av") is not None  # the extra `movie`
    return tuple(name for name in MOVIE_EXTENSIONS if has_mp4 or name != ".mp4")
