import cv2
import numpy as np
import pytest

from photodrag.pipeline.motion import grid, look_up, measure_motion

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
    places = grid(4)
    assert places.shape == (4, 4, 2)
    assert places[1, 3].tolist() == [3, 1]


def test_look_up_is_bilinear_with_the_border_repeated():
    image = np.arange(12, dtype=np.float32).reshape(3, 4, 1)
    np.testing.assert_array_equal(look_up(image, grid(3))[..., 0], image[:, :3, 0])
    places = np.array([[[0.5, 0.5], [-3, 1], [9, 9]]], np.float32)
    np.testing.assert_allclose(look_up(image, places)[0, :, 0], [2.5, 4, 11], atol=0.1)
