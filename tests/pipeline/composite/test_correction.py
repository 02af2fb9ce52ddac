"""Displacements that are known at a few places, and smooth between them."""

import numpy as np
import pytest

from photodrag.pipeline.composite.correction import correct, follow, landing
from photodrag.pipeline.composite.motion import Motion
from photodrag.pipeline.imaging.sampling import grid

SIGMA = 20.0
APART = np.array([(60.0, 60), (200, 60), (130, 190)])
FACE = np.array([(0.0, 0), (255, 0), (0, 255), (255, 255)])  # far from all else
OFFSETS = np.array([(4.0, -3), (-5, 0), (2, 6)])


def at(correction, positions):
    return correction.at(np.asarray(positions, np.float32)[None])[0]


def test_offsets_are_met_where_they_are_known():
    np.testing.assert_allclose(at(follow(APART, OFFSETS, SIGMA), APART), OFFSETS, atol=0.02)


def test_offsets_of_neighbours_are_met_too():
    near = np.array([(100.0, 100), (115, 100), (107, 112)])
    np.testing.assert_allclose(at(follow(near, OFFSETS, SIGMA), near), OFFSETS, atol=0.3)


def test_it_falls_off_with_the_distance():
    correction = follow(APART[:1], OFFSETS[:1], SIGMA)
    lengths = [np.hypot(*at(correction, [(60 + away, 60)])[0]) for away in (0, 10, 20, 40, 80, 200)]
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == pytest.approx(5, rel=0.01)
    assert lengths[2] == pytest.approx(5 * np.exp(-0.5), rel=0.01)
    assert lengths[-1] == 0


def test_far_offsets_reach_further_so_that_nothing_folds():
    correction = follow(APART[:1], np.array([(60.0, 0)]), SIGMA)
    line = np.column_stack([np.arange(0, 256.0), np.full(256, 60.0)])
    shown = line[:, 0] + at(correction, line)[:, 0]
    assert (np.diff(shown) > 0.4).all()


def test_two_wishes_at_one_place_meet_in_the_middle():
    twice = np.array([(80.0, 80), (80, 80)])
    found = at(follow(twice, np.array([(6.0, 0), (0, 6)]), SIGMA), twice[:1])
    np.testing.assert_allclose(found, [(3, 3)], atol=0.05)


def test_undone_places_are_led_to_the_places_given():
    correction = follow(APART, OFFSETS, SIGMA)
    positions = np.array([(60.0, 60), (75, 50), (130, 120), (250, 250)])
    found = correction.undone(positions)
    np.testing.assert_allclose(found + at(correction, found), positions, atol=0.01)
    assert np.abs(found[0] - positions[0]).max() > 1
    np.testing.assert_allclose(found[3], positions[3], atol=1e-6)


def test_a_handle_is_found_in_a_motion():
    backward = np.zeros((128, 128, 2), np.float32)
    backward[..., 0] = -0.1 * grid(128)[..., 0]  # p shows what was at 0.9 p
    backward[..., 1] = 5
    motion = Motion(backward, np.ones((128, 128), np.float32))
    found = landing(motion, np.array([(45.0, 60), (90, 30)]))
    np.testing.assert_allclose(found, [(50, 55), (100, 25)], atol=0.02)


def test_what_lone_handles_miss_is_made_up_for():
    handles, targets = APART, np.add(APART, (10, 0))
    landed = np.add(APART, [(8.0, 1), (7, -1), (9, 0)])
    correction = correct(landed, handles, targets, FACE, SIGMA, 0.9)
    # The result shows at the target what lies at `landed`.
    np.testing.assert_allclose(targets + at(correction, targets), landed, atol=0.15)
    np.testing.assert_allclose(correction.undone(landed), targets, atol=0.15)


def test_none_moves_by_more_than_its_own_drag():
    handles, targets = APART, np.add(APART, [(10.0, 0), (0, 20), (4, 0)])
    landed = targets - [(30, 0), (0, 10), (0, 40)]
    lengths = np.linalg.norm(
        at(correct(landed, handles, targets, FACE, SIGMA, 0.9), targets), axis=1
    )
    np.testing.assert_allclose(lengths, [10, 10, 4], rtol=0.1)


def test_without_a_part_nothing_is_moved():
    correction = correct(APART + 3, APART, APART + 9, FACE, SIGMA, 0.0)
    assert not at(correction, APART).any()
    assert not correction.everywhere(64, 4).any()


def test_one_among_many_counts_less_than_what_they_share():
    """A crowd moves by 6; one of it would move across as well."""
    line = np.arange(80.0, 180, 10)
    crowd = np.stack(np.meshgrid(line, line), axis=2).reshape(-1, 2)
    missing = np.full(crowd.shape, (6.0, 0))
    odd = 44  # in the middle
    missing[odd] += (0, 5)
    exactly, about = (
        at(correct(crowd + missing, crowd + 20, crowd, crowd, SIGMA, part), crowd)
        for part in (0.999, 0.6)
    )
    np.testing.assert_allclose(exactly, missing, atol=0.8)
    np.testing.assert_allclose(about[:, 0], 6, rtol=0.2)
    assert about[odd, 1] < 0.6 * exactly[odd, 1]
    assert exactly[odd, 1] > 4


def test_what_handles_share_moves_what_lies_between_them():
    corners = np.array([(100.0, 100), (160, 100), (100, 160), (160, 160)])
    middle = [(130.0, 130)]
    shared = correct(np.add(corners, (6, 0)), corners + 20, corners, FACE, SIGMA, 0.9)
    alone = correct(np.add(corners[:1], (6, 0)), corners[:1] + 20, corners[:1], FACE, SIGMA, 0.9)
    assert at(shared, middle)[0, 0] > 4
    assert at(alone, middle)[0, 0] < 2


def test_other_landmarks_stay():
    handle = np.array([(130.0, 130)])
    ring = 130 + 60 * np.array([(1.0, 0), (0, 1), (-1, 0), (0, -1)])
    free = correct(np.add(handle, (8, 0)), handle + 20, handle, FACE, SIGMA, 0.9)
    held = correct(np.add(handle, (8, 0)), handle + 20, handle, ring, SIGMA, 0.9)
    assert np.abs(at(held, ring)).max() < 0.5
    assert np.abs(at(held, ring)).max() < 0.5 * np.abs(at(free, ring)).max()
    np.testing.assert_allclose(at(held, handle), [(8, 0)], atol=0.1)


@pytest.mark.parametrize("far", [5.0, 60, 200])
def test_no_correction_folds(far):
    handle = np.array([(128.0, 128)])
    correction = correct(
        np.add(handle, (far, 0)), np.add(handle, (far, 0)), handle, FACE, SIGMA, 0.9
    )
    shown = grid(256) + correction.everywhere(256, 1)
    assert (np.diff(shown[..., 0], axis=1) > 0.2).all()


def test_everywhere_is_what_each_place_gives():
    correction = follow(APART, OFFSETS, SIGMA)
    exact = correction.at(grid(256))
    for coarse in (1, 2, 4, 5):
        np.testing.assert_allclose(correction.everywhere(256, coarse), exact, atol=0.1)


def test_what_is_given_stays_as_it_was():
    given = [APART + 3, APART.copy(), APART + 9]
    kept = [array.copy() for array in given]
    offsets = OFFSETS.copy()
    correct(*given, FACE, SIGMA, 0.5).undone(given[0])
    follow(given[1], offsets, SIGMA)
    for array, before in zip([*given, offsets], [*kept, OFFSETS], strict=True):
        np.testing.assert_array_equal(array, before)
