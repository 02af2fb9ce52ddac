"""Eyes that look elsewhere: irises found and moved in a drawn face."""

import cv2
import numpy as np
import pytest

from photodrag.alignment import Photo
from photodrag.alignment.face_parts import EYES
from photodrag.alignment.iris import find_irises
from photodrag.drag import DragPoint
from photodrag.pipeline.composite.gaze import eye_displacements, gaze, turn_eyes, turned_eyes

WIDTH, HEIGHT, IRIS = 60, 26, 0.19  # px and a part of the width: an eye and its iris
MIDDLES = np.array([(196.0, 225.0), (316.0, 225.0)])


@pytest.fixture
def landmarks(face_marks):
    """Eyes as dlib goes around them: corner, upper lid, corner, lower lid."""
    landmarks = np.array(face_marks)
    lids = [(-30, 0), (-12, -12), (12, -12), (30, 0), (12, 12), (-12, 12)]
    for eye, middle in zip(EYES, MIDDLES, strict=True):
        landmarks[eye] = middle + np.array(lids)
    return landmarks


def drawn(landmarks, off=(0.0, 0.0), depth=8):
    """Skin, and between the lids white with a dark disc, `off` from the middle."""
    picture = np.full((512, 512, 3), (190, 150, 130), np.uint8)
    for eye, middle in zip(EYES, MIDDLES, strict=True):
        area = np.zeros((512, 512), np.uint8)
        cv2.fillPoly(area, [np.round(landmarks[eye]).astype(np.int32)], 1)
        white = np.full_like(picture, 225)
        centre = np.round((middle + off) * 16).astype(int).tolist()
        cv2.circle(white, centre, round(IRIS * WIDTH * 16), (70, 50, 40), -1, cv2.LINE_AA, 4)
        picture = np.where(area[..., None] > 0, white, picture)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.8)
    return Photo(picture if depth == 8 else picture.astype(np.uint16) * 257)


@pytest.mark.parametrize("off", [(0, 0), (6, 0), (-7, 1), (3, 4)])
def test_irises_are_found(landmarks, off):
    found = find_irises(drawn(landmarks, off).pixels, landmarks)
    np.testing.assert_allclose(found, MIDDLES + off, atol=1.5)


def test_a_shut_eye_gives_the_middle_of_its_lids(landmarks):
    landmarks[EYES[0], 1] = 225
    found = find_irises(drawn(landmarks).pixels, landmarks)
    np.testing.assert_allclose(found[0], MIDDLES[0], atol=1)


def test_gaze_is_percent_of_the_eye_distance(landmarks):
    ahead, aside = (gaze(drawn(landmarks, off), landmarks) for off in ((0, 0), (6, 0)))
    np.testing.assert_allclose(aside - ahead, (5, 0), atol=0.8)  # eyes 120 px apart


@pytest.mark.parametrize("depth", [8, 16])
def test_irises_move_and_all_else_stays(landmarks, depth):
    photo, displacement = drawn(landmarks, depth=depth), np.array([6.0, 0.0])
    turned, changed = turn_eyes(photo, landmarks, np.tile(displacement, (2, 1)))
    assert turned.pixels.dtype == photo.pixels.dtype
    np.testing.assert_array_equal(turned.pixels[~changed], photo.pixels[~changed])
    found = find_irises(turned.srgb(), landmarks)
    np.testing.assert_allclose(found, MIDDLES + displacement, atol=1.5)
    rows, columns = np.nonzero(changed)
    for eye, side in zip(EYES, (columns < 256, columns >= 256), strict=True):
        assert (np.abs(rows[side] - 225) <= 15).all()
        assert columns[side].min() > landmarks[eye, 0].min()
        assert columns[side].max() < landmarks[eye, 0].max()


def test_one_eye_alone(landmarks):
    displacements = np.array([[5.0, 0.0], [0.0, 0.0]])
    turned, _ = turn_eyes(drawn(landmarks), landmarks, displacements)
    found = find_irises(turned.pixels, landmarks)
    np.testing.assert_allclose(found - MIDDLES, displacements, atol=1.5)


def test_a_mask_is_obeyed(landmarks):
    mask = np.zeros((512, 512), bool)
    mask[:, :256] = True
    _, changed = turn_eyes(drawn(landmarks), landmarks, np.full((2, 2), 4.0), mask)
    assert changed[:, :256].any()
    assert not changed[:, 256:].any()


def test_a_drag_that_begins_between_the_lids_turns_the_eye(landmarks):
    def drag(x, y, displacement=(2.0, 1.0)):
        return DragPoint((x, y), (x + displacement[0], y + displacement[1]))

    lid = landmarks[37].tolist()
    points = [drag(*MIDDLES[0]), drag(316, 228), drag(*lid), drag(256, 225), drag(190, 226)]
    assert turned_eyes(points, landmarks) == (0, 1, None, None, 0)
    np.testing.assert_allclose(eye_displacements(points, landmarks), [(4, 2), (2, 1)])
    assert turned_eyes([], landmarks) == ()
