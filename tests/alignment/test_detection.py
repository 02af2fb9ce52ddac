"""Faces that are hard to find, and pictures without any."""

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from photodrag.alignment import Photo, detection, find_faces
from photodrag.alignment.hog import hog_faces
from photodrag.alignment.landmarks import predict
from photodrag.alignment.resampling import sample


@pytest.fixture(scope="module")
def half(portrait):
    """The portrait at half its size."""
    return np.asarray(
        cv2.resize(portrait.pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    )


def near(found, expected, part=0.03):
    """Whether landmarks lie within a part of the eye distance, on average."""
    gaps = np.hypot(*(found.landmarks - expected).T)
    return gaps.mean() < part * found.eye_distance


def test_landmarks_are_those_that_dlibs_own_detector_leads_to(portrait, face):
    small = cv2.resize(portrait.pixels, (512, 512), interpolation=cv2.INTER_AREA)
    (seen,) = hog_faces(np.asarray(small))
    frame = seen.through(np.array([[4, 0, 1.5], [0, 4, 1.5]])).frame
    own = predict(lambda to, size: sample(portrait.pixels, to, size, portrait.to_srgb), frame)
    gaps = np.hypot(*(face.landmarks - own).T)
    assert np.sqrt((gaps**2).mean()) < 0.005 * face.eye_distance
    assert face.score == pytest.approx(0.95, abs=0.05)


def test_a_dark_face_is_found(half, face):
    noise = np.random.default_rng(2).normal(0, 2, half.shape)
    dark = np.clip(half * 0.06 + noise, 0, 255).astype(np.uint8)
    (found,) = find_faces(Photo(dark))
    assert near(found, face.landmarks / 2)


def test_a_bright_face_in_a_dark_picture_is_found(half, face):
    around = np.full((2400, 3200, 3), 4, np.uint8)
    small = cv2.resize(half, (256, 256), interpolation=cv2.INTER_AREA)
    around[900:1156, 700:956] = small
    (found,) = find_faces(Photo(around))
    assert near(found, face.landmarks / 8 + (700, 900))


def test_a_face_behind_a_hand_is_found(half, face):
    covered = half.copy()
    covered[:, round(face.landmarks[30, 0] / 2) :] = (92, 84, 70)
    (found,) = find_faces(Photo(covered))
    assert near(found, face.landmarks / 2, 0.33)


@pytest.mark.parametrize("angle", [40, 90, -90, 180])
def test_a_turned_face_is_found_the_right_way_up(half, face, angle):
    turn = cv2.getRotationMatrix2D((512, 512), angle, 0.7)
    picture = cv2.warpAffine(half, turn, (1024, 1024), borderValue=(128, 128, 128))
    (found,) = find_faces(Photo(np.asarray(picture)))
    assert near(found, face.landmarks / 2 @ turn[:, :2].T + turn[:, 2])


def test_a_face_that_the_border_cuts_is_found(half, face):
    cut = np.ascontiguousarray(half[:, 300:])
    (found,) = find_faces(Photo(cut))
    gaps = np.hypot(*(found.landmarks - face.landmarks / 2 + (300, 0)).T)
    assert np.median(gaps) < 0.1 * found.eye_distance


def test_faces_in_a_panorama_are_found(half):
    wide = np.full((400, 12000, 3), 120, np.uint8)
    wide[50:306, 2000:2256] = cv2.resize(half, (256, 256), interpolation=cv2.INTER_AREA)
    wide[100:228, 9000:9128] = cv2.resize(half, (128, 128), interpolation=cv2.INTER_AREA)
    first, second = find_faces(Photo(wide))
    assert 2000 < first.eye_left[0] < 2256
    assert 9000 < second.eye_left[0] < 9128


def test_a_far_face_is_found_beside_a_near_one(half, face):
    """60 pixels wide in 12 megapixels; one of less than 40 counts only where it is alone."""
    picture = np.full((3000, 4000, 3), 120, np.uint8)
    picture[:1024, :1024] = half
    picture[2000:2128, 3000:3128] = cv2.resize(half, (128, 128), interpolation=cv2.INTER_AREA)
    tiny = cv2.resize(half, (64, 64), interpolation=cv2.INTER_AREA)
    picture[500:564, 2000:2064] = tiny
    near_one, far = find_faces(Photo(picture))
    assert near(near_one, face.landmarks / 2)
    assert near(far, face.landmarks / 16 + (3000, 2000), 0.08)
    alone = np.full((300, 400, 3), 120, np.uint8)
    alone[100:164, 200:264] = tiny
    (found,) = find_faces(Photo(alone))
    assert found.box[2] - found.box[0] < 40


def test_two_cheeks_together_are_two_faces(half, face):
    left = round(face.landmarks[:, 0].min() / 2)
    right = round(face.landmarks[:, 0].max() / 2)
    one = half[:, left - 20 : right + 20]
    found = find_faces(Photo(np.ascontiguousarray(np.concatenate([one, one[:, ::-1]], axis=1))))
    assert len(found) == 2


def pictures_without_faces():
    rng = np.random.default_rng(4)
    yield "noise", rng.integers(0, 256, (500, 700, 3), np.uint8)
    clouds = sum(
        cv2.resize(rng.normal(size=(2**k, 2**k)), (900, 700), interpolation=cv2.INTER_CUBIC) / k
        for k in range(2, 8)
    )
    yield "clouds", np.clip(128 + 50 * clouds, 0, 255).astype(np.uint8)[..., None].repeat(3, 2)
    discs = np.full((800, 1000, 3), (200, 180, 150), np.uint8)
    for x, y, radius, *colour in rng.integers(0, 256, (60, 6)).tolist():
        cv2.circle(discs, (4 * x, 3 * y), radius // 3, colour, -1)
    yield "discs", discs
    text = np.full((600, 900, 3), 240, np.uint8)
    for row in range(40, 600, 40):
        letters = "".join(map(chr, rng.integers(48, 123, 40)))
        cv2.putText(text, letters, (10, row), 0, 1, (20, 20, 20), 2)
    yield "text", text


@pytest.mark.parametrize(("name", "picture"), [*pictures_without_faces()])
def test_no_face_is_seen_where_none_is(name, picture):
    assert find_faces(Photo(picture)) == (), name


def test_what_is_beside_a_face_is_none(half, face):
    """Hair, shoulders, wall: the face itself is filled with them."""
    clothes = half[-200:]
    assert find_faces(Photo(np.ascontiguousarray(np.concatenate([clothes, clothes[::-1]])))) == ()


@pytest.mark.parametrize("blind", [1, 2, 3])
def test_where_one_finder_sees_nothing_the_next_is_asked(monkeypatch, half, face, blind):
    for name in ("_yunet_upright", "_yunet_turned", "_blazeface")[:blind]:
        monkeypatch.setattr(detection, name, lambda _: iter(()))
    (found,) = find_faces(Photo(half))
    assert near(found, face.landmarks / 2, 0.01)


def test_threads_find_what_one_finds(half):
    (face,) = find_faces(Photo(half))
    with ThreadPoolExecutor(4) as pool:
        every = list(pool.map(find_faces, [Photo(half)] * 8))
    assert all((found.landmarks == face.landmarks).all() for (found,) in every)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 900, 3), (2000, 3, 3)])
def test_tiny_and_thin_pictures_have_no_face(shape):
    assert find_faces(Photo(np.full(shape, 90, np.uint8))) == ()


def test_sixteen_bits_give_the_same_face(half):
    (face,) = find_faces(Photo(half))
    (deep,) = find_faces(Photo(half.astype(np.uint16) * 257))
    assert np.abs(deep.landmarks - face.landmarks).max() < 0.01 * face.eye_distance
