"""Amid many handles, the motion that they tell together."""

import numpy as np
import pytest

from photodrag.pipeline.composite.shared_motion import shared_motion
from photodrag.pipeline.imaging.sampling import grid

REACH = 20.0
FACE = np.array([(0.0, 0), (255, 0), (0, 255), (255, 255)])  # far from all else
LINE = np.arange(80.0, 180, 10)
MANY = np.stack(np.meshgrid(LINE, LINE), axis=2).reshape(-1, 2)
WAY = (6.0, -3.0)  # where what the targets show was


def crowd_of(targets):
    return shared_motion(np.add(targets, WAY), np.array(targets), FACE, REACH, 0.9)


def positions(*points):
    return np.array([points], np.float32)


def test_amid_many_what_they_tell_counts():
    crowd, flow = crowd_of(MANY), np.zeros((256, 256, 2), np.float32)
    blended_into = crowd.blended_everywhere(flow, 1.0)
    np.testing.assert_allclose(blended_into[110:150, 110:150], np.full((40, 40, 2), WAY), atol=0.8)
    assert np.abs(blended_into[:20]).max() < 0.1


@pytest.mark.parametrize("part", [0.0, 0.5])
def test_it_counts_by_a_part(part):
    crowd, flow = crowd_of(MANY), np.full((256, 256, 2), 2.0, np.float32)
    whole, some = (crowd.blended_everywhere(flow, share) for share in (1.0, part))
    np.testing.assert_allclose(some, flow + part * (whole - flow), atol=1e-5)


def test_around_one_alone_it_does_not_count():
    alone = crowd_of([(128.0, 128)])
    assert alone.weight(grid(256)).max() < 0.01


def test_two_far_apart_are_each_alone():
    apart = crowd_of([(60.0, 128), (200.0, 128)])
    assert apart.weight(grid(256)).max() < 0.05


def test_the_closer_they_stand_the_more_it_counts():
    shares = [
        float(
            crowd_of([(128.0 - gap, 128), (128.0 + gap, 128)]).weight(positions((128, 128)))[0, 0]
        )
        for gap in (4, 8, 16, 32)
    ]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.8


def test_everywhere_is_what_each_place_gives():
    draw = np.random.default_rng(0)
    crowd, flow = crowd_of(MANY), draw.normal(size=(256, 256, 2)).astype(np.float32)
    exact = crowd.blended_into(flow, grid(256), 0.7)
    np.testing.assert_allclose(crowd.blended_everywhere(flow, 0.7), exact, atol=0.15)


def test_what_is_given_stays_as_it_was():
    targets, flow = MANY.copy(), np.ones((64, 64, 2), np.float32)
    crowd_of(targets).blended_everywhere(flow, 0.5)
    np.testing.assert_array_equal(targets, MANY)
    np.testing.assert_array_equal(flow, 1)
