"""Drags in the face's own frame: read, written, placed on any face, and told from a photo's."""

import numpy as np
import pytest

from photodrag.alignment import Face, landmark_index
from photodrag.drag import DragPoint
from photodrag.errors import PointError
from photodrag.pipeline.request.drag_spec import resolve_points
from photodrag.pipeline.request.face_drag import FaceDrag, describe_drag, parse_face_drag


def face(turn=0.0, scale=1.0, shift=(0.0, 0.0)):
    """68 places in a circle, with eyes 100 apart, then turned (degrees), scaled and shifted."""
    angles = np.arange(68) * 2 * np.pi / 68
    landmarks = np.column_stack([200 + 150 * np.cos(angles), 200 + 150 * np.sin(angles)])
    landmarks[36:42], landmarks[42:48] = (150, 150), (250, 150)
    turned = (landmarks - 200) @ rotation(turn).T * scale + 200 + np.array(shift)
    return Face(1, (100, 100, 300, 300), turned, 1.0)


def rotation(degrees):
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cos, -sin], [sin, cos]])


@pytest.mark.parametrize(
    ("text", "drag"),
    [
        ("mouth_left->-4%,-4%", FaceDrag("mouth_left", (-4, -4))),
        (" 48 -> +0.5% , -.25% ", FaceDrag("48", (0.5, -0.25))),
        ("chin+3%,-2.5%->+0%,+9%", FaceDrag("chin", (0, 9), (3, -2.5))),
    ],
)
def test_texts_are_read(text, drag):
    assert parse_face_drag(text) == drag
    assert parse_face_drag(str(drag)) == drag


@pytest.mark.parametrize(
    "text",
    [
        "310,420->+4%,+4%",
        "mouth_left->310,420",
        "mouth_left->+4,+4",
        "mouth_left->4%,4%",
        "mouth_left",
        "mouth_left->+4%",
        "mouth_left->+1e3%,+0%",
        "",
    ],
)
def test_what_means_nothing_on_another_photo_is_refused(text):
    with pytest.raises(PointError, match="any photo"):
        parse_face_drag(text)


def test_unknown_landmark_and_no_way_are_refused():
    with pytest.raises(PointError, match="'mouth_left'"):
        parse_face_drag("mouth_lef->+4%,+4%")
    with pytest.raises(PointError, match="goes nowhere"):
        parse_face_drag("chin->+0%,-0%")


def test_percent_is_of_the_eye_distance():
    point = parse_face_drag("chin->+5%,-10%").place(face(scale=2))
    handle = face(scale=2).landmarks[landmark_index("chin")]
    assert point.handle == pytest.approx(tuple(handle))
    assert point.target == pytest.approx((handle[0] + 10, handle[1] - 20))


@pytest.mark.parametrize("turn", [-90, -20, 35, 180])
def test_drags_turn_with_the_face(turn):
    drag = parse_face_drag("nose_tip+4%,+2%->+5%,-10%")
    upright, turned = drag.place(face()), drag.place(face(turn))
    for name in ("handle", "target"):
        expected = rotation(turn) @ (np.array(getattr(upright, name)) - 200) + 200
        assert getattr(turned, name) == pytest.approx(tuple(expected))


@pytest.mark.parametrize("turn", [0, 25])
def test_a_drag_told_from_a_photo_is_the_same_there(turn):
    one = face(turn, 1.7, (30, 5))
    point = DragPoint((311.25, 262.5), (300, 281))
    drag = describe_drag(point, one)
    again = drag.place(one)
    assert again.handle == pytest.approx(point.handle, abs=1e-3)
    assert again.target == pytest.approx(point.target, abs=1e-3)
    assert parse_face_drag(str(drag)) == drag


def test_a_landmark_is_told_by_its_name():
    one = face(10)
    left = one.landmarks[landmark_index("mouth_left")]
    drag = describe_drag(DragPoint(tuple(left), tuple(left + 5)), one)
    assert drag.handle == "mouth_left"
    unnamed = one.landmarks[53]
    assert describe_drag(DragPoint(tuple(unnamed), (0, 0)), one).handle == "53"


def test_a_face_drag_is_a_point_of_an_edit():
    drag = parse_face_drag("chin->+5%,-10%")
    assert resolve_points([drag], face(), (400, 400)) == (drag.place(face()),)
    with pytest.raises(PointError, match=r"target of chin .* off the photo"):
        resolve_points([parse_face_drag("chin->+900%,-10%")], face(), (400, 400))
    with pytest.raises(PointError, match="needs a face"):
        resolve_points([drag], None, (400, 400))


@pytest.mark.parametrize("displacement", [(1,), ("a", 2), (float("nan"), 0), None])
def test_ways_that_are_no_numbers_are_refused(displacement):
    with pytest.raises(PointError, match="displacement"):
        FaceDrag("chin", displacement)
