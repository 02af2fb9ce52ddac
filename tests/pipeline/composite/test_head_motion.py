"""The head that moves as one, apart from what the generator paints."""

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.alignment.face_parts import RIGID
from photodrag.drag import DragPoint
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.head_motion import STILL, HeadMotion, head_motion
from photodrag.pipeline.composite.lip_parting import stay_shut
from photodrag.pipeline.composite.painted_change import PaintedChange

SIZE = 512
TILT = HeadMotion(np.exp(0.15j), complex(38.0, -30.0))
NO_MOVE = np.array([[1.0, 0, 0], [0, 1.0, 0]])


def drags(landmarks, ends, numbers=range(68)):
    return tuple(DragPoint(tuple(landmarks[n]), tuple(ends[n])) for n in numbers)


def test_it_is_found_in_drags_of_the_whole_face(face_marks):
    found = head_motion(drags(face_marks, TILT.at(face_marks)), face_marks)
    assert found.turn == pytest.approx(TILT.turn)
    assert found.shift == pytest.approx(TILT.shift)


def test_an_expression_is_none_of_it(face_marks):
    ends = TILT.at(face_marks)
    others = [n for n in range(68) if n not in RIGID]
    assert head_motion(drags(face_marks, ends, others), face_marks) is None
    assert head_motion(drags(face_marks, ends, RIGID[:7]), face_marks) is None
    assert head_motion(drags(face_marks, ends, RIGID[:8]), face_marks) is not None
    assert head_motion((), face_marks) is None


def test_what_is_left_of_a_drag_and_the_head_give_it_again(face_marks):
    handle = tuple(face_marks[54])
    drag = DragPoint(handle, (330.0, 340.0))
    rest = TILT.rest(drag, handle)
    assert rest.handle == handle
    assert TILT.at(np.array(rest.target)) == pytest.approx(drag.target)
    alone = TILT.rest(DragPoint(handle, tuple(TILT.at(np.array(handle)))), handle)
    assert np.hypot(*np.subtract(alone.target, handle)) < 2e-3


def test_motions_follow_each_other(face_marks):
    other = HeadMotion(1.1 + 0.2j, complex(-3, 8))
    np.testing.assert_allclose(TILT.then(other).at(face_marks), other.at(TILT.at(face_marks)))
    np.testing.assert_allclose(TILT.undone(TILT.at(face_marks)), face_marks)
    assert STILL.at(face_marks) is face_marks
    square = np.array([[2.0, 0.5, 7.0], [-0.5, 2.0, 9.0]])
    place = np.array([3.0, 4.0, 1.0])
    np.testing.assert_allclose(TILT.moved(square) @ place, TILT.at(square @ place))


def test_it_is_whole_on_the_face_and_nothing_at_the_border(face_marks):
    crop = crop_of(np.zeros((SIZE, SIZE, 3), np.uint8), face_marks)
    backward = TILT.backward(face_marks, crop, SIZE)
    ends = TILT.at(face_marks)
    x, y = np.rint(ends[RIGID[2]]).astype(int)
    np.testing.assert_allclose(
        np.array([x, y]) + backward[y, x], TILT.undone(np.array([x, y], float)), atol=1e-3
    )
    border = np.concatenate([backward[0], backward[-1], backward[:, 0], backward[:, -1]])
    assert np.abs(border).max() == 0.0
    # Nothing folds: what lies beside each other stays so.
    for axis in (0, 1):
        assert (np.diff(backward[..., 1 - axis], axis=axis) > -1).all()


def crop_of(pixels, landmarks):
    face = Face(1, (100, 100, 400, 400), landmarks, 1.0)
    return FaceCrop(pixels, face, NO_MOVE, NO_MOVE, np.ones(pixels.shape[:2], bool))


def test_the_photos_own_face_is_tilted_where_nothing_else_is_asked(face_marks):
    noise = np.random.default_rng(0).normal(size=(SIZE, SIZE, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    pixels = np.clip(127 + 40 * smooth / smooth.std(), 0, 255).astype(np.uint8)
    crop = crop_of(pixels, face_marks)
    change = PaintedChange(pixels, pixels, drags(face_marks, TILT.at(face_marks)))
    settings = CompositeSettings(flow_size=SIZE, learned_light=0.0)
    done = composite(Photo(pixels), crop, change, settings)
    matrix = np.array(
        [
            [TILT.turn.real, -TILT.turn.imag, TILT.shift.real],
            [TILT.turn.imag, TILT.turn.real, TILT.shift.imag],
        ]
    )
    expected = cv2.warpAffine(pixels, matrix, (SIZE, SIZE), flags=cv2.INTER_CUBIC)
    face = np.zeros((SIZE, SIZE), np.uint8)
    hull = cv2.convexHull(np.rint(TILT.at(face_marks)).astype(np.int32))
    cv2.fillConvexPoly(face, hull, 1)
    inside = cv2.erode(face, np.ones((9, 9), np.uint8)) > 0
    away = np.abs(done.photo.pixels.astype(float) - expected)[inside]
    assert away.mean() < 2.5
    np.testing.assert_array_equal(done.photo.pixels[:2], pixels[:2])
    np.testing.assert_allclose(done.reached, TILT.at(face_marks), atol=0.5)


def test_lips_of_a_tilted_face_stay_shut(face_marks):
    ends = HeadMotion(np.exp(0.1j), 0j).at(face_marks)
    ends += face_marks.mean(axis=0) - ends.mean(axis=0)
    assert stay_shut(face_marks, face_marks, ends)
    assert not stay_shut(face_marks, face_marks[:60], ends[:60])
    opened = ends.copy()
    opened[65:68, 1] += 20
    assert not stay_shut(face_marks, face_marks, opened)
