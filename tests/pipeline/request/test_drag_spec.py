import json

import numpy as np
import pytest

from photodrag.alignment import Face
from photodrag.drag import DragPoint
from photodrag.errors import PointError
from photodrag.pipeline.request.drag_spec import DragSpec, parse_drag, read_points, resolve_points

SIZE = (400, 300)


@pytest.fixture
def face() -> Face:
    """Landmark i is at (100 + i, 50 + i), but the eyes are 80 px apart."""
    landmarks = np.arange(68)[:, None] + np.array([100.0, 50.0])
    landmarks[36:42], landmarks[42:48] = (120, 100), (200, 100)
    return Face(1, (90, 40, 250, 200), landmarks, 1.0)


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("310,420->325,412", DragSpec((310, 420), (325, 412))),
        (" 310.5 , .5 -> 325., 412 ", DragSpec((310.5, 0.5), (325, 412))),
        ("10,20→30,40", DragSpec((10, 20), (30, 40))),
        ("120,80->+10,-4", DragSpec((120, 80), (10, -4), "pixels")),
        ("120,80->-10,0", DragSpec((120, 80), (-10, 0), "pixels")),
        ("mouth_left->-5%,-4%", DragSpec("mouth_left", (-5, -4), "percent")),
        ("mouth_left->5%,-4.5%", DragSpec("mouth_left", (5, -4.5), "percent")),
        ("48->0,+4%", DragSpec("48", (0, 4), "percent")),
        ("8->100,200", DragSpec("8", (100, 200))),
    ],
)
def test_drags_are_read(text, spec):
    assert parse_drag(text) == spec


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "not HANDLE->TARGET"),
        ("10,20", "not HANDLE->TARGET"),
        ("10,20->", "not HANDLE->TARGET"),
        ("1,2->3,4->5,6", "not HANDLE->TARGET"),
        ("10,20->30", "target '30'"),
        ("10,20->a,b", "target 'a,b'"),
        ("-10,20->30,40", "without signs"),
        ("10%,20%->30,40", "handle"),
        ("10,20->+30,40", "one sign"),
        ("10,20->+5%,+4", "mixes percent"),
        ("10,20->nan,4", "target"),
        ("10,20->1e3,4", "target"),
        ("mouth->+5%,-4%", "no landmark is called 'mouth'.*X,Y"),
        ("68->+5%,-4%", "landmark 68"),
    ],
)
def test_unreadable_drags_are_refused(text, match):
    with pytest.raises(PointError, match=match) as caught:
        parse_drag(text)
    assert "\n" not in str(caught.value)


def test_every_form_is_placed(face):
    points = [
        DragSpec((10, 20), (30, 40)),
        "11,20->+10,-4",
        "mouth_left->+5%,-10%",
        ((12, 20), (30, 40)),
        DragPoint((13, 20), (30, 40)),
    ]
    assert resolve_points(points, face, SIZE) == (
        DragPoint((10, 20), (30, 40)),
        DragPoint((11, 20), (21, 16)),
        DragPoint((148, 98), (152, 90)),
        DragPoint((12, 20), (30, 40)),
        DragPoint((13, 20), (30, 40)),
    )


@pytest.mark.parametrize(
    ("points", "match"),
    [
        ([], "no point"),
        (["400,20->30,40"], r"handle \(400, 20\) is off the photo of 400x300"),
        (["10,20->30,330"], r"target \(30, 330\) is off the photo"),
        (["10,20->-46,+0"], r"target \(-36, 20\) is off the photo"),
        (["mouth_left->+400%,+0%"], "target of mouth_left"),
        (["10,20->10,20"], "handle and target are both"),
        (["10,20->+0,+0"], "handle and target are both"),
        (["10,20->30,40", "10,20->50,40"], "given twice"),
        (["148,98->30,40", "mouth_left->+5%,0%"], "mouth_left .* given twice"),
    ],
)
def test_unusable_points_are_refused(face, points, match):
    with pytest.raises(PointError, match=match):
        resolve_points(points, face, SIZE)


@pytest.mark.parametrize("text", ["mouth_left->30,40", "10,20->+5%,0%"])
def test_landmarks_and_percent_need_a_face(text):
    assert parse_drag(text).needs_face
    with pytest.raises(PointError, match="needs a face"):
        resolve_points([text], None, SIZE)


def test_pixels_need_no_face():
    assert resolve_points(["0,0->399,299"], None, SIZE) == (DragPoint((0, 0), (399, 299)),)


@pytest.mark.parametrize(
    ("handle", "target", "unit"),
    [((1, 2, 3), (4, 5), "absolute"), ((1, 2), (4, None), "absolute"), ((1, 2), (4, 5), "miles")],
)
def test_wrong_specs_are_refused(handle, target, unit):
    with pytest.raises(PointError):
        DragSpec(handle, target, unit)


def test_points_files_are_read(tmp_path):
    entries = [
        "mouth_left->-5%,-4%",
        {"handle": [10, 20.5], "target": [30, 40]},
        {"handle": "mouth_right", "target": "+5%, -4%"},
    ]
    (tmp_path / "points.json").write_text(json.dumps(entries))
    assert read_points(tmp_path / "points.json") == (
        DragSpec("mouth_left", (-5, -4), "percent"),
        DragSpec((10, 20.5), (30, 40)),
        DragSpec("mouth_right", (5, -4), "percent"),
    )


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("{", "not a JSON file"),
        ("[" * 100_000, "not a JSON file"),
        ("{}", "no list"),
        ("[]", "no list"),
        ("[7]", "drag 1: 7 is neither"),
        ('["10,20->30,40", {"handle": [1, 2]}]', "drag 2"),
        ('[{"handle": [1, 2], "target": [3, 4], "extra": 1}]', "neither"),
        ('[{"handle": [1], "target": [3, 4]}]', "two numbers"),
        ('[{"handle": ["1", "2"], "target": [3, 4]}]', "two numbers"),
        ('[{"handle": 7, "target": [3, 4]}]', "two numbers"),
        ('[{"handle": [1, NaN], "target": [3, 4]}]', "finite"),
        ('[{"handle": [true, 1], "target": [3, 4]}]', "two numbers"),
        ('[{"handle": "nose", "target": [3, 4]}]', "nose"),
    ],
)
def test_unusable_points_files_are_refused(tmp_path, text, match):
    path = tmp_path / "points.json"
    path.write_text(text)
    with pytest.raises(PointError, match=match) as caught:
        read_points(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_missing_points_file_is_refused(tmp_path):
    with pytest.raises(PointError, match="cannot be read"):
        read_points(tmp_path / "none.json")


def test_a_target_may_lie_a_little_off_the_photo_where_there_is_a_face(face):
    drag = DragSpec((10.0, 20.0), (-3.0, 20.0))
    (point,) = resolve_points([drag], face, (400, 300))
    assert point.target == (-3.0, 20.0)
    with pytest.raises(PointError, match="off the photo"):
        resolve_points([drag], None, (400, 300))
