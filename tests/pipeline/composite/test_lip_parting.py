"""Shut lips that should part: what was asked, and how they part."""

import cv2
import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.alignment.face_measures import eye_distance, mouth_gap
from photodrag.alignment.face_parts import LIP_PAIRS
from photodrag.drag import DragPoint
from photodrag.pipeline import CompositeSettings
from photodrag.pipeline.composite import new_mouth as fresh_module
from photodrag.pipeline.composite.compositing import composite
from photodrag.pipeline.composite.landmark_motion import LandmarkMotion
from photodrag.pipeline.composite.lip_parting import Parted, lip_handles, part_lips, should_part
from photodrag.pipeline.composite.painted_change import PaintedChange
from photodrag.pipeline.imaging.sampling import grid

SIZE = 512
LOWER = [*range(55, 60), 65, 66, 67]


class Fresh:
    """Another face, whose lips part where they `can`; the whole lower lip goes the same way."""

    def __init__(self, can=True, knows=True):
        self.can, self.knows, self.gaps = can, knows, []

    def paint(self):
        raise AssertionError("painted")

    def opened(self, crop, gap):
        self.gaps.append(gap)
        return Fresh() if self.can else None

    def likely_displacements(self, numbers, displacements):
        every = np.zeros((68, 2))
        every[LOWER] = displacements.mean(axis=0)
        return every if self.knows else None


@pytest.fixture
def shut(face_marks):
    """A face whose lips touch."""
    landmark_motion = face_marks.copy()
    for upper, lower in LIP_PAIRS:
        landmark_motion[lower] = landmark_motion[upper]
    return landmark_motion


@pytest.fixture
def crop(shut, crop_of):
    return crop_of(shut)


@pytest.fixture
def ramp():
    """An image whose colours tell where a pixel was."""
    return np.dstack([grid(SIZE) / 2, np.zeros((SIZE, SIZE))]).astype(np.uint8)


def parted(landmark_motion, pixels, landmarks=LOWER):
    goals = landmark_motion.copy()
    goals[[*landmarks], 1] += pixels
    return goals


def lip_goals(landmarks, handles, targets):
    goals = landmarks.copy()
    for landmark, handle in lip_handles(landmarks, handles, targets).items():
        goals[landmark] += targets[handle] - handles[handle]
    return goals


def part(landmark_motion, landmarks, goals, crop, image, fresh):
    """With a handle at each landmark that has another goal."""
    moved = np.flatnonzero((goals != landmarks).any(axis=1))
    given = Parted(landmark_motion, image, fresh, [])
    return part_lips(given, landmarks, landmarks[moved], goals[moved], crop)


@pytest.mark.parametrize(
    ("already", "further", "landmarks", "should"),
    [
        (0, 0.05, LOWER, True),
        (0, 0.05, [66], True),
        (0.03, 0.05, LOWER, True),
        (0, 0.02, LOWER, False),
        (0, 0.1, [57, 8], False),
        (0.08, 0.05, LOWER, False),
        (0.04, -0.02, LOWER, False),
    ],
    ids=["shut", "one handle", "ajar", "by little", "none at the lips", "open", "closes"],
)
def test_shut_lips_should_part(shut, already, further, landmarks, should):
    eyes = eye_distance(shut)
    first = parted(shut, already * eyes)
    assert should_part(first, parted(first, further * eyes, landmarks)) is should


def test_goals_are_where_handles_of_lips_go(shut):
    handles = np.array([shut[48], shut[57], shut[8], (10.0, 10.0)])
    goals = lip_goals(shut, handles, handles + 7)
    np.testing.assert_allclose(goals[[48, 57]], shut[[48, 57]] + 7)
    others = np.delete(np.arange(68), [48, 57])
    np.testing.assert_allclose(goals[others], shut[others])


@pytest.mark.parametrize("order", [1, -1])
def test_of_lips_that_touch_the_upper_one_goes_up(shut, order):
    """Whichever handle comes first, and though neither begins quite at its landmark."""
    handles = shut[[62, 66]] + [(0.4, 0.3), (0.2, -0.2)]
    displacements = np.array([(0, -5), (0, 9)])
    goals = lip_goals(shut, handles[::order], (handles + displacements)[::order])
    np.testing.assert_allclose(goals[[62, 66]], shut[[62, 66]] + displacements)


def test_a_handle_on_the_seam_tells_by_its_way_which_lip_it_is(shut):
    handle = shut[[62]] + [(0.5, 0.0)]
    for displacement, lip in (((0, 8), 66), ((0, -8), 62)):
        goals = lip_goals(shut, handle, handle + displacement)
        np.testing.assert_allclose(goals[lip], shut[lip] + displacement)
        assert should_part(shut, goals)


def test_a_landmarks_own_handle_is_no_other_lips(face_marks):
    """A lower lip that is pressed up opens nothing, nor does one that goes sideways."""
    for displacement in ((0, -8), (8, 0)):
        goals = lip_goals(face_marks, face_marks[[66]], face_marks[[66]] + displacement)
        np.testing.assert_allclose(goals[66], face_marks[66] + displacement)
        assert not should_part(face_marks, goals)


def test_a_mouth_that_closes_too_far_does_not_part(shut):
    ajar = parted(shut, 5)
    goals = lip_goals(ajar, ajar[[62, 66]], ajar[[62, 66]] + [(0, 9), (0, -9)])
    assert not should_part(ajar, goals)


def test_a_handle_beside_a_landmark_asks_by_its_way_alone(shut):
    handle = shut[[66]] + [(0.0, 3.0)]
    goals = lip_goals(shut, handle, np.add(handle, (1.5, 0)))
    assert not should_part(shut, goals)


def test_lips_part_as_far_as_asked_in_the_face_and_in_its_landmarks(shut, crop, ramp):
    """From where the photo has its lips, even where the painted ones were found elsewhere."""
    fresh, goals = Fresh(), parted(shut, 14)
    painted = shut.copy()
    painted[60:68, 1] += 5
    landmark_motion, after, other, led = part(
        LandmarkMotion(painted, painted, SIZE), shut, goals, crop, ramp, fresh
    )
    np.testing.assert_allclose(landmark_motion.before[48:68], shut[48:68])
    np.testing.assert_allclose(landmark_motion.after[[62, 65, 66, 67]], goals[[62, 65, 66, 67]])
    assert other is not fresh
    assert sorted(led) == list(range(len(LOWER)))
    assert fresh.gaps == pytest.approx([mouth_gap(landmark_motion.after) / SIZE])
    x, y = landmark_motion.after[66].round().astype(int)
    assert 2.0 * after[y + 1, x, 1] == pytest.approx(shut[66, 1] + 1, abs=3)
    np.testing.assert_array_equal(after[:200], ramp[:200])


def test_a_face_that_has_moved_parts_its_lips_where_they_are_now(shut, crop, ramp):
    turned = np.add(shut, (6, 0))
    goals = parted(shut, 14)
    goals[48:68] += np.array([6, 0])
    landmark_motion, after, _, _ = part(
        LandmarkMotion(shut, turned, SIZE), shut, goals, crop, ramp, Fresh()
    )
    np.testing.assert_allclose(landmark_motion.after[:48], turned[:48])
    x, y = landmark_motion.after[66].round().astype(int)
    assert 2.0 * after[y + 1, x, 0] == pytest.approx(turned[66, 0], abs=3)


def test_lips_that_the_generator_parted_too_far_come_to_where_they_should(shut, crop, ramp):
    landmark_motion, after, _, _ = part(
        LandmarkMotion(shut, parted(shut, 30), SIZE), shut, parted(shut, 14), crop, ramp, Fresh()
    )
    np.testing.assert_allclose(landmark_motion.after[LOWER], parted(shut, 14)[LOWER])
    x, y = landmark_motion.after[66].round().astype(int)
    assert 2.0 * after[y + 1, x, 1] == pytest.approx(shut[66, 1] + 31, abs=3)


def test_lips_without_a_handle_go_along(shut, crop, ramp):
    landmark_motion, _, _, _ = part(
        LandmarkMotion(shut, shut, SIZE), shut, parted(shut, 14, [66]), crop, ramp, Fresh()
    )
    np.testing.assert_allclose((landmark_motion.after - landmark_motion.before)[LOWER, 1], 14)


@pytest.mark.parametrize(
    ("asked", "fresh"),
    [(1, Fresh()), (14, Fresh(can=False)), (14, Fresh(knows=False))],
    ids=["not asked", "no face with open lips", "nothing is known"],
)
def test_all_stays_as_it_was(shut, crop, ramp, asked, fresh):
    landmark_motion = LandmarkMotion(shut, shut, SIZE)
    found = part(landmark_motion, shut, parted(shut, asked), crop, ramp, fresh)
    assert all(
        one is other for one, other in zip(found[:3], (landmark_motion, ramp, fresh), strict=True)
    )


class Opened(Fresh):
    """Has a face with open lips, of dark stripes."""

    def __init__(self, image):
        super().__init__()
        self.image = image

    def paint(self):
        return self.image

    def opened(self, crop, gap):
        return self


def test_the_photos_lips_part_and_the_other_face_is_seen_between(shut, monkeypatch):
    """Though both painted faces are the same, with shut lips."""
    goals = parted(shut, 16)
    monkeypatch.setattr(fresh_module, "painted_landmarks", lambda image, crop: goals)
    noise = np.random.default_rng(0).integers(96, 160, (SIZE, SIZE, 3)).astype(np.uint8)
    blurred = cv2.GaussianBlur(noise.astype(np.float32), (0, 0), 4)
    smooth = np.clip((blurred - blurred.mean()) * 8 + 128, 40, 220).astype(np.uint8)
    striped = smooth - np.uint8(10)
    striped[np.arange(SIZE) % 6 < 3] -= 20
    still, valid = np.eye(2, 3), np.ones((SIZE, SIZE), bool)
    crop = FaceCrop(smooth, Face(1, (80.0, 80.0, 432.0, 480.0), shut, 1.0), still, still, valid)
    points = [DragPoint(tuple(shut[i]), tuple(goals[i])) for i in LOWER]
    painted = LandmarkMotion(shut, shut, SIZE)
    plain, opened = (
        composite(
            Photo(smooth),
            crop,
            PaintedChange(smooth, smooth, tuple(points), landmark_motion=painted, untuned=fresh),
            settings,
        ).photo.pixels.astype(int)
        for settings, fresh in (
            (CompositeSettings(flow_size=SIZE, method="paste"), Opened(striped)),
            (CompositeSettings(flow_size=SIZE), Opened(striped)),
        )
    )
    x, top, bottom = (round(v) for v in (goals[62, 0], goals[62, 1] + 4, goals[66, 1] - 3))

    def stripes(pixels):
        return np.abs(np.diff(pixels[top:bottom, x - 12 : x + 13].mean(axis=2), axis=0)).mean()

    assert stripes(opened) > 5 * stripes(plain)
    lip = np.s_[round(goals[66, 1]) + 3 : round(goals[66, 1]) + 8, x - 10 : x + 11]
    was = smooth[lip[0].start - 16 : lip[0].stop - 16, lip[1]].astype(int)
    assert np.abs(opened[lip] - was).mean() < 0.5 * np.abs(smooth[lip].astype(int) - was).mean()
