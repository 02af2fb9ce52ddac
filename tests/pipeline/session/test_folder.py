"""A session's folder: whole at any time, refused where it is not."""

import copy
import json
import os
import shutil
import weakref
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from photodrag.checkpoints import load_generator
from photodrag.errors import OutputError, SessionBusyError, SessionError
from photodrag.pipeline import EditRequest
from photodrag.pipeline.edit.faces_run import FacesRun
from photodrag.pipeline.edit.invert_run import InvertRun
from photodrag.pipeline.session import folder as session_folder
from photodrag.pipeline.session.folder import SessionFolder
from photodrag.pipeline.session.work import SessionWork, keep_session

SMILE = ("mouth_left->-5%,-4%", "mouth_right->+5%,-4%")
BROWS = ("brow_left_middle->+0%,-5%",)


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(str(tiny_checkpoint))


def finish(run):
    for _ in run:
        pass
    return run.result


@pytest.fixture(scope="module")
def settings(quick_settings):
    composite = replace(quick_settings.composite, flow_size=128)
    return replace(quick_settings, composite=composite)


@pytest.fixture(scope="module")
def made(small_portrait, generator, settings, tmp_path_factory):
    """A folder with a photo and a session of it, never changed."""
    folder = tmp_path_factory.mktemp("made")
    photo = folder / "me.png"
    shutil.copyfile(small_portrait, photo)
    run = InvertRun(photo, settings, generator=generator)
    for _ in run:
        pass
    keep_session(folder / "me.session", photo, run, generator)
    return folder


@pytest.fixture
def folder(made, tmp_path):
    shutil.copytree(made, tmp_path / "work")
    return tmp_path / "work" / "me.session"


@pytest.fixture
def edit(folder, generator):
    def edit(points=SMILE, mask=None):
        session = SessionFolder(folder)
        with session.changing():
            work = SessionWork(session, generator=generator)
            result = finish(work.edit(EditRequest(points, mask=mask)))
            work.record(result)
        return result.photo.pixels

    return edit


@pytest.fixture
def render(folder, generator):
    return lambda: SessionWork(SessionFolder(folder), generator=generator).render().pixels


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name != ".lock"}


def test_what_is_rendered_is_what_the_edits_gave(edit, render, folder, made):
    mask = np.zeros((384, 384), bool)
    mask[100:200] = True
    shown = [render(), edit(SMILE), edit(BROWS), edit(("chin->+0%,+4%",), ~mask), edit(BROWS, mask)]
    np.testing.assert_array_equal(render(), shown[4])
    assert all((one != other).any() for one, other in pairwise(shown))
    session = SessionFolder(folder)
    for count in (3, 2, 1, 0):
        with session.changing():
            session.write(session.session.undone())
        np.testing.assert_array_equal(render(), shown[count])
    with session.changing():
        session.write(session.session.redone())
    np.testing.assert_array_equal(render(), shown[1])
    assert (folder.parent / "me.png").read_bytes() == (made / "me.png").read_bytes()


def test_edits_in_a_session_are_those_of_one_run(edit, generator, settings, folder):
    edit(SMILE)
    second = edit(BROWS)
    edits = [EditRequest(SMILE), EditRequest(BROWS)]
    run = FacesRun(folder.parent / "me.png", edits, settings, generator=generator)
    for _ in run:
        pass
    np.testing.assert_array_equal(run.photo.pixels, second)


def test_a_session_is_for_its_owner_and_small(edit, folder):
    if os.name == "posix":
        assert folder.stat().st_mode & 0o077 == 0
    edit()
    assert len(SessionFolder(folder).session.edits) == 1
    assert set(contents(folder)) == {"session.json", *SessionFolder(folder).session.files}


def test_files_of_given_up_edits_are_removed(edit, folder):
    edit(SMILE, np.ones((384, 384), bool))
    session = SessionFolder(folder)
    with session.changing():
        session.write(session.session.undone())
    assert len(contents(folder)) == 4  # it can still be redone
    (folder / ".photodrag-left.tmp").touch()
    (folder / "notes.txt").write_text("mine")
    edit(BROWS)
    names = {"session.json", "notes.txt", *SessionFolder(folder).session.files}
    assert set(contents(folder)) == names
    assert len(names) == 4


class Killed(BaseException):
    """What nobody catches."""


@pytest.fixture(scope="module")
def once(made, generator, tmp_path_factory):
    """A session with an edit, what it shows, and the result of a next edit with a mask."""
    folder = tmp_path_factory.mktemp("once") / "work"
    shutil.copytree(made, folder)
    session = SessionFolder(folder / "me.session")
    with session.changing():
        work = SessionWork(session, generator=generator)
        work.record(finish(work.edit(EditRequest(SMILE))))
        result = finish(work.edit(EditRequest(BROWS, mask=np.ones((384, 384), bool))))
    return folder, work.render().pixels, result


@pytest.mark.parametrize("call", range(1, 5))
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_any_write_the_session_is_whole(
    once, generator, tmp_path, monkeypatch, call, moment
):
    """Every file appears by one `replace`: die before or after each of them."""
    source, shown, result = once
    shutil.copytree(source, tmp_path / "work")
    folder = tmp_path / "work" / "me.session"
    before = contents(folder)
    calls, replace = iter(range(1, 100)), Path.replace

    def dying(self, target):
        number = next(calls)
        if (number, moment) == (call, "before"):
            raise Killed
        found = replace(self, target)
        if number == call:
            raise Killed
        return found

    session = SessionFolder(folder)
    died = False
    with session.changing(), monkeypatch.context() as patch:
        work = SessionWork(session, generator=generator)
        patch.setattr(Path, "replace", dying)
        try:
            work.record(result)
        except Killed:
            died = True
    assert died == (call <= 3)  # latent, mask, session.json
    after = SessionFolder(folder)
    if call < 3 or (call, moment) == (3, "before"):
        assert len(after.session.edits) == 1
        assert before.items() <= contents(folder).items()
        expected = shown
    else:
        assert len(after.session.edits) == 2
        expected = result.photo.pixels
    rendered = SessionWork(after, generator=generator).render()
    np.testing.assert_array_equal(rendered.pixels, expected)


def test_a_photo_that_somebody_has_is_not_made_again(once, generator):
    folder, shown, _ = once
    work = SessionWork(SessionFolder(folder / "me.session"), generator=generator)
    photo = work.render()
    assert work.render() is photo
    assert work.render(0) is work.photo
    np.testing.assert_array_equal(photo.pixels, shown)
    gone = weakref.ref(photo)
    del photo
    assert gone() is None  # it is not kept for that


def test_killed_while_it_is_made_there_is_no_session(made, tmp_path, monkeypatch):
    session = SessionFolder(made / "me.session")
    inversion = session.read(session.session.inversion)

    def dying(*_):
        raise Killed

    monkeypatch.setattr(Path, "rename", dying)
    with pytest.raises(Killed):
        session_folder.make_folder(tmp_path / "new", session.session, inversion)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_never_replaced_by_a_new_session(made, tmp_path):
    session = SessionFolder(made / "me.session")
    for name in ("file", "folder"):
        place = tmp_path / name
        place.touch() if name == "file" else place.mkdir()
        with pytest.raises(OutputError, match="there already"):
            session_folder.make_folder(place, session.session, b"")
    with pytest.raises(OutputError, match="does not exist"):
        session_folder.make_folder(tmp_path / "no" / "new", session.session, b"")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


@pytest.mark.parametrize("content", ["", "{}", '{"photodrag_session": 0}', '{"photodrag_session"'])
def test_an_older_or_damaged_session_is_refused_and_kept(edit, folder, content):
    (folder / "session.json").write_text(content)
    before = contents(folder)
    with pytest.raises(SessionError, match=r"session\.json"):
        edit()
    assert contents(folder) == before


@pytest.mark.parametrize("kind", ["inversion", "edit", "mask"])
@pytest.mark.parametrize("damage", ["changed", "gone"])
def test_damaged_files_are_refused_and_kept(edit, render, folder, kind, damage):
    edit(SMILE, np.ones((384, 384), bool))
    (path,) = folder.glob(f"{kind}-*")
    if damage == "gone":
        path.unlink()
    else:
        data = bytearray(path.read_bytes())
        data[-3] ^= 1
        path.write_bytes(data)
    before = contents(folder)
    with pytest.raises(SessionError, match=path.name):
        render()
    with pytest.raises(SessionError, match=path.name):
        edit(BROWS)
    assert contents(folder) == before


def test_a_changed_or_missing_photo_is_told(edit, render, folder):
    photo = folder.parent / "me.png"
    session = SessionFolder(folder)
    assert session.photo_state() == "there"
    data = photo.read_bytes()
    photo.write_bytes(data + b"\0")
    assert session.photo_state() == "changed"
    with pytest.raises(SessionError, match=r"me\.png: the photo has changed"):
        edit()
    photo.unlink()
    assert session.photo_state() == "missing"
    with pytest.raises(SessionError, match=r"me\.png: .*put it there again"):
        render()
    assert SessionFolder(folder).session.edits == ()


def test_photo_and_session_may_move_together(edit, render, folder, tmp_path):
    shown = edit()
    folder.parent.rename(tmp_path / "elsewhere")
    moved = SessionFolder(tmp_path / "elsewhere" / "me.session")
    assert moved.photo_path == (tmp_path / "elsewhere" / "me.png").resolve()
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "me.session")
    assert SessionFolder(tmp_path / "link").photo_state() == "there"
    assert moved.photo_state() == "there"
    assert shown.any()


def test_another_checkpoint_is_refused(folder, generator):
    synthesis = copy.deepcopy(generator.synthesis)
    with torch.no_grad():
        next(synthesis.parameters()).add_(1)
    other = generator.with_synthesis(synthesis)
    with pytest.raises(SessionError, match="checkpoint"):
        SessionWork(SessionFolder(folder), generator=other)


def test_one_process_changes_a_session_at_a_time(edit, folder):
    with SessionFolder(folder).changing(), pytest.raises(SessionBusyError, match="another"):
        edit()


def test_results_stay_out_of_the_folder(folder, tmp_path):
    session = SessionFolder(folder)
    session.check_outside(tmp_path / "out.png")
    session.check_outside(None)
    with pytest.raises(OutputError, match="inside the session"):
        session.check_outside(folder / "session.json")


def test_a_folder_that_is_no_session_is_told(tmp_path):
    for place in (tmp_path, tmp_path / "none"):
        with pytest.raises(SessionError, match="not a session"):
            SessionFolder(place)


@pytest.mark.skipif(os.name != "posix", reason="devices and links as POSIX has them")
@pytest.mark.parametrize("path", ["/dev/zero", "/dev/ptmx", "a\0b", "a\ud800"])
def test_a_photo_that_is_no_file_is_not_read(folder, path):
    """A session that was sent to somebody may name anything."""
    state = folder / "session.json"
    values = json.loads(state.read_text("utf-8"))
    values["photo"]["path"] = path
    state.write_text(json.dumps(values), "utf-8")
    session = SessionFolder(folder)
    assert session.photo_state() == "missing"
    with pytest.raises(SessionError, match=r"not a regular file|no file can have this name|Input"):
        session.read_photo()


@pytest.mark.skipif(os.name != "posix", reason="devices and links as POSIX has them")
def test_links_in_a_session_are_not_followed(folder):
    session = SessionFolder(folder)
    name = session.session.inversion
    (folder / name).rename(folder.parent / name)
    for target in ("/dev/zero", str(folder.parent / name)):
        (folder / name).symlink_to(target)
        with pytest.raises(SessionError, match="a link, which is not followed here"):
            session.read(name)
        (folder / name).unlink()
    (folder / "session.json").unlink()
    (folder / "session.json").symlink_to("/dev/zero")
    with pytest.raises(SessionError, match="a link"):
        SessionFolder(folder)
