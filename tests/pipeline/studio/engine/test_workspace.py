"""Edits on a desk with the tiny generator: what each job leaves, tells and saves."""

import math
import shlex

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.alignment import open_photo
from photodrag.errors import (
    MaskError,
    OutputError,
    PointError,
    SessionError,
    SettingsError,
    StudioError,
)
from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.cli import main
from photodrag.pipeline.studio import (
    Failed,
    Frame,
    MaskRequest,
    PageEdit,
    PointRequest,
    Progress,
    Stopped,
    Stroke,
)
from photodrag.pipeline.studio.live.preview import pixels_of

SECONDS = 120


def test_an_edit_changes_the_picture_tells_its_way_and_gives_a_film(ready):
    before, number = ready.shown(), ready.workspace.state.picture
    request = ready.drag()
    ticket = ready.workspace.edit(request)
    info = ready.done(ticket)
    state = ready.workspace.state
    assert state.edits == (info,)
    assert (state.position, state.can_undo, state.can_redo) == (1, True, False)
    assert state.picture > number
    assert state.has_movie
    assert np.abs(ready.shown() - before).max() > 20
    np.testing.assert_array_equal(ready.shown(original=True), before)
    (point,) = info.points
    assert point.target == pytest.approx(request.points[0].target, abs=1e-3)
    steps = [one for one in ready.of(ticket, Progress) if one.stage == "drag"]
    assert len(steps) == 4
    for step in steps:
        assert step.distances == (math.dist(step.handles[0], point.target),)
    frames = ready.of(ticket, Frame)
    assert frames
    left, top, right, bottom = frames[0].box
    assert 0 <= left < right <= 384
    assert 0 <= top < bottom <= 384
    saved = ready.done(ready.workspace.save_movie(".webp"))
    with Image.open(saved.path) as film:
        assert film.n_frames > 4


def test_saving_gives_what_the_command_line_gives(ready, small_portrait, tmp_path, monkeypatch):
    """For the command shown and for the recipe saved: the same files, byte for byte."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1785672000")  # the history tells when
    adjusted = ready.drag(adjust=(("eyes_open", 0.5),))
    ready.done(ready.workspace.edit(adjusted))
    saved = ready.done(ready.workspace.save())
    assert saved.name == "small-edited.png"
    ours = tmp_path / "ours.png"
    ours.write_bytes(saved.path.read_bytes())
    recipe = ready.done(ready.workspace.save_recipe())
    line = ready.workspace.command().text
    words = shlex.split(line)
    assert words[:5] == ["photodrag", "edit", "small.png", "-o", "small-edited.png"]
    theirs, again = tmp_path / "theirs.png", tmp_path / "again.png"
    words[2], words[4] = str(small_portrait), str(theirs)
    done = CliRunner().invoke(main, [*words[1:], "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert theirs.read_bytes() == ours.read_bytes()
    arguments = [str(recipe.path), str(small_portrait), "-o", str(again), "--device", "cpu"]
    done = CliRunner().invoke(main, ["apply", *arguments, "--quiet"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert again.read_bytes() == ours.read_bytes()


def test_undo_redo_reset_and_another_edit_in_place_of_the_last(ready):
    before, request = ready.shown(), ready.drag()
    ready.done(ready.workspace.edit(request))
    once = ready.shown()
    ready.done(ready.workspace.edit(ready.drag((6, 9)), replace=True))
    assert len(ready.workspace.state.edits) == 1
    assert np.abs(ready.shown() - once).max() > 20
    ready.done(ready.workspace.edit(request, replace=True))
    np.testing.assert_array_equal(ready.shown(), once)
    assert (
        ready.workspace.landmarks_at(0)
        != ready.workspace.landmarks_at(1)
        == ready.workspace.landmarks
    )
    ready.done(ready.workspace.undo())
    np.testing.assert_array_equal(ready.shown(), before)
    assert (ready.workspace.state.position, ready.workspace.state.has_movie) == (0, False)
    with pytest.raises(SessionError, match="undo"):
        ready.workspace.undo()
    ready.done(ready.workspace.redo())
    np.testing.assert_array_equal(ready.shown(), once)
    ready.done(ready.workspace.reset())
    np.testing.assert_array_equal(ready.shown(), before)
    assert ready.workspace.state.can_redo


def stop_at(told, stage, action="stop"):
    """Have the next job stopped at its first step of a stage."""

    def note(event):
        told.events.append(event)
        if isinstance(event, Progress) and event.stage == stage and event.index == 1:
            getattr(told.ticket, action)()

    told.workspace._notify = note


@pytest.mark.parametrize("replace", [False, True])
def test_a_stopped_edit_leaves_all_as_it_was(ready, replace):
    ready.done(ready.workspace.edit(ready.drag()))
    state, picture = ready.workspace.state, ready.workspace.picture()
    stop_at(ready, "drag")
    meanwhile, note = [], ready.workspace._notify

    def look(event):
        meanwhile.append(ready.workspace.picture())
        note(event)

    ready.workspace._notify = look
    with ready.workspace._lock:
        ready.ticket = ready.workspace.edit(ready.drag((6, 9)), replace=replace)
    assert isinstance(ready.ticket.wait(SECONDS), Stopped)
    assert all(one is picture for one in meanwhile)  # what a page that is loaded anew gets
    assert ready.workspace.state == state
    assert ready.workspace.picture() is picture
    ready.done(ready.workspace.undo())


def test_finishing_keeps_what_is_reached(ready):
    stop_at(ready, "drag", "finish")
    with ready.workspace._lock:
        ready.ticket = ready.workspace.edit(ready.drag())
    ready.done(ready.ticket)
    steps = [one for one in ready.of(ready.ticket, Progress) if one.stage == "drag"]
    assert len(steps) < 4
    assert ready.workspace.state.position == 1


def test_another_job_meanwhile_is_refused(ready):
    ticket = ready.workspace.edit(ready.drag())
    with pytest.raises(StudioError, match="edit"):
        ready.workspace.undo() if ready.workspace.state.can_undo else ready.workspace.reset()
    assert ready.workspace.state.job == "edit"
    ready.done(ticket)
    assert ready.workspace.state.job is None


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (PageEdit(), PointError),
        (PageEdit((PointRequest((1, 1), (5, math.nan)),)), PointError),
        (PageEdit((PointRequest("mouth", (5, 5)),)), PointError),
        (PageEdit((PointRequest((-40, 20), (50, 50)),)), PointError),
        (PageEdit(adjust=(("smile", 9),)), PointError),
        (PageEdit(adjust=(("smile", 0.5),), mask=MaskRequest("mouht")), MaskError),
        (PageEdit(adjust=(("smile", 0.5),), change=ChangeOptions("none")), KeyError),
        (
            PageEdit(adjust=(("smile", 0.5),), change=ChangeOptions(composite="none")),
            SettingsError,
        ),
    ],
)
def test_wrong_edits_are_refused_with_a_reason(settled, request_, error):
    """At once, or by the job; the desk stays as it was."""
    state = settled.workspace.state
    try:
        end = settled.workspace.edit(request_).wait(SECONDS)
    except error as refused:
        end = Failed(str(refused))
    assert isinstance(end, Failed)
    assert end.message
    assert not end.bug
    assert settled.workspace.state == state


def test_a_painted_mask_bounds_the_change(ready):
    corner = next(one.place for one in ready.workspace.landmarks if one.name == "mouth_left")
    mask = MaskRequest(None, (Stroke((corner,), 12.0),))
    ready.done(ready.workspace.edit(ready.drag(mask=mask)))
    saved = open_photo(ready.done(ready.workspace.save()).path).pixels
    y, x = np.nonzero((saved != ready.workspace._jobs.opened.photo.pixels).any(axis=2))
    assert len(y)
    assert np.hypot(x - corner[0], y - corner[1]).max() < 13.5
    white = pixels_of(ready.workspace.mask_picture(mask))
    assert white[round(corner[1]), round(corner[0])].min() == 255
    assert white.mean() < 10


def test_landmarks_have_names_or_numbers(settled):
    assert "chin" in {one.name for one in settled.workspace.landmarks}
    assert settled.workspace.landmarks[61].name == "61"


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".TIFF"])
def test_other_formats(settled, extension):
    saved = settled.done(settled.workspace.save(extension))
    assert saved.name == f"small-edited{extension.lower()}"
    with Image.open(saved.path) as image:
        assert image.size == (384, 384)


def test_an_unknown_format_is_refused(settled):
    end = settled.workspace.save(".exe").wait(SECONDS)
    assert isinstance(end, Failed)
    with pytest.raises(OutputError):
        settled.workspace.save_movie(".avi")
