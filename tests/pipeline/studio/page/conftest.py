"""A desk that does nothing: it notes what it is asked for, and a test tells how that ends."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from photodrag.errors import StudioError
from photodrag.pipeline.studio import Done
from photodrag.pipeline.studio.page.controller import Controller
from photodrag.pipeline.studio.protocol.views import EditInfo, WorkspaceState

PHOTO = SimpleNamespace(notes=())


class FakeWorkspace:
    """Its `jobs` are in the order in which they began."""

    def __init__(self, faces=(), face=None):
        self.jobs, self.stops = [], 0
        found = tuple(SimpleNamespace(index=number) for number in faces)
        self.state = WorkspaceState(photo=PHOTO, faces=found, face=face)

    def controller(self):
        """A page on it."""
        return Controller(SimpleNamespace(open_desk=lambda notify: self), SimpleNamespace())

    def begin(self, job):
        self.jobs.append(job)
        ticket = SimpleNamespace(id=len(self.jobs), job=job, can_pause=True, stop=self.stop)
        ticket.pause = lambda: True
        ticket.resume = lambda: None
        return ticket

    def stop(self):
        self.stops += 1

    def open_photo(self, file):
        return self.begin("open")

    def choose_face(self, number):
        self.state = replace(self.state, beginning=number)
        return self.begin("invert")

    def open_session(self, file):
        return self.begin("session")

    def apply_recipe(self, file):
        if self.state.face is None:
            raise StudioError("no face is chosen yet; choose one first")
        return self.begin("recipe")

    def edit(self, request, replace):
        self.request = request
        return self.begin("edit")

    def undo(self):
        return self.begin("undo")

    def save(self):
        return self.begin("save")

    def at(self, position):
        """So many edits count, and no other is undone."""
        edits = (EditInfo("", mask=False, arrived=True, points=()),) * position
        self.state = replace(self.state, edits=edits, position=position)

    def end(self, controller, event=Done, **values):
        """The job under way ends so; it tells the job's kind."""
        ticket = controller.work.ticket
        state = replace(self.state, beginning=None)
        if ticket.job == "open" and event is Done:
            state = replace(state, face=None, edits=(), position=0)
        elif ticket.job == "invert" and event is Done:
            state = replace(state, face=self.state.beginning, edits=(), position=0)
        self.state = state
        controller._take(event(ticket=ticket.id, job=ticket.job, **values))
        return ticket.job


@pytest.fixture
def desk():
    """Makes one, with a photo and its faces."""
    return FakeWorkspace
