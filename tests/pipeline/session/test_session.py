"""The state of a session: its history, and its file."""

import json
from dataclasses import replace

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.drag import DragPoint
from photodrag.errors import SessionError
from photodrag.pipeline import EditRequest
from photodrag.pipeline.request.face_drag import parse_face_drag
from photodrag.pipeline.session.session import PhotoReference, SessionEdit, SessionState
from photodrag.pipeline.session.session_file import (
    decode_session,
    encode_session,
    session_to_values,
)
from photodrag.pipeline.settings import DEFAULTS

FACE = Face(2, (1.0, 2.0, 3.0, 4.5), np.random.default_rng(0).normal(size=(68, 2)), 1.5)
SETTINGS = replace(DEFAULTS, project=replace(DEFAULTS.project, seed=7))
EMPTY = SessionState(
    PhotoReference("../ä me.jpg", "ab" * 32, (640, 480)),
    FACE,
    SETTINGS,
    "cd" * 32,
    "inversion-0123456789abcdef.safetensors",
)


def edit(number, mask=None):
    request = EditRequest(
        (parse_face_drag("chin+1%,-2%->+0%,+9%"),),
        mask=mask,
        settings=replace(SETTINGS, drag=replace(SETTINGS.drag, max_steps=number)),
        face=1,
    )
    point = DragPoint((1 / 3, number), (2.5, number))
    name = f"edit-{number:016x}.safetensors"
    return SessionEdit(request, (point,), ((2.25, 1e-7),), False, (point, point), name, mask)


MASKS = [f"mask-{number:016x}.png" for number in range(2)]
THREE = EMPTY.with_edit(edit(1)).with_edit(edit(2, MASKS[0])).with_edit(edit(3, MASKS[0]))


def as_values(session):
    return json.loads(encode_session(session))


def test_undo_and_redo_go_to_and_fro():
    assert [one.position for one in (EMPTY, THREE, THREE.undone())] == [0, 3, 2]
    assert THREE.undone().undone().redone().current == THREE.edits[:2]
    assert THREE.undone().redone().current == THREE.edits


def test_there_is_an_end_to_both():
    with pytest.raises(SessionError, match="nothing to undo"):
        EMPTY.undone()
    with pytest.raises(SessionError, match="nothing to redo"):
        THREE.redone()


def test_an_edit_after_an_undo_gives_up_what_was_undone():
    session = THREE.undone().undone().with_edit(edit(9))
    assert [one.file for one in session.edits] == [edit(1).file, edit(9).file]
    assert session.position == 2
    with pytest.raises(SessionError):
        session.redone()


def test_files_of_undone_edits_are_still_needed():
    names = {EMPTY.inversion, *(edit(n).file for n in (1, 2, 3)), MASKS[0]}
    assert THREE.undone().undone().files == names


def test_a_base_is_shared_while_the_mask_is_the_same():
    session = THREE.with_edit(edit(4, MASKS[1])).with_edit(edit(5))
    assert [session.segment(index) for index in range(5)] == [0, 1, 1, 3, 4]


def test_the_recipe_has_the_edits_that_count():
    recipe = THREE.undone().recipe()
    assert [one.points for one in recipe.edits] == [one.request.points for one in THREE.edits[:2]]
    assert str(recipe.face) == "2"
    assert recipe.settings.project.seed == 7
    assert recipe.settings.drag.max_steps == 1
    with pytest.raises(SessionError, match="no edit"):
        EMPTY.recipe()


@pytest.mark.parametrize("session", [EMPTY, THREE, THREE.undone()])
def test_the_file_gives_the_session_back(session):
    again = decode_session(encode_session(session))
    assert encode_session(again) == encode_session(session)
    assert again.edits == session.edits
    assert (again.photo, again.settings, again.position) == (
        session.photo,
        session.settings,
        session.position,
    )
    np.testing.assert_array_equal(again.face.landmarks, session.face.landmarks)
    assert again.face.box == session.face.box


def test_the_file_can_be_read_by_people():
    text = encode_session(THREE).decode()
    assert '"chin+1%,-2%->+0%,+9%"' in text
    assert "../ä me.jpg" in text
    assert max(map(len, text.splitlines())) < 120


@pytest.mark.parametrize(
    ("version", "seen"),
    [
        (0, "of an older version, 0; this photodrag reads 1"),
        (2, "of another version, 2"),
        ("1", "another version, '1'"),
        (True, "another version, True"),
    ],
)
def test_other_versions_are_told(version, seen):
    with pytest.raises(SessionError, match=seen):
        decode_session(json.dumps({**as_values(THREE), "photodrag_session": version}).encode())


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}", b"\xff", b"3", b"[" * 100_000])
def test_what_is_no_session_is_refused(data):
    with pytest.raises(SessionError, match=r"damaged|not a session"):
        decode_session(data)


@pytest.mark.parametrize("key", session_to_values(THREE))
def test_nothing_may_be_missing(key):
    values = as_values(THREE)
    del values[key]
    with pytest.raises(SessionError, match=key if key != "photodrag_session" else "not a session"):
        decode_session(json.dumps(values).encode())


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("position",), 4),
        (("position",), -1),
        (("position",), "1"),
        (("inversion",), "../../secret.safetensors"),
        (("edits", 0, "file"), "/etc/passwd"),
        (("edits", 0, "mask"), "mask-x.png"),
        (("edits", 0, "points"), []),
        (("edits", 0, "points"), [[[1, 2], [1, 2]]]),
        (("edits", 0, "reached"), []),
        (("edits", 0, "recipe"), {"drag": []}),
        (("edits", 0, "held"), 3),
        (("edits",), {"a": 1}),
        (("face", "landmarks"), [[1, 2]]),
        (("face", "number"), 0),
        (("face", "box"), [1, 2]),
        (("photo", "size"), ["a", 2]),
        (("photo", "path"), ""),
        (("photo",), None),
        (("settings", "drag", "max_steps"), 0),
        (("settings", "speed"), 1),
    ],
)
def test_damage_is_told(path, value):
    values = as_values(THREE)
    place = values
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SessionError):
        decode_session(json.dumps(values).encode())
