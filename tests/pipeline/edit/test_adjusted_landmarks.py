"""Adjustments on a face: drags, held landmarks, and what was reached."""

import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.alignment.head_pose import fit_head
from photodrag.checkpoints import load_generator
from photodrag.drag import DragPoint
from photodrag.errors import PointError
from photodrag.pipeline import EditRequest
from photodrag.pipeline.edit.adjusted_landmarks import adjusted_landmarks
from photodrag.pipeline.edit.placing import (
    adjusted_points,
    adjusted_settings,
    lips_among,
    place_drags,
)
from photodrag.pipeline.edit.reached import measure_adjustments
from photodrag.pipeline.guide.settings import GuideSettings
from photodrag.pipeline.request.adjustments import ADJUSTMENTS, STEADY
from photodrag.pipeline.request.face_drag import FaceDrag
from photodrag.pipeline.settings import DEFAULTS, EditSettings

EXPRESSIONS = sorted(name for name, one in ADJUSTMENTS.items() if one.displacements)


@pytest.fixture
def face(face_marks):
    landmarks = np.array(face_marks)
    ring = np.radians([180, 240, 300, 0, 60, 120])  # as dlib goes around an eye
    for first, x in ((36, 196), (42, 316)):
        landmarks[first : first + 6] = np.column_stack(
            [x + 18 * np.cos(ring), 225 + 6 * np.sin(ring)]
        )
    return Face(1, (100.0, 100.0, 400.0, 420.0), landmarks, 1.0)


def tilted(face, degrees):
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return Face(1, face.box, face.landmarks @ np.array([[cos, sin], [-sin, cos]]), 1.0)


def test_ways_are_percent_of_the_eye_distance(face):
    moves = adjusted_landmarks((("smile", 0.5),), face) - face.landmarks
    percent = 1.2 * ADJUSTMENTS["smile"].gain  # the eyes are 120 px apart
    np.testing.assert_allclose(moves[48], (-3.5 * percent, -4.5 * percent), atol=1e-9)
    np.testing.assert_allclose(moves[54], (3.5 * percent, -4.5 * percent), atol=1e-9)


def test_they_follow_a_tilted_head(face):
    moves = adjusted_landmarks((("brows_raise", 1),), tilted(face, 90)) - tilted(face, 90).landmarks
    upright = adjusted_landmarks((("brows_raise", 1),), face) - face.landmarks
    np.testing.assert_allclose(moves[:, 0], -upright[:, 1], atol=1e-9)
    np.testing.assert_allclose(moves[:, 1], upright[:, 0], atol=1e-9)


def test_several_add_up(face):
    both = adjusted_landmarks((("smile", 1), ("brows_raise", -1)), face)
    one, other = (adjusted_landmarks((a,), face) for a in (("smile", 1), ("brows_raise", -1)))
    np.testing.assert_allclose(both, one + other - face.landmarks)


def test_only_what_moves_is_dragged_and_the_rest_is_held(face):
    found = adjusted_points((("nose_width", 1),), face)
    assert len(found.points) == len(ADJUSTMENTS["nose_width"].displacements)
    assert set(found.held) == STEADY
    smile = adjusted_points((("smile", 1),), face)
    assert not {48, 51, 54, 57} & set(smile.held)
    assert {36, 45} <= set(smile.held)
    jaw = adjusted_points((("jaw_width", 1),), face)
    assert not {2, 14} & set(jaw.held)


def test_which_points_are_landmarks_of_lips(face):
    """They come after one of one's own, which is none."""
    points = (
        DragPoint((9.0, 9.0), (19.0, 9.0)),
        *adjusted_points((("mouth_open", 0.5),), face).points,
    )
    lips = lips_among(points, face)
    assert {62, 66, 57} <= set(lips.values()) <= set(range(48, 68))
    for number, landmark in lips.items():
        assert points[number].handle == tuple(face.landmarks[landmark])
    assert lips_among(adjusted_points((("brows_raise", 0.5),), face).points, face) == {}


def test_a_pose_moves_the_whole_face_and_holds_nothing(face):
    found = adjusted_points((("yaw", 8), ("smile", 0.5)), face)
    assert len(found.points) > 60
    assert found.held == ()
    moved = adjusted_landmarks((("yaw", 8),), face)
    turn = 8 * ADJUSTMENTS["yaw"].gain
    assert fit_head(moved).yaw - fit_head(face.landmarks).yaw == pytest.approx(turn, abs=1.5)


def test_a_drag_of_ones_own_takes_the_landmarks_place(face):
    own = FaceDrag("mouth_left", (-9, 2))
    points, adjusted = placed(face, square(face, 0, 512, 0, 512), [own], {"smile": 1})
    assert points[0] == own.place(face)
    assert points[1:] == adjusted.points
    assert not any(point.handle == points[0].handle for point in adjusted.points)
    beside = DragPoint((points[0].handle[0] + 1, points[0].handle[1]), (200.0, 300.0))
    assert len(adjusted_points((("smile", 1),), face, [beside]).points) == len(adjusted.points)
    chin = FaceDrag("chin", (0, 5)).place(face)
    assert len(adjusted_points((("smile", 1),), face, [chin]).points) == len(adjusted.points) + 1


def placed(face, crop, points, adjust):
    photo = Photo(np.zeros((512, 512, 3), np.uint8))
    return place_drags(EditRequest(points, adjust), face, photo, crop)


def square(face, left, right, top, bottom):
    """A face's square, 256 px, around some of its landmarks' box."""
    scale = 256 / np.array([right - left, bottom - top])
    transform = np.array([[scale[0], 0, -scale[0] * left], [0, scale[1], -scale[1] * top]])
    inverse = np.array([[1 / scale[0], 0, left], [0, 1 / scale[1], top]])
    pixels = np.zeros((256, 256, 3), np.uint8)
    return FaceCrop(pixels, face, transform, inverse, np.ones((256, 256), bool))


def test_what_lies_outside_the_faces_square_is_not_adjusted(face):
    """A long chin, for instance; a drag of one's own there is refused later, by its name."""
    whole = square(face, 0, 512, 0, 512)
    every, adjusted = placed(face, whole, [], {"mouth_open": 1})
    assert every == adjusted_points((("mouth_open", 1),), face).points
    low = max(point.target[1] for point in every)
    cut = square(face, 0, 512, 0, low - 1)
    some, left = placed(face, cut, [], {"mouth_open": 1})
    assert 0 < len(some) < len(every)
    assert some == left.points
    assert left.held == adjusted.held
    assert all(point.target[1] < low - 1 for point in some)
    own = FaceDrag("chin", (0, 5))
    kept, _ = placed(face, cut, [own], {"mouth_open": 1})
    assert kept[0] == own.place(face)
    with pytest.raises(PointError, match=r"nothing.*in the face's square.*another"):
        placed(face, square(face, 0, 512, 0, 100), [], {"mouth_open": 1})


def test_a_drag_of_ones_own_is_not_held(face):
    nose = FaceDrag("nose_tip", (0, 5)).place(face)
    assert 30 not in adjusted_points((("smile", 1),), face, [nose]).held


def test_minus_one_shuts_a_gap(face):
    moved = adjusted_landmarks((("mouth_open", -1),), face)
    left = [moved[b, 1] - moved[a, 1] for a, b in ADJUSTMENTS["mouth_open"].gaps]
    assert np.mean(left) == pytest.approx(0, abs=1e-9)
    half = adjusted_landmarks((("mouth_open", -0.5),), face)
    np.testing.assert_allclose(half - face.landmarks, (moved - face.landmarks) / 2)


def test_what_is_revealed_moves_details_too(face, tiny_checkpoint):
    generator = load_generator(str(tiny_checkpoint))
    opened, shut, smile = (
        adjusted_points(((name, value),), face)
        for name, value in (("mouth_open", 0.5), ("mouth_open", -0.5), ("smile", 0.5))
    )
    own = EditSettings(guide=GuideSettings(rows=2))
    assert adjusted_settings(own, opened, generator) is own
    for one in (shut, smile):
        assert adjusted_settings(DEFAULTS, one, generator) is DEFAULTS
    rows = adjusted_settings(DEFAULTS, opened, generator).guide.rows
    assert rows is not None
    assert [resolution <= 64 for resolution in generator.layers].count(True) == rows
    noisy = EditSettings(guide=GuideSettings(noise=0.9))
    noises = [adjusted_settings(one, opened, generator).guide.noise for one in (DEFAULTS, noisy)]
    assert noises == [0.2, 0.9]


def test_a_closed_mouth_cannot_close(face):
    shut = np.array(face.landmarks)
    shut[[65, 66, 67], 1] = shut[[63, 62, 61], 1]
    with pytest.raises(PointError, match=r"mouth_open is -0\.5, and it is closed already"):
        adjusted_points((("mouth_open", -0.5),), Face(1, face.box, shut, 1.0))


@pytest.mark.parametrize("name", EXPRESSIONS)
@pytest.mark.parametrize("degrees", [0, 15])
def test_what_was_asked_is_measured(name, degrees, face):
    tilt = tilted(face, degrees)
    after = adjusted_landmarks(((name, 0.7),), tilt)
    gain = ADJUSTMENTS[name].gain
    (found,) = measure_adjustments(((name, 0.7),), tilt, after)
    assert (found.name, found.asked, found.unit) == (name, 0.7, "")
    assert found.reached == pytest.approx(0.7 * gain, abs=1e-6)
    part = face_between(tilt.landmarks, after, 0.4)
    assert measure_adjustments(((name, 0.7),), tilt, part)[0].reached == pytest.approx(
        0.28 * gain, abs=1e-6
    )


def face_between(before, after, part):
    return before + part * (after - before)


def test_a_face_that_did_nothing_has_reached_nothing(face):
    asked = (("smile", 1.0), ("yaw", 8.0))
    found = measure_adjustments(asked, face, face.landmarks + np.array([3, -2]))
    assert [one.reached for one in found] == pytest.approx([0, 0], abs=1e-6)
    assert [one.unit for one in found] == ["", "degrees"]


def test_eyes_that_look_elsewhere_are_dragged_from_between_their_lids(face):
    asked = (("gaze_x", 0.5), ("gaze_y", 1.0))
    left, right = adjusted_points(asked, face).points
    assert left.handle == pytest.approx(face.landmarks[36:42].mean(axis=0))
    assert right.handle == pytest.approx(face.landmarks[42:48].mean(axis=0))
    assert np.subtract(left.target, left.handle) == pytest.approx((3 * 1.2, -3 * 1.2))
    own = DragPoint(left.handle, (0.0, 0.0))
    assert adjusted_points(asked, face, [own]).points == (right,)
    found = measure_adjustments(asked, face, face.landmarks, np.array([1.5, -3.0]))
    assert [one.reached for one in found] == pytest.approx([0.25, 1])


def test_an_eye_shuts_by_its_lid_alone(face):
    asked = (("eyes_open", -0.5), ("eye_left_open", 0.5), ("smile", 0.5))
    smile = adjusted_landmarks((("smile", 0.5),), face)
    moved = adjusted_landmarks(asked, face)
    np.testing.assert_array_equal(moved[42:48], smile[42:48])
    assert len(adjusted_points((("eyes_open", -1),), face).points) == 2
    (one,) = adjusted_points((("eye_right_open", -0.5),), face).points
    assert one.handle == pytest.approx(face.landmarks[43:45].mean(axis=0))
    shut = np.array([np.nan, 0.4])
    found = measure_adjustments((("eye_right_open", -0.5),), face, face.landmarks, shut=shut)
    assert found[0].reached == pytest.approx(-0.4)


def test_turn_and_expression_are_told_apart(face):
    asked = (("smile", 0.8), ("yaw", 8.0))
    smile, yaw = measure_adjustments(asked, face, adjusted_landmarks(asked, face))
    assert smile.reached == pytest.approx(0.8, abs=0.15)
    assert yaw.reached == pytest.approx(8 * ADJUSTMENTS["yaw"].gain, abs=1.5)
