"""Wide blurs on a smaller picture, beside exact ones."""

import cv2
import numpy as np
import pytest

from photodrag.pipeline.imaging.blurring import blurred


@pytest.fixture
def picture():
    """Smooth, with fine noise and a hard edge; 0..1."""
    random = np.random.default_rng(0)
    coarse = random.random((16, 16, 3), np.float32)
    image = cv2.resize(coarse, (256, 192), interpolation=cv2.INTER_LINEAR)
    image += 0.2 * random.random(image.shape, np.float32)
    image[80:110, 60:200] = 0
    return image / image.max()


@pytest.mark.parametrize("sigma", [3.0, 11.9, 12.0, 15.4, 25.6, 48.0])
def test_it_is_the_exact_blur_but_for_the_border(picture, sigma):
    kept = picture.copy()
    error = np.abs(blurred(picture, sigma) - cv2.GaussianBlur(picture, (0, 0), sigma))
    assert error.max() < 0.02
    assert error[40:-40, 40:-40].max() < (1e-6 if sigma < 12 else 2e-3)
    np.testing.assert_array_equal(picture, kept)


@pytest.mark.parametrize("shape", [(64, 96), (64, 96, 1), (64, 96, 2), (63, 95), (2, 2)])
def test_shape_stays_and_so_does_what_is_even(shape):
    done = blurred(np.full(shape, 0.25, np.float32), 30.0)
    assert done.dtype == np.float32
    np.testing.assert_allclose(done, np.full(shape, 0.25), atol=1e-6)


def test_sides_that_cannot_be_halved_are_blurred_exactly(picture):
    odd = np.ascontiguousarray(picture[:-1, :-1])
    np.testing.assert_array_equal(blurred(odd, 20.0), cv2.GaussianBlur(odd, (0, 0), 20.0))
