"""Sessions and recipes that a page brings to its desk."""

import json

import numpy as np
import pytest

from photodrag.errors import StudioError
from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.studio import (
    Failed,
    MaskRequest,
    PageEdit,
    PointRequest,
    Progress,
    Stopped,
    Stroke,
)
from photodrag.pipeline.studio.live.preview import pixels_of

SECONDS = 120


def brought(workspace, name, content):
    with workspace.upload(name) as upload:
        upload.write(content)
    return upload


@pytest.fixture
def edited(ready):
    """Two edits with a painted mask, the second one undone; how it then looked."""
    corner = next(one for one in ready.workspace.landmarks if one.name == "mouth_left")
    mask = MaskRequest("mouth", (Stroke((corner.place,), 25.0),))
    quick = ChangeOptions(drag_steps=3)
    for way in (9, 7):
        target = (corner.place[0] - way, corner.place[1] - 7)
        request = PageEdit((PointRequest("mouth_left", target),), (), mask, quick)
        ready.done(ready.workspace.edit(request))
    ready.done(ready.workspace.undo())
    return ready


def test_a_session_goes_on_where_it_was(edited, studio):
    picture = edited.workspace.picture()
    saved = edited.done(edited.workspace.save_session()).path.read_bytes()
    other = studio.open_desk(lambda event: None)
    upload = brought(other, "it.zip", saved)
    assert other.open_session(upload).wait(SECONDS).value is None
    assert not upload.folder.exists()
    assert (len(other.state.edits), other.state.position) == (2, 1)
    assert other.state.edits == edited.workspace.state.edits
    np.testing.assert_array_equal(pixels_of(other.picture()), pixels_of(picture))
    other.redo().wait(SECONDS)
    assert other.state.position == 2


def test_a_recipe_with_a_painted_mask_does_the_same_again(edited):
    picture = pixels_of(edited.workspace.picture())
    recipe = edited.done(edited.workspace.save_recipe())
    assert recipe.name == "small.recipe.zip"
    content = recipe.path.read_bytes()
    edited.done(edited.workspace.reset())
    upload = brought(edited.workspace, recipe.name, content)
    info = edited.done(edited.workspace.apply_recipe(upload))
    assert info.mask
    assert len(edited.workspace.state.edits) == 1
    np.testing.assert_array_equal(pixels_of(edited.workspace.picture()), picture)
    assert not upload.folder.exists()
    (name, mask), *others = edited.workspace.command().files
    assert name in edited.workspace.command().text
    assert mask.startswith(b"\x89PNG")
    assert others == []


def recipe_of(*edits):
    return json.dumps({"photodrag_recipe": 1, "edits": list(edits)}).encode()


SMILE = {"adjust": {"smile": 0.5}, "settings": {"drag": {"max_steps": 2}}}


def test_a_recipe_stopped_midway_leaves_the_photo_as_it_was(ready):
    before = ready.workspace.picture()

    def note(event):
        if isinstance(event, Progress) and event.stage == "drag":
            begun.add(len(ready.workspace.state.edits))
            if len(begun) == 2:
                ticket.stop()

    begun = set()
    ready.workspace._notify = note
    with ready.workspace._lock:
        ticket = ready.workspace.apply_recipe(
            brought(ready.workspace, "two.json", recipe_of(SMILE, SMILE))
        )
    assert isinstance(ticket.wait(SECONDS), Stopped)
    assert begun == {0, 1}
    assert ready.workspace.state.edits == ()
    assert ready.workspace.picture() is before
    assert ready.workspace._jobs.work.session.edits == ()


@pytest.mark.parametrize("mask", ["/etc/passwd.png", "../small.png", "mask.png"])
def test_a_recipe_reads_no_file_of_this_machine(settled, mask):
    content = recipe_of({**SMILE, "mask": mask})
    ticket = settled.workspace.apply_recipe(brought(settled.workspace, "it.json", content))
    end = ticket.wait(SECONDS)
    assert isinstance(end, Failed)
    assert "together" in end.message
    assert not end.bug


@pytest.mark.parametrize("content", [b"", b"{}", b'{"photodrag_recipe": 2}', b"\xff\xfe"])
def test_what_is_no_recipe_is_said(settled, content):
    end = settled.workspace.apply_recipe(brought(settled.workspace, "it.json", content)).wait(
        SECONDS
    )
    assert isinstance(end, Failed)
    assert end.message
    assert not end.bug


def test_a_session_of_another_checkpoint_is_refused(settled, repacked):
    def change(files):
        name = "small.session/session.json"
        state = json.loads(files[name]) | {"fingerprint": "another"}
        return files | {name: json.dumps(state)}

    state, folder = settled.workspace.state, settled.workspace._jobs.folder
    before = {path.name for path in folder.iterdir()}
    end = settled.workspace.open_session(repacked(change)).wait(SECONDS)
    assert "not the one" in end.message
    assert settled.workspace.state == state
    assert {path.name for path in folder.iterdir()} == before


def test_a_recipe_needs_a_face(told):
    with pytest.raises(StudioError):
        told.workspace.apply_recipe(brought(told.workspace, "it.json", recipe_of(SMILE)))
