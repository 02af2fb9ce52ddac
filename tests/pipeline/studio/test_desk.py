"""A desk with the tiny generator: what each job leaves, and that no desk sees another's."""

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
from photodrag.pipeline.cli import main
from photodrag.pipeline.studio import (
    ChangeOptions,
    Done,
    EditRequest,
    Failed,
    Frame,
    MaskRequest,
    PointRequest,
    Progress,
    Stopped,
    Stroke,
    Studio,
    Working,
)
from photodrag.pipeline.studio.preview import pixels_of

SECONDS = 120


def drag(told, way=(-9, -7), **other):
    """The left corner of the mouth, by a way in pixels, in few steps."""
    other.setdefault("change", ChangeOptions(drag_steps=4))
    corner = next(one for one in told.desk.landmarks if one.name == "mouth_left")
    target = (corner.place[0] + way[0], corner.place[1] + way[1])
    return EditRequest((PointRequest("mouth_left", target),), **other)


def shown(told, **which):
    return pixels_of(told.desk.picture(**which)).astype(int)


def test_an_opened_photo_has_faces_and_a_picture(told, small_portrait):
    ticket = told.desk.open_photo(small_portrait)
    told.done(ticket)
    state = told.desk.state
    assert (state.photo.name, state.photo.size) == ("small.png", (384, 384))
    assert (state.photo.extension, state.photo.bit_depth) == (".png", 8)
    assert [face.index for face in state.faces] == [1]
    assert (state.face, state.edits, state.job) == (None, (), None)
    exact = open_photo(small_portrait).srgb().astype(int)
    assert np.abs(shown(told) - exact).mean() < 1.5
    assert told.desk.landmarks == ()
    assert small_portrait.exists()


def test_a_photo_larger_than_the_preview_is_shown_smaller(studio_settings, portrait_path):
    settings = type(studio_settings)(studio_settings.edit, "cpu", cache=False, preview_side=200)
    with Studio(settings) as studio:
        from_disk = studio.open_desk(lambda event: None)
        from_disk.open_photo(portrait_path).wait(SECONDS)
        assert max(from_disk.picture().size) == 200
        assert from_disk.state.photo.preview_size == from_disk.picture().size
        part = from_disk.detail((100, 100, 150, 130), 1000)
        assert part.size == (50, 30)
        exact = open_photo(portrait_path).srgb()[100:130, 100:150].astype(int)
        assert np.abs(pixels_of(part) - exact).mean() < 2


def test_looking_at_a_face_tells_its_steps(told, small_portrait):
    told.done(told.desk.open_photo(small_portrait))
    ticket = told.desk.choose_face(1)
    told.done(ticket)
    steps = told.of(ticket, Progress)
    assert [(one.stage, one.index) for one in steps] == [
        ("pivot", 1),
        ("pivot", 2),
        ("tune", 1),
        ("tune", 2),
    ]
    shares = [one.share for one in steps]
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert told.desk.state.face == 1
    assert len(told.desk.landmarks) == 68


def test_an_edit_changes_the_picture_and_tells_its_way(ready):
    before, number = shown(ready), ready.desk.state.picture
    request = drag(ready)
    ticket = ready.desk.edit(request)
    info = ready.done(ticket)
    state = ready.desk.state
    assert state.edits == (info,)
    assert (state.position, state.can_undo, state.can_redo) == (1, True, False)
    assert state.picture > number
    assert state.has_movie
    assert np.abs(shown(ready) - before).max() > 20
    np.testing.assert_array_equal(shown(ready, original=True), before)
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


def test_saving_gives_what_the_command_line_gives(ready, small_portrait, tmp_path):
    """For the command shown and for the recipe saved: the same files, byte for byte."""
    adjusted = drag(ready, adjust=(("eyes_open", 0.5),))
    ready.done(ready.desk.edit(adjusted))
    saved = ready.done(ready.desk.save())
    assert saved.name == "small-edited.png"
    ours = tmp_path / "ours.png"
    ours.write_bytes(saved.path.read_bytes())
    recipe = ready.done(ready.desk.save_recipe())
    line = ready.desk.command().text
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
    before, request = shown(ready), drag(ready)
    ready.done(ready.desk.edit(request))
    once = shown(ready)
    ready.done(ready.desk.edit(drag(ready, (6, 9)), replace=True))
    assert len(ready.desk.state.edits) == 1
    assert np.abs(shown(ready) - once).max() > 20
    ready.done(ready.desk.edit(request, replace=True))
    np.testing.assert_array_equal(shown(ready), once)
    assert ready.desk.landmarks_at(0) != ready.desk.landmarks_at(1) == ready.desk.landmarks
    ready.done(ready.desk.undo())
    np.testing.assert_array_equal(shown(ready), before)
    assert (ready.desk.state.position, ready.desk.state.has_movie) == (0, False)
    with pytest.raises(SessionError, match="undo"):
        ready.desk.undo()
    ready.done(ready.desk.redo())
    np.testing.assert_array_equal(shown(ready), once)
    ready.done(ready.desk.reset())
    np.testing.assert_array_equal(shown(ready), before)
    assert ready.desk.state.can_redo


def stop_at(told, stage, action="stop"):
    """Have the next job stopped at its first step of a stage."""

    def note(event):
        told.events.append(event)
        if isinstance(event, Progress) and event.stage == stage and event.index == 1:
            getattr(told.ticket, action)()

    told.desk._notify = note


@pytest.mark.parametrize("replace", [False, True])
def test_a_stopped_edit_leaves_all_as_it_was(ready, replace):
    ready.done(ready.desk.edit(drag(ready)))
    state, picture = ready.desk.state, ready.desk.picture()
    stop_at(ready, "drag")
    with ready.desk._lock:
        ready.ticket = ready.desk.edit(drag(ready, (6, 9)), replace=replace)
    assert isinstance(ready.ticket.wait(SECONDS), Stopped)
    assert ready.desk.state == state
    assert ready.desk.picture() is picture
    ready.done(ready.desk.undo())


def test_finishing_keeps_what_is_reached(ready):
    stop_at(ready, "drag", "finish")
    with ready.desk._lock:
        ready.ticket = ready.desk.edit(drag(ready))
    ready.done(ready.ticket)
    steps = [one for one in ready.of(ready.ticket, Progress) if one.stage == "drag"]
    assert len(steps) < 4
    assert ready.desk.state.position == 1


def test_another_job_meanwhile_is_refused(ready):
    ticket = ready.desk.edit(drag(ready))
    with pytest.raises(StudioError, match="edit"):
        ready.desk.undo() if ready.desk.state.can_undo else ready.desk.reset()
    assert ready.desk.state.job == "edit"
    ready.done(ticket)
    assert ready.desk.state.job is None


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        (EditRequest(), PointError),
        (EditRequest((PointRequest((1, 1), (5, math.nan)),)), PointError),
        (EditRequest((PointRequest("mouth", (5, 5)),)), PointError),
        (EditRequest((PointRequest((-40, 20), (50, 50)),)), PointError),
        (EditRequest(adjust=(("smile", 9),)), PointError),
        (EditRequest(adjust=(("smile", 0.5),), mask=MaskRequest("mouht")), MaskError),
        (EditRequest(adjust=(("smile", 0.5),), change=ChangeOptions("none")), KeyError),
        (
            EditRequest(adjust=(("smile", 0.5),), change=ChangeOptions(composite="none")),
            SettingsError,
        ),
    ],
)
def test_wrong_edits_are_refused_with_a_reason(ready, request_, error):
    """At once, or by the job; the desk stays as it was."""
    state = ready.desk.state
    try:
        end = ready.desk.edit(request_).wait(SECONDS)
    except error as refused:
        end = Failed(str(refused))
    assert isinstance(end, Failed)
    assert end.message
    assert not end.bug
    assert ready.desk.state == state


def test_a_painted_mask_bounds_the_change(ready):
    corner = next(one.place for one in ready.desk.landmarks if one.name == "mouth_left")
    mask = MaskRequest(None, (Stroke((corner,), 12.0),))
    ready.done(ready.desk.edit(drag(ready, mask=mask)))
    saved = open_photo(ready.done(ready.desk.save()).path).pixels
    y, x = np.nonzero((saved != ready.desk._bench.opened.photo.pixels).any(axis=2))
    assert len(y)
    assert np.hypot(x - corner[0], y - corner[1]).max() < 13.5
    white = pixels_of(ready.desk.mask_picture(mask))
    assert white[round(corner[1]), round(corner[0])].min() == 255
    assert white.mean() < 10


def test_the_nearest_landmark(ready):
    x, y = next(one.place for one in ready.desk.landmarks if one.name == "chin")
    assert ready.desk.nearest_landmark((x + 1, y + 1)).name == "chin"
    assert ready.desk.nearest_landmark((x, y + 9), within=5) is None
    assert ready.desk.landmarks[61].name == "61"


@pytest.mark.parametrize("extension", [".jpg", ".webp", ".TIFF"])
def test_other_formats(ready, extension):
    saved = ready.done(ready.desk.save(extension))
    assert saved.name == f"small-edited{extension.lower()}"
    with Image.open(saved.path) as image:
        assert image.size == (384, 384)


def test_an_unknown_format_is_refused(ready):
    end = ready.desk.save(".exe").wait(SECONDS)
    assert isinstance(end, Failed)
    with pytest.raises(OutputError):
        ready.desk.save_movie(".avi")


def test_a_film_of_the_edit(ready):
    ready.done(ready.desk.edit(drag(ready)))
    saved = ready.done(ready.desk.save_movie(".webp"))
    with Image.open(saved.path) as film:
        assert film.n_frames > 4


def test_a_photo_without_a_face_is_refused_and_the_last_one_stays(ready, tmp_path):
    Image.new("RGB", (300, 200), "grey").save(tmp_path / "wall.png")
    state = ready.desk.state
    with ready.desk.upload("wall.png") as upload:
        upload.write((tmp_path / "wall.png").read_bytes())
    end = ready.desk.open_photo(upload).wait(SECONDS)
    assert end.message.startswith("no face")
    assert ready.desk.state == state
    assert not upload.folder.exists()


def test_what_a_photo_loses_is_noted(told, small_portrait):
    with Image.open(small_portrait) as image:
        cmyk = image.convert("CMYK")
    with told.desk.upload("print.tif") as upload:
        cmyk.save(upload.path)
    told.done(told.desk.open_photo(upload))
    (note,) = told.desk.state.photo.notes
    assert "CMYK" in note


def test_a_file_that_no_job_has_taken_goes_when_the_next_comes(told, small_portrait):
    first, second = told.desk.upload("a.png"), told.desk.upload("b.png")
    second.write(small_portrait.read_bytes())
    second.close()
    assert not first.folder.exists()
    told.done(told.desk.open_photo(second))
    told.desk.upload("c.png")
    assert second.path.exists()


def test_too_many_pixels_are_refused_before_they_are_decoded(studio_settings, tmp_path):
    settings = type(studio_settings)(studio_settings.edit, "cpu", cache=False, most_pixels=1000)
    Image.new("RGB", (300, 200)).save(tmp_path / "large.png")
    with Studio(settings) as studio:
        end = studio.open_desk(lambda event: None).open_photo(tmp_path / "large.png").wait(SECONDS)
    assert "1,000" in end.message


def test_desks_share_nothing_of_a_photo(studio, ready, packed):
    other_events = []
    other = studio.open_desk(other_events.append)
    assert other.state.photo is None
    with pytest.raises(StudioError):
        other.picture()
    folders = {ready.desk._bench.folder, other._bench.folder}
    assert len(folders) == 2
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
    ready.done(ready.desk.edit(drag(ready)))
    assert other_events == []
    assert other.open_session(packed).wait(SECONDS).value is None
    assert (other.state.edits, ready.desk.state.position) == ((), 1)


def test_a_closed_desk_leaves_the_line_and_nothing_behind(studio, ready):
    folder = ready.desk._bench.folder
    ticket = ready.desk.edit(drag(ready))
    ready.desk.close()
    assert isinstance(ticket.wait(SECONDS), Stopped | Done)
    assert not folder.exists()
    assert ready.desk._bench.work is None
    assert studio.desks == ()
    assert ready.desk.state.closed
    with pytest.raises(StudioError, match="closed"):
        ready.desk.upload("me.jpg")


def test_two_desks_take_turns(studio, ready, packed):
    other_events = []
    other = studio.open_desk(other_events.append)
    other.open_session(packed).wait(SECONDS)
    first, second = ready.desk.edit(drag(ready)), other.edit(drag(ready))
    for ticket in (first, second):
        assert isinstance(ticket.wait(SECONDS), Done)
    working = [e for e in other_events if isinstance(e, Working) and e.job == "edit"]
    assert len(working) == 1


def test_there_are_not_more_desks_than_allowed(studio_settings):
    settings = type(studio_settings)(studio_settings.edit, most_desks=2)
    with Studio(settings) as studio:
        desks = [studio.open_desk(print) for _ in range(2)]
        with pytest.raises(StudioError, match="2 pages"):
            studio.open_desk(print)
        desks[0].close()
        studio.open_desk(print)
        folder = studio._folder
    assert not folder.exists()
    with pytest.raises(StudioError):
        studio.open_desk(print)


def test_what_needs_a_photo_says_so(told):
    for ask in (told.desk.undo, told.desk.save, told.desk.picture, told.desk.command):
        with pytest.raises(StudioError, match="photo"):
            ask()
