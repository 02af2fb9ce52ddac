"""Which drags shut an eye, and how far."""

import numpy as np
import pytest

from photodrag.drag import DragPoint
from photodrag.pipeline.composite.gaze import turned_eyes
from photodrag.pipeline.composite.lid_drags import (
    ShutEyes,
    asked_lids,
    closing_drag,
    closings,
    following,
    kept_closings,
    lid_middles,
    lid_sides,
    lid_ways,
)
from photodrag.pipeline.composite.lids import RISE


def shut(landmarks, left=0.0):
    return ShutEyes(np.array([left, 0.0]), lid_ways(landmarks))


@pytest.fixture
def landmarks(face_marks):
    """Eyes as dlib goes around them; 60 px wide, 24 open."""
    landmarks = np.array(face_marks)
    lids = [(-30, 0), (-12, -12), (12, -12), (30, 0), (12, 12), (-12, 12)]
    for first, x in ((36, 196), (42, 316)):
        landmarks[first : first + 6] = np.array((x, 225)) + lids
    return landmarks


def lowered(landmarks, number, across, down):
    x, y = landmarks[number].tolist()
    return DragPoint((x, y), (x + across, y + down))


def test_a_lid_goes_down_most_of_the_opening(landmarks):
    np.testing.assert_allclose(lid_middles(landmarks), [(196, 213), (316, 213)])
    np.testing.assert_allclose(lid_ways(landmarks), [(0, 24 * (1 - RISE))] * 2, atol=1e-9)


@pytest.mark.parametrize("side", [0, 1])
def test_a_closing_drag_is_known_and_is_no_gaze(landmarks, side):
    drags = [closing_drag(side, 0.4, landmarks), lowered(landmarks, 51, 0, 3)]
    assert lid_sides(drags, landmarks) == (side, None)
    assert turned_eyes(drags, landmarks) == (None, None)
    expected = np.zeros(2)
    expected[side] = 0.4
    np.testing.assert_allclose(closings(drags, landmarks), expected)


def test_a_lid_follows_an_iris_down_and_not_up(landmarks):
    down = following(np.array([[2.0, 6.0], [2.0, -6.0]]), landmarks)
    assert 0.1 < down[0] < 0.3
    assert down[1] == 0


def test_a_lowered_landmark_of_the_upper_lid_is_the_lids(landmarks):
    down, up, aside = ((37, 0, 6), (37, 0, -6), (37, 6, 1))
    for number, across, height, side in ((*down, 0), (*up, None), (*aside, None), (44, 0, 6, 1)):
        drag = lowered(landmarks, number, across, height)
        assert asked_lids([drag], landmarks, 1, shut(landmarks)) == (side,)
        assert asked_lids([drag], landmarks, 0, shut(landmarks)) == (None,)


def test_a_lid_that_moves_with_its_corner_is_not(landmarks):
    drags = [lowered(landmarks, 37, 0, 6), lowered(landmarks, 36, 0, 6)]
    assert asked_lids(drags, landmarks, 2, shut(landmarks)) == (None, None)
    drags[1] = lowered(landmarks, 45, 0, 6)
    assert asked_lids(drags, landmarks, 2, shut(landmarks)) == (0, None)


def test_a_shut_eye_is_opened_by_its_lid(landmarks):
    drag = lowered(landmarks, 37, 0, -6)
    assert asked_lids([drag], landmarks, 1, shut(landmarks, 0.5)) == (0,)


def test_edits_add_up_on_the_landmarks_of_the_base(landmarks):
    seen = np.array(landmarks)
    seen[[37, 38], 1] += 12 * (1 - RISE)  # half shut
    half = closing_drag(0, 0.5, seen)
    opened = lowered(seen, 37, 0, -6 * (1 - RISE))
    kept = kept_closings([half, opened], (0, 0), seen, landmarks, shut(landmarks, 0.5))
    found = [float(closings([kept[number]], landmarks)[0]) for number in (0, 1)]
    assert found == pytest.approx([0.75, 0.25], abs=1e-3)
    assert lid_sides(list(kept.values()), landmarks) == (0, 0)
