"""The change that a page puts together, and what it may send."""

import pytest

from photodrag.errors import PointError
from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.studio import MaskRequest, PointRequest, Stroke
from photodrag.pipeline.studio.page.draft import Draft, DraftPoint, read_points, read_strokes

POINT = {"id": 1, "handle": [1, 2.5], "target": [3, 4], "landmark": "chin"}
STROKE = {"points": [[1, 2], [3, 4]], "radius": 5, "erase": True}


def test_points_of_the_page_become_a_request():
    waiting = {**POINT, "id": 2, "target": None, "landmark": None}
    free = {**POINT, "id": 3, "landmark": None}
    draft = Draft(read_points([POINT, waiting, free]))
    assert draft.request.points == (
        PointRequest("chin", (3.0, 4.0)),
        PointRequest((1.0, 2.5), (3.0, 4.0)),
    )
    assert draft.request.mask is None
    assert not draft.is_empty
    assert Draft(read_points([waiting])).is_empty


@pytest.mark.parametrize(
    "value",
    [
        *(None, "text", {"id": 1}, [1], [{}], [{**POINT, "id": "1"}], [POINT] * 201),
        *([{**POINT, "handle": place}] for place in (None, [1], [1, 2, 3], "12", [1, "2"])),
        *([{**POINT, "target": place}] for place in ([1, float("nan")], [float("inf"), 0])),
    ],
)
def test_nonsense_for_points_is_refused(value):
    with pytest.raises(PointError):
        read_points(value)


@pytest.mark.parametrize(
    "value",
    [
        *(None, [1], [{}], [{**STROKE, "points": []}], [{**STROKE, "points": [[1]]}]),
        *([{**STROKE, "radius": radius}] for radius in (None, 0, -1, float("nan"), "5")),
    ],
)
def test_nonsense_for_strokes_is_refused(value):
    with pytest.raises(PointError):
        read_strokes(value)


def test_what_the_page_sent_wrong_is_named():
    with pytest.raises(PointError, match=r"points\[1\]\.handle is \[1\]; it must be two finite"):
        read_points([POINT, {**POINT, "handle": [1]}])
    with pytest.raises(PointError, match="there are 201 points; 200 are the most"):
        read_points([POINT] * 201)
    with pytest.raises(PointError, match=r"strokes\[0\]\.radius is 0; it must be above 0"):
        read_strokes([{**STROKE, "radius": 0}])


def test_masks_join_names_and_strokes():
    strokes = read_strokes([STROKE])
    assert strokes == (Stroke(((1.0, 2.0), (3.0, 4.0)), 5.0, True),)
    draft = Draft(strokes=strokes).toggled("eyes").toggled("mouth").toggled("nose").toggled("nose")
    assert draft.mask == MaskRequest("mouth+eyes", strokes)
    assert draft.emptied().mask == draft.mask


def test_adjustments_stay_in_their_bounds_and_0_is_none():
    draft = Draft().adjusted("yaw", 99).adjusted("smile", 0.3).adjusted("smile", 0.5)
    assert draft.request.adjust == (("smile", 0.5), ("yaw", 10.0))
    assert draft.adjusted("yaw", 0).adjusted("smile", 0.0).is_empty
    assert DraftPoint(1, (0.0, 0.0)).target is None


def test_options_of_the_change_are_in_the_request_and_stay_for_the_next():
    change = ChangeOptions(preset="official", composite="paste")
    draft = Draft(read_points([POINT]), change=change)
    assert draft.request.change == change
    assert draft.emptied().change == change
    assert draft != Draft(read_points([POINT]))
