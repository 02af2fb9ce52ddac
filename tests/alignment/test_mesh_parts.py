"""The numbers of the parts, held against the model: its edges, its mirror, its places."""

from itertools import pairwise

import numpy as np
import pytest

from photodrag.alignment import mesh_parts as parts
from photodrag.alignment.mesh_model import mean_mesh, mesh_triangles, mirrored_points


def edges():
    """Each edge once, and how many triangles have it."""
    corners = mesh_triangles()
    every = np.sort(np.concatenate([corners[:, [0, 1]], corners[:, [1, 2]], corners[:, [2, 0]]]))
    found, counts = np.unique(every, axis=0, return_counts=True)
    return {tuple(edge): count for edge, count in zip(found.tolist(), counts.tolist(), strict=True)}


RINGS = ("eye_left", "eye_right", "lips_outside", "lips_inside", "face_oval")
# pairs of rows that mirror each other; what is not named here mirrors itself
TWINS = {
    "upper_lid_left": "upper_lid_right",
    "lower_lid_left": "lower_lid_right",
    "eye_left": "eye_right",
    "brow_top_left": "brow_top_right",
    "brow_bottom_left": "brow_bottom_right",
}


def test_the_model_is_a_face():
    points = mean_mesh()
    assert points.shape == (parts.MESH_COUNT, 3)
    assert mesh_triangles().shape == (898, 3)
    assert set(mesh_triangles().ravel()) == set(range(parts.MESH_COUNT))
    assert points[:, 2].argmax() in (parts.NOSE_TIP, 4)
    assert points[parts.CHIN, 1] > points[parts.FOREHEAD_TOP, 1]
    a, b, c = points[mesh_triangles()].transpose(1, 0, 2)[..., :2]
    turning = (b - a)[:, 0] * (c - a)[:, 1] - (b - a)[:, 1] * (c - a)[:, 0]
    assert (turning < 0).mean() > 0.95  # counter-clockwise for the viewer


def test_mirroring_twice_is_nothing():
    mirror = mirrored_points()
    assert (mirror[mirror] == np.arange(parts.MESH_COUNT)).all()
    assert mean_mesh()[mirror] == pytest.approx(mean_mesh() * (-1, 1, 1), abs=1e-6)


@pytest.mark.parametrize("name", parts.MESH_PARTS)
def test_parts_run_along_the_models_edges(name):
    numbers = parts.MESH_PARTS[name]
    assert len(set(numbers)) == len(numbers)
    if name == "nostrils":
        return  # a row beside the edges
    there = edges()
    for a, b in pairwise(numbers):
        assert (min(a, b), max(a, b)) in there, (a, b)
    if name in RINGS:
        a, b = numbers[-1], numbers[0]
        assert (min(a, b), max(a, b)) in there


@pytest.mark.parametrize("name", parts.MESH_PARTS)
def test_parts_mirror_each_other(name):
    mirrored = set(mirrored_points()[[*parts.MESH_PARTS[name]]].tolist())
    twin = TWINS.get(name, {right: left for left, right in TWINS.items()}.get(name, name))
    assert mirrored == set(parts.MESH_PARTS[twin])


@pytest.mark.parametrize("name", sorted(parts.MESH_PARTS.keys() - {*RINGS, "nose_bridge"}))
def test_rows_run_to_the_viewers_right(name):
    assert (np.diff(mean_mesh()[[*parts.MESH_PARTS[name]], 0]) > -0.6).all()
    first, last = mean_mesh()[[parts.MESH_PARTS[name][0], parts.MESH_PARTS[name][-1]], 0]
    assert first < last


@pytest.mark.parametrize("name", RINGS)
def test_rings_run_clockwise(name):
    x, y, _ = mean_mesh()[[*parts.MESH_PARTS[name]]].T
    assert (x * np.roll(y, -1) - y * np.roll(x, -1)).sum() > 0


def test_the_oval_is_the_meshs_border():
    border = {point for edge, count in edges().items() if count == 1 for point in edge}
    assert border == set(parts.FACE_OVAL)


def test_upper_rows_lie_above_lower_ones():
    for upper, lower in (
        ("upper_lid_left", "lower_lid_left"),
        ("upper_lid_right", "lower_lid_right"),
        ("upper_lip_outside", "lower_lip_outside"),
        ("upper_lip_inside", "lower_lip_inside"),
        ("brow_top_left", "brow_bottom_left"),
        ("brow_top_right", "brow_bottom_right"),
    ):
        above, below = (mean_mesh()[[*parts.MESH_PARTS[name]], 1] for name in (upper, lower))
        assert (above <= below).all(), upper
        assert above.mean() < below.mean()
