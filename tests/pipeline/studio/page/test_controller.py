"""What a page asks for while a job is under way."""

from types import SimpleNamespace

import pytest

from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.studio import Done, Frame, Paused, Progress, Stopped, Working
from photodrag.pipeline.studio.page.controller import NO_FACE, Visit
from photodrag.pipeline.studio.page.draft import Draft, DraftPoint

POINT = DraftPoint(1, (1.0, 2.0), (3.0, 4.0))


class Desk:
    """Notes the jobs that it is asked for; the test tells how they end."""

    def __init__(self):
        self.jobs, self.stops = [], 0
        self.state = SimpleNamespace(face=1, position=0, can_undo=False, can_redo=False)

    def begin(self, job):
        self.jobs.append(job)
        ticket = SimpleNamespace(id=len(self.jobs), job=job, can_pause=True, stop=self.stop)
        ticket.pause = lambda: True
        ticket.resume = lambda: None
        return ticket

    def stop(self):
        self.stops += 1

    def edit(self, request, replace):
        return self.begin("edit")

    def undo(self):
        return self.begin("undo")

    def save(self):
        return self.begin("save")

    def at(self, position):
        self.state = SimpleNamespace(
            face=1, position=position, can_undo=position > 0, can_redo=False
        )


@pytest.fixture
def desk():
    return Desk()


@pytest.fixture
def visit(desk):
    visit = Visit(SimpleNamespace(open_desk=lambda notify: desk), SimpleNamespace())
    visit.draft = Draft((POINT,))
    visit.run()
    return visit


def end(visit, desk, event, position):
    """The job under way ends so."""
    desk.at(position)
    ticket = visit.work.ticket
    visit._take(event(ticket=ticket.id, job=ticket.job))


def test_undo_gives_up_a_run_and_its_points(visit, desk):
    visit.undo()
    assert (desk.stops, visit.draft.points) == (1, (POINT,))
    end(visit, desk, Stopped, 0)
    assert (visit.work, visit.draft, desk.jobs) == (None, Draft(), ["edit"])


def test_undo_of_a_run_that_ends_meanwhile_takes_it_back(visit, desk):
    visit.undo()
    end(visit, desk, Done, 1)
    assert desk.jobs == ["edit", "undo"]


def test_undo_while_a_change_is_done_anew_keeps_what_it_was_before(visit, desk):
    end(visit, desk, Done, 1)
    visit.draft = visit.draft.adjusted("smile", 0.5)
    visit.run()
    visit.undo()
    end(visit, desk, Stopped, 1)
    assert (visit.draft, desk.jobs) == (Draft((POINT,)), ["edit", "edit"])


def test_a_change_that_is_done_is_not_run_again_by_itself(visit, desk):
    end(visit, desk, Done, 1)
    visit.touched()
    assert desk.jobs == ["edit"]


def test_a_file_asked_for_in_a_run_is_written_after_it(visit, desk):
    notes = []
    visit.note = notes.append
    visit.save(desk.save)
    assert (desk.jobs, len(notes)) == (["edit"], 1)
    end(visit, desk, Done, 1)
    assert desk.jobs == ["edit", "save"]


def test_a_pause_is_told_before_the_step_at_work_has_ended(visit):
    told = {"ticket": visit.work.ticket.id, "job": "edit"}
    states = []
    visit.changed = lambda what: states.append(visit.work.state)
    visit._take(Working(**told))
    visit.pause()
    visit._take(Progress("drag", 1, 4, 0.1, **told))
    visit._take(Paused(**told))
    visit.pause()
    visit._take(Working(**told))
    assert states == ["working", "pausing", "pausing", "paused", "paused", "working"]


def test_a_stopped_run_is_not_seen_any_more_even_before_it_ends(visit):
    told = {"ticket": visit.work.ticket.id, "job": "edit"}
    frame = Frame(b"", "image/jpeg", (0, 0, 1, 1), **told)
    visit._take(frame)
    assert (visit.frame, visit.gives_up) == (frame, False)
    visit.stop()
    visit._take(frame)
    assert (visit.frame, visit.gives_up, visit.work.state) == (None, True, "stopping")
    visit.run()  # waits for its end
    visit._take(frame)
    assert (visit.frame, visit.gives_up) == (None, True)
    visit._take(Stopped(**told))
    assert (visit.work.ticket.id, visit.gives_up) == (2, False)


def test_a_run_that_another_takes_the_place_of_stays_to_be_seen(visit):
    told = {"ticket": visit.work.ticket.id, "job": "edit"}
    visit._take(Frame(b"", "image/jpeg", (0, 0, 1, 1), **told))
    visit.run()
    assert (visit.frame is None, visit.gives_up) == (False, False)


def test_options_of_the_change_stay_after_an_undo(visit, desk):
    change = ChangeOptions(composite="paste")
    visit.draft = Draft((POINT,), change=change)
    visit.run()
    end(visit, desk, Stopped, 0)
    visit.undo()
    end(visit, desk, Stopped, 0)
    assert visit.draft == Draft(change=change)
    visit.draft = Draft((POINT,), change=change)
    visit.reset()
    assert visit.draft == Draft(change=change)


def test_a_photo_without_a_face_is_told_to_have_none(visit, desk):
    problems = []
    visit.problem = problems.append
    visit.ask(lambda: desk.begin("open"))
    visit._take(Stopped(ticket=visit.work.ticket.id, job="edit"))
    desk.state = SimpleNamespace(face=None, position=0, photo=SimpleNamespace(notes=()), faces=())
    visit._take(Done(ticket=visit.work.ticket.id, job="open"))
    assert problems == [NO_FACE]
