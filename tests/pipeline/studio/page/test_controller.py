"""What a page asks for while a job is under way."""

from types import SimpleNamespace

import pytest

from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.studio import Done, Frame, Paused, Progress, Stopped, Working
from photodrag.pipeline.studio.page.controller import NO_FACE
from photodrag.pipeline.studio.page.draft import Draft, DraftPoint
from photodrag.pipeline.studio.protocol.views import WorkspaceState

POINT = DraftPoint(1, (1.0, 2.0), (3.0, 4.0))


@pytest.fixture
def workspace(desk):
    return desk(faces=(1,), face=1)


@pytest.fixture
def controller(workspace):
    controller = workspace.controller()
    controller.draft = Draft((POINT,))
    controller.run()
    return controller


def end(controller, workspace, event, position):
    """The job under way ends so."""
    workspace.at(position)
    ticket = controller.work.ticket
    controller._take(event(ticket=ticket.id, job=ticket.job))


def test_undo_gives_up_a_run_and_its_points(controller, workspace):
    controller.undo()
    assert (workspace.stops, controller.draft.points) == (1, (POINT,))
    end(controller, workspace, Stopped, 0)
    assert (controller.work, controller.draft, workspace.jobs) == (None, Draft(), ["edit"])


def test_undo_of_a_run_that_ends_meanwhile_takes_it_back(controller, workspace):
    controller.undo()
    end(controller, workspace, Done, 1)
    assert workspace.jobs == ["edit", "undo"]


def test_undo_while_a_change_is_done_anew_keeps_what_it_was_before(controller, workspace):
    end(controller, workspace, Done, 1)
    controller.draft = controller.draft.adjusted("smile", 0.5)
    controller.run()
    controller.undo()
    end(controller, workspace, Stopped, 1)
    assert (controller.draft, workspace.jobs) == (Draft((POINT,)), ["edit", "edit"])


def test_a_change_that_is_done_is_not_run_again_by_itself(controller, workspace):
    end(controller, workspace, Done, 1)
    controller.touched()
    assert workspace.jobs == ["edit"]


def test_a_file_asked_for_in_a_run_is_written_after_it(controller, workspace):
    notes = []
    controller.note = notes.append
    controller.save(workspace.save)
    assert (workspace.jobs, len(notes)) == (["edit"], 1)
    end(controller, workspace, Done, 1)
    assert workspace.jobs == ["edit", "save"]


def test_a_pause_is_told_before_the_step_at_work_has_ended(controller):
    told = {"ticket": controller.work.ticket.id, "job": "edit"}
    states = []
    controller.changed = lambda what: states.append(controller.work.state)
    controller._take(Working(**told))
    controller.pause()
    controller._take(Progress("drag", 1, 4, 0.1, **told))
    controller._take(Paused(**told))
    controller.pause()
    controller._take(Working(**told))
    assert states == ["working", "pausing", "pausing", "paused", "paused", "working"]


def test_a_stopped_run_is_not_seen_any_more_even_before_it_ends(controller):
    told = {"ticket": controller.work.ticket.id, "job": "edit"}
    frame = Frame(b"", "image/jpeg", (0, 0, 1, 1), **told)
    controller._take(frame)
    assert (controller.frame, controller.gives_up) == (frame, False)
    controller.stop()
    controller._take(frame)
    assert (controller.frame, controller.gives_up, controller.work.state) == (
        None,
        True,
        "stopping",
    )
    controller.run()  # waits for its end
    controller._take(frame)
    assert (controller.frame, controller.gives_up) == (None, True)
    controller._take(Stopped(**told))
    assert (controller.work.ticket.id, controller.gives_up) == (2, False)


def test_a_run_that_another_takes_the_place_of_stays_to_be_seen(controller):
    told = {"ticket": controller.work.ticket.id, "job": "edit"}
    controller._take(Frame(b"", "image/jpeg", (0, 0, 1, 1), **told))
    controller.run()
    assert (controller.frame is None, controller.gives_up) == (False, False)


def test_options_of_the_change_stay_after_an_undo(controller, workspace):
    change = ChangeOptions(composite="paste")
    controller.draft = Draft((POINT,), change=change)
    controller.run()
    end(controller, workspace, Stopped, 0)
    controller.undo()
    end(controller, workspace, Stopped, 0)
    assert controller.draft == Draft(change=change)
    controller.draft = Draft((POINT,), change=change)
    controller.reset()
    assert controller.draft == Draft(change=change)


def test_a_photo_without_a_face_is_told_to_have_none(controller, workspace):
    problems = []
    controller.problem = problems.append
    controller.ask(lambda: workspace.begin("open"))
    controller._take(Stopped(ticket=controller.work.ticket.id, job="edit"))
    workspace.state = WorkspaceState(photo=SimpleNamespace(notes=()))
    controller._take(Done(ticket=controller.work.ticket.id, job="open"))
    assert problems == [NO_FACE]
    assert controller.work is None
    assert not controller.picks
