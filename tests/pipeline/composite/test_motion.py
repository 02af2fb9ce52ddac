from dataclasses import FrozenInstanceError

import cv2
import numpy as np
import pytest

from photodrag.pipeline.composite.motion import Motion, led_out, measure_motion, steadied
from photodrag.pipeline.imaging.sampling import grid, look_up

SIZE = 256
DISTRUST = 0.006


def texture(size=SIZE, seed=0):
    """Smooth random colours, (size, size, 3) uint8."""
    noise = np.random.default_rng(seed).normal(size=(size, size, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 4)
    return np.clip(127.5 + 60 * smooth / smooth.std(), 0, 255).astype(np.uint8)


def moved(image, x, y):
    return cv2.warpAffine(
        image, np.array([[1.0, 0, x], [0, 1, y]]), image.shape[1::-1], borderMode=cv2.BORDER_REFLECT
    )


@pytest.mark.parametrize("shift", [(0, 0), (3, 0), (0, -4), (2.5, 1.25), (-6, 5)])
def test_shift_of_the_whole_is_found(shift):
    motion = measure_motion(texture(), moved(texture(), *shift), SIZE, DISTRUST)
    inner = (slice(40, -40), slice(40, -40))
    error = np.linalg.norm(motion.backward[inner] + shift, axis=2)
    assert np.median(error) < 0.2
    assert np.percentile(error, 95) < 0.5
    assert motion.trust[inner].mean() > 0.9


def test_equal_images_have_no_motion():
    motion = measure_motion(texture(), texture(), SIZE, DISTRUST)
    assert np.abs(motion.backward).max() < 0.05
    assert motion.trust.min() > 0.99
    assert motion.size == SIZE


def test_motion_is_measured_at_the_size_asked_for():
    motion = measure_motion(texture(512), moved(texture(512), 8, 0), 128, DISTRUST)
    assert motion.backward.shape == (128, 128, 2)
    assert motion.trust.shape == (128, 128)
    # 8 px of 512 are 2 px of 128
    assert np.median(motion.backward[20:-20, 20:-20, 0]) == pytest.approx(-2, abs=0.2)


def test_something_new_is_not_trusted():
    after = texture()
    after[100:150, 100:150] = texture(seed=5)[100:150, 100:150]
    motion = measure_motion(texture(), after, SIZE, DISTRUST)
    assert motion.trust[105:145, 105:145].mean() < 0.5
    assert motion.trust[20:80, 20:80].min() > 0.9
    assert motion.trust.min() >= 0
    assert motion.trust.max() <= 1


def test_grid_holds_every_pixels_own_place():
    positions = grid(4)
    assert positions.shape == (4, 4, 2)
    assert positions[1, 3].tolist() == [3, 1]


def test_look_up_is_bilinear_with_the_border_repeated():
    image = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    np.testing.assert_array_equal(look_up(image, grid(3))[..., 0], image[:, :3, 0])
    positions = np.array([[[0.5, 0.5], [-3, 1], [9, 9]]], np.float32)
    np.testing.assert_allclose(look_up(image, positions)[0, :, 0], [2.5, 4, 11], atol=0.1)


def test_a_motion_too_far_for_the_flow_is_found_where_it_is_known():
    after = moved(texture(), 45, 0)
    inner = (slice(60, -60), slice(60, -60))
    known = np.zeros((SIZE, SIZE, 2), np.float32)
    known[..., 0] = -43
    alone = measure_motion(texture(), after, SIZE, DISTRUST)
    helped = measure_motion(texture(), after, SIZE, DISTRUST, known)
    apart_alone, apart = (
        np.linalg.norm(motion.backward[inner] + (45, 0), axis=2) for motion in (alone, helped)
    )
    assert np.percentile(apart, 90) < 0.5
    assert helped.trust[inner].mean() > 0.9
    assert np.percentile(apart_alone, 90) > 5
    assert helped.backward.dtype == np.float32


def test_a_motion_known_wrong_is_put_right():
    known = np.full((SIZE, SIZE, 2), 2.0, np.float32)
    motion = measure_motion(texture(), moved(texture(), 3, 0), SIZE, DISTRUST, known)
    inner = (slice(40, -40), slice(40, -40))
    assert np.median(np.linalg.norm(motion.backward[inner] + (3, 0), axis=2)) < 0.3


def test_what_is_known_stays_as_it_was():
    known = np.full((SIZE, SIZE, 2), 2.0, np.float32)
    before, after = texture(), texture(seed=1)
    measure_motion(before, after, SIZE, DISTRUST, known)
    assert (known == 2).all()
    np.testing.assert_array_equal(before, texture())
    np.testing.assert_array_equal(after, texture(seed=1))


def disc_face(radius=50, soft=1.5):
    away = np.linalg.norm(grid(SIZE) - SIZE / 2, axis=2)
    return cv2.GaussianBlur((away < radius).astype(np.float32), (0, 0), soft), away


def test_a_flow_is_kept_on_the_face_and_fades_outside():
    face, away = disc_face()
    flow = np.random.default_rng(0).normal(size=(SIZE, SIZE, 2)).astype(np.float32)
    flow[..., 0] += 5
    kept = flow.copy(), face.copy()
    led = led_out(flow, face, 8.0)
    assert led.shape == flow.shape
    assert led.dtype == np.float32
    inside = away < 42
    np.testing.assert_allclose(led[inside], flow[inside], atol=1e-5)
    along = [led[128, 128 + r, 0] for r in (56, 62, 74, 90, 110)]
    assert 4 < along[0] < 5.5
    assert along == sorted(along, reverse=True)
    assert abs(along[-1]) < 0.6
    np.testing.assert_array_equal(flow, kept[0])
    np.testing.assert_array_equal(face, kept[1])


def test_outside_only_the_faces_own_flow_counts():
    """Hair that moves for itself does not move."""
    face, away = disc_face()
    flow = np.zeros((SIZE, SIZE, 2), np.float32)
    flow[away > 56] = 9
    assert np.abs(led_out(flow, face, 8.0)).max() < 0.1


def test_each_side_of_the_face_leads_its_own_surrounding():
    face, _ = disc_face()
    flow = np.zeros((SIZE, SIZE, 2), np.float32)
    flow[:, :128, 0], flow[:, 128:, 0] = -4, 4
    led = led_out(flow, face, 8.0)
    assert led[128, 128 - 60, 0] < -3
    assert led[128, 128 + 60, 0] > 3


def test_steadied_motion_trusts_all_but_openings():
    face, away = disc_face()
    opening = cv2.GaussianBlur((away < 15).astype(np.float32), (0, 0), 1)
    backward = np.full((SIZE, SIZE, 2), 3, np.float32)
    trust = np.zeros((SIZE, SIZE), np.float32)
    trust[away > 10] = 1
    trust[:, 165:170] = 0  # a seam on the cheek, which is no opening
    found = steadied(Motion(backward, trust), face, opening, 8.0)
    assert found.trust[128, 128] < 0.05
    assert found.trust[128, 160:175].min() > 0.99
    assert found.trust[20:40].min() == 1


def test_what_is_not_trusted_follows_what_is():
    face, _ = disc_face()
    backward = np.full((SIZE, SIZE, 2), 3, np.float32)
    trust = np.ones((SIZE, SIZE), np.float32)
    seam = (slice(120, 136), slice(140, 148))
    backward[seam], trust[seam] = -9, 0
    nowhere = np.zeros((SIZE, SIZE), np.float32)
    found = steadied(Motion(backward, trust), face, nowhere, 8.0)
    np.testing.assert_allclose(found.backward[seam], 3, atol=0.2)
    here = steadied(Motion(backward, trust), face, np.ones_like(nowhere), 8.0)
    np.testing.assert_allclose(here.backward[seam], -9, atol=0.1)


def test_motion_is_frozen():
    motion = measure_motion(texture(), texture(), SIZE, DISTRUST)
    with pytest.raises(FrozenInstanceError):
        motion.trust = None
