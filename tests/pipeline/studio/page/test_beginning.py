"""A photo's face is begun by itself, and changed before it is ready."""

import asyncio
from pathlib import Path

import pytest

from photodrag.pipeline.studio import Done, Failed, Progress, SavedFile, Stopped, Stroke
from photodrag.pipeline.studio.page.draft import Draft, DraftPoint
from photodrag.pipeline.studio.page.texts import rest_words, work_words

POINT = DraftPoint(1, (1.0, 2.0), (3.0, 4.0), "chin")
SET = Draft((POINT,), {"smile": 0.5}, ("mouth",), (Stroke(((1.0, 2.0),), 5.0),))


@pytest.fixture
def workspace(desk):
    return desk(faces=(1, 2))


@pytest.fixture
def controller(workspace):
    """A page whose photo has just been opened."""
    controller = workspace.controller()
    controller.notes, controller.problems = [], []
    controller.note, controller.problem = controller.notes.append, controller.problems.append
    bring(controller, "me.jpg")
    workspace.end(controller)
    return controller


def bring(controller, name):
    asyncio.run(controller.open_file(Path(name)))


def test_the_largest_face_is_begun_without_a_click(controller, workspace):
    assert workspace.jobs == ["open", "invert"]
    assert workspace.state.beginning == 1
    assert controller.begins
    assert controller.can_change
    assert controller.picks  # the other one


def test_a_single_face_is_not_picked_unless_it_was_given_up(desk):
    workspace = desk(faces=(1,))
    controller = workspace.controller()
    bring(controller, "me.jpg")
    workspace.end(controller)
    assert not controller.picks
    controller.stop()
    workspace.end(controller, Stopped)
    assert controller.picks


def test_what_is_set_meanwhile_stays_and_is_run_by_itself(controller, workspace):
    revision = controller.revision
    controller.set_draft(SET, from_page=True)
    controller.touched()
    assert workspace.jobs == ["open", "invert"]
    assert controller.waits == "run"
    workspace.end(controller)
    assert workspace.jobs == ["open", "invert", "edit"]
    assert (controller.draft, workspace.request) == (SET, SET.request)
    assert controller.revision == revision  # or the page would take a point from under the hand
    assert workspace.stops == 0


def test_without_automatic_runs_it_stays_and_waits(controller, workspace):
    controller.auto = False
    controller.set_draft(SET)
    assert controller.waits is None
    workspace.end(controller)
    assert (workspace.jobs[-1], controller.draft, controller.work) == ("invert", SET, None)
    assert rest_words(controller) == "Ready to run."


def test_a_run_asked_for_meanwhile_is_remembered(controller, workspace):
    controller.auto = False
    controller.run()  # of nothing
    assert controller.waits is None
    controller.set_draft(SET)
    controller.run()
    assert (controller.waits, workspace.stops) == ("run", 0)
    assert work_words(controller, controller.work)[0] == "Runs as soon as the face is ready"
    workspace.end(controller)
    assert workspace.jobs[-1] == "edit"


def test_a_run_of_what_was_taken_away_again_is_forgotten(controller, workspace):
    controller.auto = False
    controller.set_draft(SET)
    controller.run()
    controller.undo()
    assert controller.draft == Draft()
    assert (workspace.stops, workspace.jobs[-1]) == (0, "invert")
    controller.set_draft(SET)
    assert controller.waits is None
    workspace.end(controller)
    assert controller.work is None


def test_another_face_takes_its_place_and_what_was_set_goes(controller, workspace):
    controller.set_draft(SET)
    controller.choose_face(1)  # is begun already
    assert (workspace.stops, controller.draft) == (0, SET)
    controller.choose_face(2)
    assert (workspace.stops, controller.draft) == (1, Draft())
    assert not controller.can_change
    workspace.end(controller, Stopped)
    assert (workspace.jobs[-1], workspace.state.beginning) == ("invert", 2)
    controller.set_draft(SET)
    workspace.end(controller)
    assert (workspace.state.face, workspace.jobs[-1], controller.draft) == (2, "edit", SET)


def test_a_face_in_place_of_one_that_was_edited_is_begun_as_ever(controller, workspace):
    workspace.end(controller)
    controller.choose_face(1)  # is chosen already
    controller.set_draft(SET)
    controller.choose_face(2)
    assert workspace.jobs == ["open", "invert", "invert"]
    assert (controller.can_change, controller.begins, controller.picks) == (False, False, False)
    assert controller.draft == SET
    controller.choose_face(1)  # back again
    workspace.end(controller, Stopped)
    assert (workspace.state.face, controller.draft, controller.can_change) == (1, SET, True)
    controller.choose_face(2)
    workspace.end(controller)
    assert (workspace.state.face, controller.draft, controller.work) == (2, Draft(), None)


@pytest.mark.parametrize("event", [Stopped, Done])
def test_cancelling_ends_it_and_nothing_follows(controller, workspace, event):
    """In time or too late."""
    controller.set_draft(SET)
    controller.stop()
    assert not controller.can_change
    workspace.end(controller, event)
    assert (controller.work, workspace.jobs[-1]) == (None, "invert")
    assert controller.draft == SET
    if event is Stopped:
        assert (controller.picks, controller.can_change) == (True, False)
        assert rest_words(controller) == "Choose a face."
        controller.choose_face(1)
        workspace.end(controller)
        assert workspace.jobs[-1] == "edit"


def test_a_photo_whose_opening_was_cancelled_too_late_has_no_face_begun(workspace):
    controller = workspace.controller()
    bring(controller, "me.jpg")
    controller.stop()
    workspace.end(controller)
    assert (controller.work, controller.picks) == (None, True)


def test_a_face_that_cannot_be_begun_leaves_the_choice(controller, workspace):
    controller.set_draft(SET)
    controller.run()
    workspace.end(controller, Failed, message="no memory")
    assert (controller.problems, controller.work) == (["no memory"], None)
    assert controller.picks


def test_a_recipe_brought_meanwhile_is_done_after_it(controller, workspace):
    controller.set_draft(SET)
    bring(controller, "smile.json")
    assert (workspace.jobs[-1], workspace.stops, len(controller.notes)) == ("invert", 0, 1)
    assert controller.waits == "recipe"
    workspace.end(controller)
    assert workspace.jobs[-1] == "recipe"
    workspace.end(controller)
    assert (controller.work, controller.draft.is_empty) == (None, True)


def test_a_file_asked_for_meanwhile_is_written_before_the_run(controller, workspace):
    controller.set_draft(SET)
    controller.save(workspace.save)
    workspace.end(controller)
    assert workspace.jobs[-1] == "save"
    workspace.end(controller, value=SavedFile(Path("me.png"), "me.png", "image/png"))
    assert workspace.jobs[-1] == "edit"


def test_a_file_that_is_refused_lets_the_face_go_on(controller, workspace):
    controller.set_draft(SET)
    bring(controller, "notes.png")
    workspace.end(controller, Stopped)
    assert workspace.jobs[-1] == "open"
    workspace.end(controller, Failed, message="no image")
    assert (workspace.jobs[-1], workspace.state.beginning) == ("invert", 1)
    workspace.end(controller)
    assert (workspace.jobs[-1], workspace.request) == ("edit", SET.request)


def test_another_photo_begins_with_its_own_face_and_nothing_set(controller, workspace):
    controller.set_draft(SET)
    bring(controller, "you.jpg")
    workspace.end(controller, Stopped)
    workspace.end(controller)
    assert workspace.jobs == ["open", "invert", "open", "invert"]
    assert controller.draft == Draft()


def test_the_status_tells_what_can_be_done_meanwhile(controller):
    def words():
        return work_words(controller, controller.work)

    ticket = controller.work.ticket.id
    controller._take(Progress("pivot", 3, 12, 0.2, ticket=ticket, job="invert"))
    assert words() == ("Getting the face ready", "You can already drag on the face.")
    controller.draft = Draft((DraftPoint(1, (1.0, 2.0)),))
    assert words() == ("Getting the face ready", "Now click where it should go.")
    controller.draft = SET
    assert words() == ("Runs as soon as the face is ready", "step 3 of 12")
    controller.work.state = "paused"
    assert words() == ("Paused", "Runs as soon as the face is ready")
    controller.work.state = "stopping"
    assert words() == ("Stopping", "")
