"""What a stranger may have written into session.json."""

import json

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.drag import DragPoint
from photodrag.errors import SessionError
from photodrag.pipeline import EditRequest
from photodrag.pipeline.request.face_drag import parse_face_drag
from photodrag.pipeline.session.session import PhotoReference, SessionEdit, SessionState
from photodrag.pipeline.session.session_file import decode_session, encode_session
from photodrag.pipeline.settings import DEFAULTS

POINT = DragPoint((10.0, 20.0), (30.0, 20.0))


@pytest.fixture
def values(face_marks):
    edit = SessionEdit(
        EditRequest([parse_face_drag("mouth_left->-4%,-4%")]),
        (POINT,),
        ((30.0, 20.0),),
        True,
        (POINT,),
        "edit-0123456789abcdef.safetensors",
    )
    state = SessionState(
        PhotoReference("../me.png", "0" * 64, (400, 300)),
        Face(1, (1.0, 2.0, 100.0, 120.0), np.asarray(face_marks, np.float64), 0.9),
        DEFAULTS,
        "print",
        "inversion-0123456789abcdef.safetensors",
        (edit,),
        1,
    )
    return json.loads(encode_session(state))


def _decoded(values):
    return decode_session(json.dumps(values).encode())


def _changed(values, place, value):
    *path, last = place
    inner = values
    for name in path:
        inner = inner[name]
    inner[last] = value
    return values


def test_a_session_comes_back(values):
    assert _decoded(values).edits[0].all_drags == (POINT,)


@pytest.mark.parametrize("size", [[0, 300], [400, -5], [2**40, 2**40], [10**400, 3]])
def test_sizes_of_no_photo_are_refused(values, size):
    with pytest.raises(SessionError, match=r"photo\.size is .*a width and a height"):
        _decoded(_changed(values, ("photo", "size"), size))


@pytest.mark.parametrize("number", [1e30, -1e9, 10**400, float("nan"), float("inf")])
@pytest.mark.parametrize(
    "place",
    [
        ("face", "box", 2),
        ("face", "landmarks", 5, 0),
        ("edits", 0, "points", 0, 1, 0),
        ("edits", 0, "reached", 0, 1),
        ("edits", 0, "held", 0, 0, 1),
    ],
    ids=str,
)
def test_places_that_no_photo_has_are_refused(values, place, number):
    name = place[2] if place[0] == "edits" else place[1]
    with pytest.raises(SessionError, match=name):
        _decoded(_changed(values, place, number))


@pytest.mark.parametrize(
    "place",
    [("position",), ("face", "number"), ("face", "score"), ("settings", "project", "steps")],
    ids=str,
)
def test_a_number_that_nothing_holds_is_refused(values, place):
    with pytest.raises(SessionError) as caught:
        _decoded(_changed(values, place, 10**4000))
    assert len(str(caught.value)) < 1000


def test_a_session_nested_without_end_is_refused(values):
    for depth in (900, 200_000):
        text = "[" * depth + "]" * depth
        data = json.dumps(_changed(values, ("photo", "path"), "HERE")).replace('"HERE"', text)
        with pytest.raises(SessionError):
            decode_session(data.encode())
