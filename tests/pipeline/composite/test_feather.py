import cv2
import numpy as np
import pytest

from photodrag.pipeline.composite.feather import Feather


@pytest.fixture(scope="module")
def mask():
    drawn = np.zeros((90, 70), np.uint8)
    cv2.ellipse(drawn, (30, 50), (25, 35), 20, 0, 360, 1, -1)
    drawn[:10, :20] = 1  # at the border
    return drawn > 0


def whole(mask, width):
    distance = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 5)
    return np.clip(distance / width, 0, 1)


@pytest.mark.parametrize("width", [1.0, 5.5, 30.0])
def test_bands_are_parts_of_the_whole(mask, width):
    feather = Feather(mask, width)
    bands = [feather.part(slice(top, top + 16)) for top in range(0, 90, 16)]
    np.testing.assert_array_equal(np.concatenate(bands), whole(mask, width))
    part = feather.part(slice(20, 60), slice(11, 40))
    np.testing.assert_array_equal(part, whole(mask, width)[20:60, 11:40])


def test_outside_it_is_nothing_and_deep_inside_all(mask):
    found = Feather(mask, 6.0).part(slice(None))
    assert (found[~mask] == 0).all()
    assert (found[mask] > 0).all()
    assert found[50, 30] == 1


def test_a_width_below_a_pixel_is_a_hard_edge(mask):
    np.testing.assert_array_equal(Feather(mask, 0.1).part(slice(None)), mask)


def test_places_lie_between_pixels(mask):
    feather, all_of_it = Feather(mask, 8.0), whole(mask, 8.0).astype(np.float32)
    positions = np.array([[30.0, 20.0], [28.25, 17.5], [9.75, 40.5], [-4.0, 3.0], [80.0, 95.0]])
    expected = cv2.remap(
        all_of_it,
        positions[:, :1].astype(np.float32),
        positions[:, 1:].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    assert feather.at(positions) == pytest.approx(expected[:, 0], abs=0.02)
    assert feather.at(np.array([[3.0, 2.0]]))[0] == all_of_it[2, 3]
