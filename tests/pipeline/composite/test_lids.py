"""Eyes that shut, on the example portrait."""

import numpy as np
import pytest

from photodrag.alignment import Photo, find_faces, fit_mesh, open_photo
from photodrag.alignment import mesh_parts as parts
from photodrag.pipeline.composite.lids import shut_lids

RIMS = (
    (parts.UPPER_LID_LEFT, parts.LOWER_LID_LEFT),
    (parts.UPPER_LID_RIGHT, parts.LOWER_LID_RIGHT),
)


@pytest.fixture(scope="module")
def photo(small_portrait):
    return open_photo(small_portrait)


@pytest.fixture(scope="module")
def mesh(photo):
    return fit_mesh(photo, find_faces(photo)[0])


def inside(mesh, side):
    """The places (9, 2) in the middle of an eye's opening, and its width."""
    upper, lower = (mesh.points[list(row), :2] for row in RIMS[side])
    middle = np.round((upper + lower) / 2)[3:6].astype(int)
    return middle, float(np.hypot(*(upper[-1] - upper[0])))


def test_a_wink_leaves_the_other_eye_as_it_was(photo, mesh):
    shut, changed, done = shut_lids(photo, mesh, np.array([0.0, 1.0]))
    np.testing.assert_array_equal(shut.pixels[~changed], photo.pixels[~changed])
    np.testing.assert_array_equal(done, [0, 1])
    _, width = inside(mesh, 1)
    away = np.abs(np.nonzero(changed)[1] - mesh.points[list(parts.EYE_RIGHT), 0].mean())
    assert 0 < away.max() < 1.1 * width


def test_the_eye_is_covered_by_skin(photo, mesh):
    shut, changed, _ = shut_lids(photo, mesh, np.ones(2))
    for side in (0, 1):
        (x, y), width = inside(mesh, side)[0][1], inside(mesh, side)[1]
        under = round(y + 0.35 * width)
        before, after = (
            np.abs(
                one.pixels[y - 1 : y + 2, x - 2 : x + 3].mean(axis=(0, 1))
                - photo.pixels[under : under + 3, x - 2 : x + 3].mean(axis=(0, 1))
            ).mean()
            for one in (photo, shut)
        )
        assert after < 0.5 * before
        assert changed[y, x]


def test_half_shut_the_lower_half_of_the_eyeball_stays(photo, mesh):
    shut, _, _ = shut_lids(photo, mesh, np.full(2, 0.5))
    upper, lower = (mesh.points[list(row), :2] for row in RIMS[0])
    x, top = np.round(upper[4] + 0.2 * (lower[4] - upper[4])).astype(int)
    change = np.abs(shut.pixels.astype(int) - photo.pixels)[:, x].max(axis=1)
    low = round(float(upper[4, 1] + 0.8 * (lower[4, 1] - upper[4, 1])))
    assert change[top] > 2 * change[low]


def test_brows_and_what_is_above_do_not_change(photo, mesh):
    _, changed, _ = shut_lids(photo, mesh, np.ones(2))
    brows = mesh.points[[*parts.BROW_BOTTOM_LEFT, *parts.BROW_BOTTOM_RIGHT], :2]
    assert np.nonzero(changed)[0].min() > brows[:, 1].min()
    for x, y in np.round(brows).astype(int):
        assert not changed[y, x]


def test_it_does_the_same_with_sixteen_bits(photo, mesh):
    deep = Photo(photo.pixels.astype(np.uint16) * 257)
    one, other = (shut_lids(each, mesh, np.ones(2))[0].pixels for each in (photo, deep))
    assert other.dtype == np.uint16
    assert np.abs(other / 257 - one).max() < 3


def test_a_mask_is_obeyed_and_told(photo, mesh):
    mask = np.zeros((photo.height, photo.width), bool)
    mask[:, : photo.width // 2] = True
    shut, changed, done = shut_lids(photo, mesh, np.ones(2), mask)
    assert changed.any()
    assert not (changed & ~mask).any()
    np.testing.assert_array_equal(shut.pixels[~mask], photo.pixels[~mask])
    assert done[0] > 0.9
    assert done[1] < 0.1


def test_nothing_asked_changes_nothing(photo, mesh):
    shut, changed, done = shut_lids(photo, mesh, np.array([0.0, -1.0]))
    np.testing.assert_array_equal(shut.pixels, photo.pixels)
    assert not changed.any()
    np.testing.assert_array_equal(done, 0)


def test_an_eye_beyond_the_border_is_no_error(photo, mesh):
    left = round(float(mesh.points[parts.EYE_OUTER_LEFT, 0]) + 3)
    cut = Photo(np.ascontiguousarray(photo.pixels[:, left:]))
    moved = type(mesh)(mesh.points - (left, 0, 0), mesh.score)
    _, changed, _ = shut_lids(cut, moved, np.ones(2))
    assert changed.any()
