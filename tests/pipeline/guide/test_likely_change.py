"""The most likely change, of faces whose landmarks follow w as the statistics say, or do not."""

import numpy as np
import pytest
import torch

from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.guide.likely_change import LikelyChange

W_DIM = 8
SHARES = np.eye(68)[[48, 54]]
WANTED = np.array([[-2.0, -1.0], [2.0, -1.0]])


@pytest.fixture
def slopes():
    """Landmarks by w, (136, 8)."""
    return torch.randn(136, W_DIM, generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture
def statistics(slopes):
    made = LandmarkStatistics(W_DIM)
    made.spread.copy_(slopes @ slopes.t())
    made.cross.copy_(slopes)
    return made


def moved(slopes, change, gains=1.0):
    """What a change does to the places, (2, 2), with gains (4,) of their own."""
    return (SHARES @ (slopes @ change).view(68, 2).numpy()) * np.reshape(gains, (-1, 2))


def test_the_first_proposal_is_the_mean_of_w_given_the_places(statistics, slopes):
    """Of w of unit variance; 0.6 is the places' own deviation."""
    search = LikelyChange(statistics, SHARES, WANTED, 0.6)
    rows = np.kron(SHARES, np.eye(2)) @ slopes.numpy()
    mean = rows.T @ np.linalg.solve(rows @ rows.T + 0.36 * np.eye(4), WANTED.ravel())
    np.testing.assert_allclose(search.propose(), mean, rtol=1e-4, atol=1e-5)


def test_what_is_to_be_expected_is_what_the_statistics_do(statistics, slopes):
    search = LikelyChange(statistics, SHARES, WANTED, 0.6)
    change = search.propose()
    all_moved = (slopes @ change).view(68, 2).numpy()
    np.testing.assert_allclose(search.expected(), all_moved, rtol=1e-4, atol=1e-4)
    search.learn(SHARES @ all_moved)
    np.testing.assert_allclose(search.expected(), 0, atol=1e-12)


def test_slopes_are_learned(statistics, slopes):
    """Places that move half as far, three times as far and the other way arrive all the same."""
    gains = [0.5, 1.0, 3.0, -1.0]
    search = LikelyChange(statistics, SHARES, WANTED, 0.01)
    for _ in range(12):
        found = moved(slopes, search.propose(), gains)
        search.learn(found)
    np.testing.assert_allclose(found, WANTED, atol=0.02)


def test_what_hardly_moves_landmarks_is_hardly_used(statistics, slopes):
    """Where one place does not follow, the change stays as small as for the other one alone."""
    search = LikelyChange(statistics, SHARES, WANTED, 0.6)
    for _ in range(8):
        change = search.propose()
        search.learn(moved(slopes, change, [0.02, 0.02, 1.0, 1.0]))
    alone = LikelyChange(statistics, SHARES[1:], WANTED[1:], 0.6).propose()
    assert change.norm() < 1.5 * alone.norm()


def test_a_worse_try_is_told_and_gone_back_from(statistics):
    search = LikelyChange(statistics, SHARES, WANTED, 0.6)
    first = search.propose()
    assert search.learn(-WANTED) == (False, False)
    assert search.propose().norm() < first.norm()


def test_a_little_better_is_not_much(statistics):
    search = LikelyChange(statistics, SHARES, WANTED, 0.01)
    search.propose()
    assert search.learn(0.02 * WANTED) == (True, False)
    search.propose()
    assert search.learn(0.9 * WANTED) == (True, True)


def test_shortened_it_goes_half_as_far(statistics):
    search = LikelyChange(statistics, SHARES, WANTED, 0.6)
    first = search.propose()
    search.shorten()
    torch.testing.assert_close(search.propose(), first / 2)


def test_statistics_in_half_precision_on_any_thread_give_doubles(statistics):
    search = LikelyChange(statistics.half(), SHARES, WANTED, 0.6)
    assert search.propose().dtype == torch.float64


@pytest.fixture
def uneven():
    """Statistics of two corners that widen by 3 %, and one of which rises alone by 0.5 %."""
    rows = np.kron(SHARES, np.eye(2))
    wider, rising = np.array([-1.0, 0, 1, 0]) * 3 / np.sqrt(2), np.array([0, 0.5, 0, 0])
    slopes = torch.from_numpy(rows.T @ np.stack([wider, rising, 0 * wider, 0 * wider], axis=1))
    made = LandmarkStatistics(4)
    made.spread.copy_(slopes @ slopes.t())
    made.cross.copy_(slopes)
    return made


@pytest.mark.parametrize(("least_spread", "follows"), [(0.0, True), (1.0, False)])
def test_ways_of_a_small_spread_are_left_alone(uneven, least_spread, follows):
    wanted = np.array([[-2.0, -0.5], [2.0, 0.0]])
    change = LikelyChange(uneven, SHARES, wanted, 0.01, least_spread).propose()
    assert change[0] == pytest.approx(4 / np.sqrt(2) / 3, rel=1e-3)
    assert change[1] == pytest.approx(-1.0 if follows else 0.0, abs=1e-2)


def test_a_way_that_is_asked_for_is_led_however_small_its_spread(uneven):
    wanted = np.array([[0.0, -0.5], [0.0, 0.0]])
    change = LikelyChange(uneven, SHARES, wanted, 0.01, 1.0).propose()
    assert change[1] == pytest.approx(-1.0, abs=1e-2)


def test_what_a_way_left_alone_does_is_not_counted(uneven):
    """However far the one corner rises, the next proposal is the same."""
    wanted = np.array([[-2.0, -0.5], [2.0, 0.0]])
    proposed = []
    for rise in (0.0, 3.0):
        search = LikelyChange(uneven, SHARES, wanted, 0.01, 1.0)
        search.propose()
        assert search.learn(np.array([[-1.0, rise], [1.0, 0.0]])) == (True, True)
        proposed.append(search.propose())
    torch.testing.assert_close(proposed[0], proposed[1])
    assert proposed[0][0] > 1.5 * 4 / np.sqrt(2) / 3
