"""`photodrag.Session`: begun, edited, undone, opened again."""

import shutil

import numpy as np
import pytest

from photodrag import Photo, Session
from photodrag.errors import NoFaceError, OutputError, SessionError


@pytest.fixture(scope="module")
def begun(small_portrait, quick_settings, tmp_path_factory):
    """A folder with a photo and a session of it, never changed."""
    folder = tmp_path_factory.mktemp("begun")
    shutil.copyfile(small_portrait, folder / "me.png")
    Session.new(
        folder / "me.png", folder / "me.session", preset=quick_settings, device="cpu", cache=None
    )
    return folder


@pytest.fixture
def folder(begun, tmp_path):
    shutil.copytree(begun, tmp_path / "work")
    return tmp_path / "work" / "me.session"


def test_edits_are_kept_undone_and_redone(folder):
    session = Session(folder, device="cpu")
    first = session.edit(["mouth_left->-5%,-4%"])
    told = []
    second = session.edit(adjust={"brows_raise": 0.5}, progress=told.append)
    assert told[-1] == 1
    assert repr(session) == f"<Session {str(folder)!r} 2 of 2 edits>"
    again = Session(folder, device="cpu")
    np.testing.assert_array_equal(again.render().pixels, second.photo.pixels)
    again.undo()
    np.testing.assert_array_equal(again.render().pixels, first.photo.pixels)
    again.redo()
    np.testing.assert_array_equal(again.render().pixels, second.photo.pixels)
    assert [len(edit.points) for edit in again.recipe().edits] == [1, 0]


def test_what_cannot_be_done_is_refused(folder, small_portrait, quick_settings, tmp_path):
    session = Session(folder, device="cpu")
    with pytest.raises(SessionError, match="nothing to undo"):
        session.undo()
    with pytest.raises(SessionError, match="not a session"):
        Session(tmp_path)
    with pytest.raises(OutputError, match="is there already"):
        Session.new(small_portrait, folder, preset=quick_settings)
    wall = tmp_path / "wall.png"
    Photo.from_array(np.full((200, 200, 3), 90, np.uint8)).save(wall)
    with pytest.raises(NoFaceError):
        Session.new(wall, tmp_path / "wall.session", preset=quick_settings, cache=None)
    assert not (tmp_path / "wall.session").exists()
