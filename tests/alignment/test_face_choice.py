"""The choice of faces: texts, numbers, places, all."""

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.alignment.face_choice import FaceChoice, choose_face, choose_faces, parse_face
from photodrag.errors import FaceNumberError, NoFaceError, PointError

SIZE = (400, 300)


def face(index, x, y, side=50):
    box = (x - side, y - side, x + side, y + side)
    return Face(index, box, np.random.default_rng(index).normal(size=(68, 2)), 1.0)


FACES = (face(1, 100, 100, 60), face(2, 300, 100), face(3, 200, 220, 40))


@pytest.mark.parametrize(
    ("text", "choice"),
    [
        ("2", FaceChoice(2)),
        ("largest", FaceChoice(1)),
        ("nearest:310,42.5", FaceChoice(nearest=(310, 42.5))),
        ("nearest: 310 , 42.5", FaceChoice(nearest=(310, 42.5))),
        (" all ", FaceChoice(every=True)),
    ],
)
def test_texts_are_read(text, choice):
    assert parse_face(text) == choice
    assert parse_face(str(choice)) == choice


@pytest.mark.parametrize("text", ["", "biggest", "nearest:3", "nearest:-3,4", "1.5", "two", "0x1"])
def test_other_texts_are_refused_with_what_to_write(text):
    with pytest.raises(FaceNumberError, match="nearest:X,Y"):
        parse_face(text)


@pytest.mark.parametrize("text", ["0", "-1"])
def test_numbers_begin_with_one(text):
    with pytest.raises(FaceNumberError, match=f"face {text} "):
        parse_face(text)


def test_a_choice_is_one_thing():
    with pytest.raises(FaceNumberError, match="give one"):
        FaceChoice()
    with pytest.raises(FaceNumberError, match="give one"):
        FaceChoice(1, every=True)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("1", [1]),
        ("3", [3]),
        ("largest", [1]),
        ("nearest:290,130", [2]),
        ("nearest:199,170", [3]),
        ("all", [1, 2, 3]),
    ],
)
def test_faces_are_chosen(text, numbers):
    chosen = choose_faces(FACES, parse_face(text), SIZE)
    assert [one.index for one in chosen] == numbers


def test_what_is_not_there_is_refused():
    with pytest.raises(FaceNumberError, match="3 faces"):
        choose_faces(FACES, FaceChoice(4), SIZE)
    with pytest.raises(PointError, match="off the photo of 400x300"):
        choose_faces(FACES, FaceChoice(nearest=(400, 20)), SIZE)
    for text in ("1", "all", "nearest:3,4"):
        with pytest.raises(NoFaceError, match="400x300"):
            choose_faces((), parse_face(text), SIZE)


def test_where_there_can_be_only_one_all_is_refused():
    assert choose_face(FACES, FaceChoice(2), SIZE).index == 2
    with pytest.raises(FaceNumberError, match="must be one"):
        choose_face(FACES, FaceChoice(every=True), SIZE)
