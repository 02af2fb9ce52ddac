"""How far a crop reaches beyond the photo."""

import numpy as np
import pytest

from photodrag.alignment.crop import overshoot

PHOTO = (60, 40)  # width, height
TURN = np.array([[0.8, -0.6], [0.6, 0.8]])


def plainly(inverse, size):
    """(size, size) crop sides outside, pixel by pixel."""
    y, x = np.mgrid[:size, :size]
    positions = np.stack([x, y, np.ones_like(x)], axis=2) @ inverse.T
    far = np.maximum(-0.5 - positions, positions - (np.array(PHOTO) - 0.5)).max(axis=2)
    return np.maximum(far, 0) / (np.hypot(*inverse[:, 0]) * size)


@pytest.mark.parametrize(
    ("origin", "inside"),
    [((25, 5), True), ((17.6, -0.4), True), ((17, -3), False), ((8, 5), False)],
)
def test_pixels_outside_are_counted_in_crop_sides(origin, inside):
    inverse = np.column_stack([TURN, origin])
    found = overshoot(inverse, 21, PHOTO)
    np.testing.assert_allclose(found, plainly(inverse, 21), atol=1e-7)
    assert found.dtype == np.float32
    assert (not found.any()) == inside
