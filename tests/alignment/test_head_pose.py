"""The head in space: fitted to landmarks, and turned."""

import numpy as np
import pytest

from photodrag.alignment.face_parts import MIRRORED
from photodrag.alignment.head_pose import fit_head, head_points, head_still, rotation, turned

TURNS = [(8.0, 0.0, 0.0), (0.0, 8.0, 0.0), (0.0, 0.0, 8.0), (-12.0, 5.0, 20.0), (25.0, -15.0, -7.0)]


def seen(yaw, pitch, roll, scale=3.0, place=(200.0, 150.0)):
    """The head itself, in a picture."""
    return (head_points() @ rotation(yaw, pitch, roll).T)[:, :2] * scale + place


def angles(pose):
    return pose.yaw, pose.pitch, pose.roll


def test_the_head_has_two_equal_sides():
    points = head_points()
    assert points.shape == (68, 3)
    np.testing.assert_array_equal(points[list(MIRRORED)], points * (-1, 1, 1))
    assert points[30, 2] == points[:, 2].max()  # the tip of the nose is the nearest


@pytest.mark.parametrize("turn", TURNS)
def test_a_pose_is_found(turn):
    pose = fit_head(seen(*turn))
    assert angles(pose) == pytest.approx(turn, abs=1e-3)
    assert pose.scale == pytest.approx(3, rel=1e-5)
    assert pose.place == pytest.approx((200, 150), abs=1e-3)


def test_the_signs_are_those_of_the_viewer():
    straight, nose = seen(0, 0, 0), 30
    assert seen(8, 0, 0)[nose, 0] > straight[nose, 0]  # to the right
    assert seen(0, 8, 0)[nose, 1] < straight[nose, 1]  # up
    assert seen(0, 0, 8)[45, 1] > straight[45, 1]  # the right eye goes down


@pytest.mark.parametrize("turn", TURNS)
def test_turning_a_head_turns_its_landmarks(turn):
    moved = turned(seen(3, -2, 1), *turn)
    found = angles(fit_head(moved))
    assert found == pytest.approx(np.add(turn, (3, -2, 1)), abs=1e-2)


def test_a_face_keeps_what_is_its_own(face_marks):
    there = turned(face_marks, 10, -6, 4)
    np.testing.assert_allclose(turned(face_marks, 0, 0, 0), face_marks, atol=1e-9)
    change = np.subtract(angles(fit_head(there)), angles(fit_head(face_marks)))
    assert change == pytest.approx((10, -6, 4), abs=2)


def test_eyes_and_mouth_stay_where_they_are(face_marks):
    stays = [*range(36, 48), 48, 54]
    moved = turned(face_marks, 12, 8, -5)
    np.testing.assert_allclose(moved[stays].mean(axis=0), face_marks[stays].mean(axis=0))


def test_a_larger_photo_gives_larger_moves(face_marks):
    small = turned(face_marks, 9, 3, 2) - face_marks
    large = turned(face_marks * 4 + 100, 9, 3, 2) - (face_marks * 4 + 100)
    np.testing.assert_allclose(large, 4 * small, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("turn", [(0, 0, 20), (6, 0, 0), (0, -6, 0), (-4, 5, 3)])
def test_the_heads_own_motion_is_taken_off(turn):
    """Of a turn most, of shift, size and tilt everything."""
    before = seen(5, -5, 0)
    after = 1.1 * turned(before, *turn) + (30, -20)
    left = np.abs(head_still(before, after) - before).max()
    assert left < 0.2 * np.abs(turned(before, *turn) - before).max() + 1e-6


def test_what_a_face_does_itself_stays():
    before = seen(5, -5, 0)
    mouth = np.zeros((68, 2))
    mouth[48:68] = np.random.default_rng(0).normal(size=(20, 2)) * 5
    mouth[8] = 0, 12
    np.testing.assert_allclose(head_still(before, before + mouth), before + mouth, atol=1e-6)
    both = head_still(before, turned(before, 4, 3, 0) + mouth)
    assert np.abs(both - before - mouth)[48:68].max() < 1.5
