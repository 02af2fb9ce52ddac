"""What is painted, in the photo's colours: bright teeth whole, the dark of a mouth hardly."""

import numpy as np
import pytest

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.pipeline.composite.blend import Change, blend
from photodrag.pipeline.composite.colors import Colors
from photodrag.pipeline.imaging.linear_light import to_linear

SIZE = 64
SHIFT = np.array([-0.04, 0.03, 0.05], np.float32)


def painted_alone(light):
    """A photo in which all is painted in one light, with a shift of its colour: the light shown."""
    pixels = np.full((SIZE, SIZE, 3), 128, np.uint8)
    face = Face(1, (0.0, 0.0, 64.0, 64.0), np.random.default_rng(0).uniform(9, 50, (68, 2)), 1.0)
    crop = FaceCrop(pixels, face, np.eye(2, 3), np.eye(2, 3), np.ones((SIZE, SIZE), bool))
    flat = np.ones((SIZE, SIZE, 3), np.float32)
    still = np.zeros((SIZE, SIZE, 2), np.float32)
    change = Change(
        still, still, 0 * flat[..., 0], Colors(flat, light * flat, SHIFT * flat), flat[..., 0]
    )
    done = blend(Photo(pixels), crop, (0, 0, SIZE, SIZE), change, None)
    return to_linear(done.photo.pixels)[SIZE // 2, SIZE // 2]


@pytest.mark.parametrize("light", [0.6, 0.15])
def test_what_is_bright_gets_the_whole_shift(light):
    np.testing.assert_allclose(painted_alone(np.float32(light)), light + SHIFT, atol=0.005)


def test_what_is_dark_gets_no_colour_of_its_own():
    shown = painted_alone(np.float32(0.005))
    np.testing.assert_allclose(shown, 0.005 + 0.05 * SHIFT, atol=0.002)


def test_in_between_the_shift_grows_with_the_light():
    np.testing.assert_allclose(painted_alone(np.float32(0.05)), 0.05 + SHIFT / 2, atol=0.003)
