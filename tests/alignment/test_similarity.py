"""The similarity that lays points on others: exact, never a mirror image, the nearest."""

import numpy as np
import pytest

from photodrag.alignment.head_pose import similarity

POINTS = np.random.default_rng(0).uniform(0, 100, (8, 2))


def turned(points, degrees, scale, shift):
    cos, sin = scale * np.cos(np.deg2rad(degrees)), scale * np.sin(np.deg2rad(degrees))
    return points @ np.array([[cos, -sin], [sin, cos]]).T + shift


@pytest.mark.parametrize("degrees", [0, 12, -90, 180])
def test_a_turned_scaled_and_shifted_set_is_laid_back_exactly(degrees):
    target = turned(POINTS, degrees, 1.7, (30, -8))
    matrix = similarity(POINTS, target)
    assert matrix.shape == (2, 3)
    np.testing.assert_allclose(POINTS @ matrix[:, :2].T + matrix[:, 2], target, atol=1e-9)


def test_a_mirror_image_stays_one():
    mirrored = POINTS * (-1, 1)
    matrix = similarity(POINTS, mirrored)
    assert np.linalg.det(matrix[:, :2]) > 0
    assert np.abs(POINTS @ matrix[:, :2].T + matrix[:, 2] - mirrored).max() > 5


def test_no_other_similarity_is_nearer():
    target = turned(POINTS, 20, 0.8, (3, 4)) + np.random.default_rng(1).normal(size=(8, 2))
    found = similarity(POINTS, target)

    def apart(matrix):
        return np.square(POINTS @ matrix[:, :2].T + matrix[:, 2] - target).sum()

    least = apart(found)
    for angle, scale, shift in [(1, 1, 0), (-1, 1, 0), (0, 1.02, 0), (0, 0.98, 0), (0, 1, 0.3)]:
        other = found.copy()
        other[:, :2] = turned(found[:, :2].T, angle, scale, 0).T
        centre = POINTS.mean(axis=0)
        other[:, 2] += (found[:, :2] - other[:, :2]) @ centre + shift
        assert apart(other) > least
