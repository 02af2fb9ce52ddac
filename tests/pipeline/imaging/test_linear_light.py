import numpy as np
import pytest

from photodrag.pipeline.imaging.linear_light import from_linear, to_linear


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_every_value_comes_back_exactly(dtype):
    values = np.arange(np.iinfo(dtype).max + 1).astype(dtype)
    np.testing.assert_array_equal(from_linear(to_linear(values), np.dtype(dtype)), values)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_light_rises_from_black_to_white(dtype):
    light = to_linear(np.arange(np.iinfo(dtype).max + 1).astype(dtype))
    assert light.dtype == np.float32
    assert (light[0], light[-1]) == (0, 1)
    assert (np.diff(light) > 0).all()


@pytest.mark.parametrize(("coded", "light"), [(10, 0.003035), (127, 0.212231), (188, 0.502886)])
def test_curve_is_that_of_srgb(coded, light):
    assert float(to_linear(np.array([coded], np.uint8))[0]) == pytest.approx(light, rel=1e-4)


def test_depths_agree():
    eight = to_linear(np.arange(256).astype(np.uint8))
    sixteen = to_linear((257 * np.arange(256)).astype(np.uint16))
    np.testing.assert_allclose(eight, sixteen, atol=1e-7)


def test_light_outside_the_range_is_clipped():
    light = np.array([-0.5, 0.0, 1.0, 7.0], np.float32)
    np.testing.assert_array_equal(from_linear(light, np.dtype(np.uint8)), [0, 0, 255, 255])


def test_shape_is_kept():
    pixels = np.random.default_rng(0).integers(0, 256, (3, 5, 3), np.uint8)
    assert to_linear(pixels).shape == (3, 5, 3)
    np.testing.assert_array_equal(from_linear(to_linear(pixels), np.dtype(np.uint8)), pixels)
