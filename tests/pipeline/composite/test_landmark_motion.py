"""What landmarks of two painted faces say: where parts went, and where a mouth has opened."""

from dataclasses import FrozenInstanceError

import cv2
import numpy as np
import pytest

from photodrag.alignment import align, find_faces, open_photo
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion, measure_landmark_motion
from photodrag.pipeline.imaging.sampling import look_up

SIZE = 512
LOWER = [55, 56, 57, 58, 59, 65, 66, 67]  # of the mouth
EYES = 120  # between the eyes of `face_marks`


@pytest.fixture(scope="module")
def crop(portrait_path):
    photo = open_photo(portrait_path)
    return align(photo, find_faces(photo)[0], 256)


@pytest.fixture
def opened_by(face_marks):
    """The face with its lower lip further down by pixels."""

    def make(pixels):
        after = face_marks.copy()
        after[LOWER, 1] += pixels
        return LandmarkMotion(face_marks, after, SIZE)

    return make


def between_the_lips(landmarks):
    """(SIZE, SIZE) bool."""
    area = np.zeros((SIZE, SIZE), np.uint8)
    cv2.fillPoly(area, [np.round(landmarks.after[60:68]).astype(np.int32)], 1)
    return area > 0


@pytest.mark.parametrize("gap", [0, 1, -2])
def test_a_mouth_that_stays_closed_has_opened_nothing(opened_by, gap):
    area = opened_by(gap).opening_mask()
    assert area.shape == (SIZE, SIZE)
    assert area.dtype == np.float32
    assert not area.any()


def test_a_mouth_that_moves_as_a_whole_has_opened_nothing(face_marks):
    after = face_marks.copy()
    after[48:68] += (9, 14)
    assert not LandmarkMotion(face_marks, after, SIZE).opening_mask().any()


def test_a_mouth_that_was_open_and_stays_so_has_opened_nothing(opened_by):
    after = opened_by(20).after
    assert not LandmarkMotion(after, after + 3, SIZE).opening_mask().any()


def test_an_opened_mouth_is_marked_between_the_lips_only(opened_by):
    landmarks = opened_by(20)
    area, inside = landmarks.opening_mask(), between_the_lips(landmarks)
    deep = cv2.erode(inside.astype(np.uint8), np.ones((7, 7), np.uint8)) > 0
    near = cv2.dilate(inside.astype(np.uint8), np.ones((25, 25), np.uint8)) > 0
    assert deep.any()
    assert area[deep].min() > 0.98
    assert area[~near].max() == 0
    assert 0 <= area.min() <= area.max() <= 1 + 1e-6


def test_its_edge_is_soft(opened_by):
    assert np.abs(np.diff(opened_by(20).opening_mask(), axis=0)).max() < 0.5


def test_the_wider_the_more_it_counts(opened_by):
    """A gap wider by 1.5 % of the eye distance counts for nothing, by 3.5 % for all."""
    most = [opened_by(part * EYES).opening_mask().max() for part in (0.014, 0.025, 0.036, 0.1)]
    assert most[0] == 0
    assert most[1] == pytest.approx(0.5, abs=0.06)
    assert most[2] == pytest.approx(most[3], abs=0.02)
    assert most[3] == pytest.approx(1, abs=0.02)


def test_landmarks_lead_to_where_they_were(opened_by):
    landmarks = opened_by(10)
    offset = look_up(landmarks.field(), landmarks.after[None].astype(np.float32))[0]
    np.testing.assert_allclose(offset, landmarks.before - landmarks.after, atol=2.5)


def test_lips_that_part_move_each_by_itself(opened_by):
    """As they would if the other one were not there: to the very edge of the gap."""
    landmarks = opened_by(14)
    offset = landmarks.field()
    for landmark, away, displacement in ((62, -1.5, 0), (61, -1.5, 0), (66, 1.5, -14)):
        x, y = landmarks.after[landmark] + (0, away)
        assert offset[round(y), round(x), 1] == pytest.approx(displacement, abs=1.5)
    for landmark, displacement in ((51, 0), (57, -14)):
        x, y = landmarks.after[landmark].round().astype(int)
        assert offset[y, x, 1] == pytest.approx(displacement, abs=1)


def test_a_face_that_moves_as_a_whole_moves_between_its_landmarks_too(face_marks):
    landmarks = LandmarkMotion(face_marks, np.add(face_marks, (6, -4)), SIZE)
    offset = landmarks.field()
    np.testing.assert_allclose(offset[342:358, 226:286], np.full((16, 60, 2), (-6, 4)), atol=1)
    assert np.abs(offset[:60]).max() < 0.5


def test_no_motion_is_none(face_marks):
    assert not LandmarkMotion(face_marks, face_marks, SIZE).field().any()


def test_a_handle_at_the_lips_lands_with_them_and_others_where_told(opened_by, face_marks):
    landmarks = opened_by(14)
    photo = np.add(face_marks, (2, 1))  # the photo's own differ a little
    handles = np.array([photo[57], photo[57] + (1, 0), photo[57] + (5, 0), (256.0, 60), photo[30]])
    positions = np.array([(1.0, 2), (3, 4), (5, 6), (7, 8), (9, 10)])
    landed = landmarks.handle_positions(handles, photo, positions)
    np.testing.assert_allclose(landed[:2], np.add(handles[:2], (0, 14)))
    np.testing.assert_array_equal(landed[2:], positions[2:])


def test_the_face_is_as_wide_as_the_inverted_one(opened_by):
    assert opened_by(30).eye_distance == pytest.approx(EYES)


def test_it_is_frozen_and_leaves_the_landmarks_alone(opened_by):
    landmarks = opened_by(20)
    kept = landmarks.before.copy(), landmarks.after.copy()
    landmarks.opening_mask()
    landmarks.field()
    landmarks.handle_positions(landmarks.before[:4], landmarks.before, landmarks.before[:4])
    np.testing.assert_array_equal(landmarks.before, kept[0])
    np.testing.assert_array_equal(landmarks.after, kept[1])
    with pytest.raises(FrozenInstanceError):
        landmarks.size = 3


def test_landmarks_of_painted_faces_are_found_in_the_maps_pixels(crop):
    """The pictures may have another size than the map."""
    shown = crop.pixels
    shifted = cv2.warpAffine(
        shown, np.array([[1.0, 0, 5], [0, 1, -4]]), (256, 256), borderMode=cv2.BORDER_REFLECT
    )
    landmarks = measure_landmark_motion(shown, shifted, crop, SIZE)
    expected = crop.to_size(crop.to_crop(crop.face.landmarks), SIZE)
    assert landmarks.size == SIZE
    assert (
        np.median(np.linalg.norm(landmarks.before - expected, axis=1))
        < 0.02 * landmarks.eye_distance
    )
    np.testing.assert_allclose(
        (landmarks.after - landmarks.before).mean(axis=0), (10, -8), atol=0.6
    )


def test_a_face_found_elsewhere_is_a_mistake(crop):
    turned = np.ascontiguousarray(crop.pixels[:, ::-1])
    beside = np.roll(turned, 90, axis=1)
    assert measure_landmark_motion(beside, crop.pixels, crop, SIZE) is None


@pytest.mark.parametrize("size", [SIZE, SIZE + 1])
def test_every_landmark_counts(face_marks, size):
    """In maps of any size."""
    after = face_marks + np.random.default_rng(0).normal(0, 4, face_marks.shape)
    after[61:64, 1] = after[[67, 66, 65], 1]  # a shut mouth
    landmarks = LandmarkMotion(face_marks, after, size)
    found = look_up(landmarks.field(), after[None].astype(np.float32))[0]
    apart = np.delete(np.arange(68), [*range(60, 68)])  # those of the lips lie too near together
    np.testing.assert_allclose(found[apart], (face_marks - after)[apart], atol=4)
    assert np.linalg.norm(found[apart] - (face_marks - after)[apart], axis=1).mean() < 1
