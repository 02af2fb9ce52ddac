"""Photos on desks: opened, looked at, given up; and that no desk sees another's."""

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import open_photo
from photodrag.errors import MaskError, StudioError
from photodrag.pipeline.studio import (
    Done,
    MaskRequest,
    PageEdit,
    Progress,
    Stopped,
    Studio,
    Working,
)
from photodrag.pipeline.studio.live.preview import pixels_of

SECONDS = 120


def test_an_opened_photo_has_faces_and_a_picture(told, small_portrait):
    ticket = told.workspace.open_photo(small_portrait)
    told.done(ticket)
    state = told.workspace.state
    assert (state.photo.name, state.photo.size) == ("small.png", (384, 384))
    assert (state.photo.extension, state.photo.bit_depth) == (".png", 8)
    assert [face.index for face in state.faces] == [1]
    assert (state.face, state.edits, state.job) == (None, (), None)
    exact = open_photo(small_portrait).srgb().astype(int)
    assert np.abs(told.shown() - exact).mean() < 1.5
    assert told.workspace.landmarks == ()
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
    told.done(told.workspace.open_photo(small_portrait))
    ticket = told.workspace.choose_face(1)
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
    assert told.workspace.state.face == 1
    assert len(told.workspace.landmarks) == 68


def test_a_face_that_is_begun_has_landmarks_and_masks_already(told, small_portrait):
    told.done(told.workspace.open_photo(small_portrait))
    assert told.workspace.landmarks == ()
    seen = []

    def look(event):
        if isinstance(event, Progress) and not seen:
            state, mouth = told.workspace.state, told.workspace.mask_picture(MaskRequest("mouth"))
            seen.append((state, told.workspace.landmarks, pixels_of(mouth)))

    told.workspace._notify = look
    told.done(told.workspace.choose_face(1))
    ((state, landmarks, mouth),) = seen
    assert (state.beginning, state.face, state.switches) == (1, None, False)
    assert state.chosen is state.faces[0]
    assert landmarks == told.workspace.landmarks
    assert len(landmarks) == 68
    np.testing.assert_array_equal(
        mouth, pixels_of(told.workspace.mask_picture(MaskRequest("mouth")))
    )
    state = told.workspace.state
    assert (state.beginning, state.face) == (None, 1)


def test_a_face_that_is_given_up_is_begun_no_more(told, small_portrait):
    told.done(told.workspace.open_photo(small_portrait))
    with told.workspace._lock:
        ticket = told.workspace.choose_face(1)
        assert told.workspace.state.beginning == 1
        ticket.stop()
    assert isinstance(ticket.wait(SECONDS), Stopped)
    assert (told.workspace.state.beginning, told.workspace.landmarks) == (None, ())
    with pytest.raises(MaskError, match="choose the face first"):
        told.workspace.mask_picture(MaskRequest("mouth"))


def test_a_photo_without_a_face_is_shown_and_cannot_be_edited(ready, tmp_path):
    Image.new("RGB", (300, 200), "grey").save(tmp_path / "wall.png")
    with ready.workspace.upload("wall.png") as upload:
        upload.write((tmp_path / "wall.png").read_bytes())
    ready.done(ready.workspace.open_photo(upload))
    state = ready.workspace.state
    assert (state.photo.name, state.faces, state.face) == ("wall.png", (), None)
    assert ready.shown().shape == (200, 300, 3)
    assert ready.workspace.choose_face(1).wait(SECONDS).message.startswith("no face")
    with pytest.raises(StudioError):
        ready.workspace.edit(PageEdit())


def test_what_a_photo_loses_is_noted(told, small_portrait):
    with Image.open(small_portrait) as image:
        cmyk = image.convert("CMYK")
    with told.workspace.upload("print.tif") as upload:
        cmyk.save(upload.path)
    told.done(told.workspace.open_photo(upload))
    (note,) = told.workspace.state.photo.notes
    assert "CMYK" in note


def test_a_file_that_no_job_has_taken_goes_when_the_next_comes(told, small_portrait):
    first, second = told.workspace.upload("a.png"), told.workspace.upload("b.png")
    second.write(small_portrait.read_bytes())
    second.close()
    assert not first.folder.exists()
    told.done(told.workspace.open_photo(second))
    told.workspace.upload("c.png")
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
    folders = {ready.workspace._jobs.folder, other._jobs.folder}
    assert len(folders) == 2
    assert all(folder.stat().st_mode & 0o077 == 0 for folder in folders)
    ready.done(ready.workspace.edit(ready.drag()))
    assert other_events == []
    assert other.open_session(packed).wait(SECONDS).value is None
    assert (other.state.edits, ready.workspace.state.position) == ((), 1)


def test_a_closed_desk_leaves_the_line_and_nothing_behind(studio, ready):
    folder = ready.workspace._jobs.folder
    ticket = ready.workspace.edit(ready.drag())
    ready.workspace.close()
    assert isinstance(ticket.wait(SECONDS), Stopped | Done)
    assert not folder.exists()
    assert ready.workspace._jobs.work is None
    assert studio.workspaces == ()
    assert ready.workspace.state.closed
    with pytest.raises(StudioError, match="closed"):
        ready.workspace.upload("me.jpg")


def test_two_desks_take_turns(studio, ready, packed):
    other_events = []
    other = studio.open_desk(other_events.append)
    other.open_session(packed).wait(SECONDS)
    first, second = ready.workspace.edit(ready.drag()), other.edit(ready.drag())
    for ticket in (first, second):
        assert isinstance(ticket.wait(SECONDS), Done)
    working = [e for e in other_events if isinstance(e, Working) and e.job == "edit"]
    assert len(working) == 1


def test_there_are_not_more_desks_than_allowed(studio_settings):
    settings = type(studio_settings)(studio_settings.edit, most_desks=2)
    with Studio(settings) as studio:
        workspaces = [studio.open_desk(print) for _ in range(2)]
        with pytest.raises(StudioError, match="2 pages"):
            studio.open_desk(print)
        workspaces[0].close()
        studio.open_desk(print)
        folder = studio._folder
    assert not folder.exists()
    with pytest.raises(StudioError):
        studio.open_desk(print)


def test_what_needs_a_photo_says_so(told):
    for ask in (
        told.workspace.undo,
        told.workspace.save,
        told.workspace.picture,
        told.workspace.command,
    ):
        with pytest.raises(StudioError, match="photo"):
            ask()
