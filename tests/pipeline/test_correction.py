"""Displacements that are known at a few places, and smooth between them."""

import numpy as np
import pytest

from photodrag.pipeline.correction import correct, follow, landing
from photodrag.pipeline.motion import Motion, grid

SIGMA = 20.0
APART = np.array([(60.0, 60), (200, 60), (130, 190)])
OFFSETS = np.array([(4.0, -3), (-5, 0), (2, 6)])


def at(correction, places):
    return correction.at(np.asarray(places, np.float32)[None])[0]


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
    places = np.array([(60.0, 60), (75, 50), (130, 120), (250, 250)])
    found = correction.undone(places)
    np.testing.assert_allclose(found + at(correction, found), places, atol=0.01)
    assert np.abs(found[0] - places[0]).max() > 1
    np.testing.assert_allclose(found[3], places[3], atol=1e-6)


def test_a_handle_is_found_in_a_motion():
    backward = np.zeros((128, 128, 2), np.float32)
    backward[..., 0] = -0.1 * grid(128)[..., 0]  # p shows what was at 0.9 p
    backward[..., 1] = 5
    motion = Motion(backward, np.ones((128, 128), np.float32))
    found = landing(motion, np.array([(45.0, 60), (90, 30)]))
    np.testing.assert_allclose(found, [(50, 55), (100, 25)], atol=0.02)


def test_what_is_missing_is_made_up_for():
    handles, targets = APART, np.add(APART, (10, 0))
    landed = np.add(APART, [(8.0, 1), (7, -1), (9, 0)])
    correction = correct(landed, handles, targets, SIGMA, 0.75)
    # The result shows at the target what lies at `landed`.
    np.testing.assert_allclose(targets + at(correction, targets), landed, atol=0.05)
    np.testing.assert_allclose(correction.undone(landed), targets, atol=0.05)


@pytest.mark.parametrize("most", [0.0, 0.25, 0.5])
def test_none_moves_by_more_than_a_part_of_its_own_drag(most):
    handles, targets = APART, np.add(APART, [(10.0, 0), (0, 20), (4, 0)])
    correction = correct(handles, handles, targets, SIGMA, most)
    lengths = np.linalg.norm(at(correction, targets), axis=1)
    np.testing.assert_allclose(lengths, most * np.array([10, 20, 4]), rtol=0.05, atol=1e-6)


def test_what_is_given_stays_as_it_was():
    given = [APART + 3, APART.copy(), APART + 9]
    kept = [array.copy() for array in given]
    offsets = OFFSETS.copy()
    correct(*given, SIGMA, 0.5).undone(given[0])
    follow(given[1], offsets, SIGMA)
    for array, before in zip([*given, offsets], [*kept, OFFSETS], strict=True):
        np.testing.assert_array_equal(array, before)
