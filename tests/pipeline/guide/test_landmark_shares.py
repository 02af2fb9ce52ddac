"""Of which landmarks a handle is the mean."""

import numpy as np
import pytest

from photodrag.alignment.face_measures import eye_distance
from photodrag.pipeline.guide.run import landmark_shares


def test_a_handle_at_a_landmark_is_that_landmark(face_marks):
    handles = face_marks[[48, 8, 37]] + 0.01 * eye_distance(face_marks)
    shares, at_one = landmark_shares(handles, face_marks)
    np.testing.assert_array_equal(shares, np.eye(68)[[48, 8, 37]])
    assert at_one.tolist() == [True, True, True]


def test_a_handle_among_landmarks_belongs_to_the_near_ones(face_marks):
    middle = face_marks[[5, 6]].mean(axis=0)
    shares, at_one = landmark_shares(middle[None], face_marks)
    assert not at_one[0]
    assert shares[0].sum() == pytest.approx(1)
    assert shares[0, 5] == pytest.approx(shares[0, 6])
    assert shares[0, 5] > shares[0, 4] > shares[0, 3]
    assert shares[0, 30] < 1e-6


def test_a_handle_far_from_all_is_nobodys(face_marks):
    shares, at_one = landmark_shares(np.array([[256.0, 60], [-500, -500]]), face_marks)
    assert (shares == 0).all()
    assert not at_one.any()


def test_shares_grow_with_the_face(face_marks):
    handles = np.array([[256.0, 330], [120, 300], [256, 60]])
    small, large = (
        landmark_shares(handles * scale, face_marks * scale)[0] for scale in (0.25, 4.0)
    )
    np.testing.assert_allclose(small, large)


def test_shares_leave_what_is_given_alone(face_marks):
    handles = face_marks[:3] + 20
    kept = handles.copy(), face_marks.copy()
    landmark_shares(handles, face_marks)
    np.testing.assert_array_equal(handles, kept[0])
    np.testing.assert_array_equal(face_marks, kept[1])


def test_eye_distance_is_between_the_eyes_centres(face_marks):
    assert eye_distance(face_marks) == pytest.approx(120)
    assert eye_distance(face_marks * 3 + 7) == pytest.approx(360)
