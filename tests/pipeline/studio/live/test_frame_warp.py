"""From one painted face to the next."""

import cv2
import numpy as np
import pytest

from photodrag.pipeline.studio.live.frame_warp import FrameWarp, Sight

SIDE = 200.0
BOX = (90, 90, 111, 111)


def sight(x=100.0, y=100.0, positions=()):
    """A dark spot on white, which is the face's landmark, and another far away that stays."""
    pixels = np.full((300, 300, 3), 255, np.uint8)
    cv2.circle(pixels, (round(x), round(y)), 4, (0, 0, 0), -1)
    landmarks = np.array([[x, y], [250.0, 250.0]])
    return Sight(pixels, landmarks, np.array(positions, float).reshape(-1, 2), BOX)


def spot(pixels):
    """The middle of what is dark."""
    dark = 255 - pixels[..., 0].astype(float)
    y, x = np.indices(dark.shape)
    return float((x * dark).sum() / dark.sum()), float((y * dark).sum() / dark.sum())


def test_a_newer_picture_begins_where_the_last_one_was_and_ends_where_it_is():
    easing = FrameWarp(SIDE)
    easing.take(sight(100))
    assert easing.is_settled
    assert easing.picture() is easing.sight
    newer = sight(112)
    easing.take(newer)
    assert spot(easing.picture().pixels) == pytest.approx((100, 100), abs=1.5)
    seen = []
    while not easing.is_settled:
        easing.advance(0.08)
        seen.append(spot(easing.picture().pixels)[0])
        assert len(seen) < 30
    assert seen == sorted(seen)
    assert len(seen) > 3
    assert easing.picture() is newer


def test_it_is_one_picture_never_two():
    """Halfway, there is one spot of the same darkness."""
    easing = FrameWarp(SIDE)
    easing.take(sight(100))
    easing.take(sight(112))
    easing.advance(0.08)
    pixels = easing.picture().pixels
    count, *_ = cv2.connectedComponents((pixels[..., 0] < 128).astype(np.uint8))
    assert count == 2
    assert pixels.min() < 10


def test_the_box_holds_all_that_is_warped():
    easing = FrameWarp(SIDE)
    easing.take(sight(100))
    easing.take(sight(130))
    picture = easing.picture()
    differs = (picture.pixels != easing.sight.pixels).any(axis=2)
    rows, columns = np.nonzero(differs)
    left, top, right, bottom = picture.box
    assert (left, top) <= (columns.min(), rows.min())
    assert right > columns.max()
    assert bottom > rows.max()
    assert left <= BOX[0]
    assert bottom >= BOX[3]
    assert not differs[240:260, 240:260].any()


def test_points_lead_what_lies_around_them():
    """No face is painted, but the drag tells where its point has come: the spot goes with it."""
    easing = FrameWarp(SIDE)
    easing.take(sight(100, positions=[(100, 100)]))
    easing.lead(np.array([(108.0, 95.0)]))
    while not easing.is_settled:
        easing.advance(0.08)
    assert spot(easing.picture().pixels) == pytest.approx((108, 95), abs=1.5)
    np.testing.assert_array_equal(easing.picture().positions, [(108, 95)])
    # what is painted then does not jump
    easing.take(sight(108, 95, positions=[(108, 95)]))
    assert spot(easing.picture().pixels) == pytest.approx((108, 95), abs=1)


def test_what_may_not_change_is_not_warped():
    allowed = np.ones((300, 300), np.float32)
    allowed[:, :103] = 0
    easing = FrameWarp(SIDE, allowed)
    newer = sight(112)
    easing.take(sight(100))
    easing.take(newer)
    pixels = easing.picture().pixels
    assert (pixels != newer.pixels).any()
    np.testing.assert_array_equal(pixels[:, :103], newer.pixels[:, :103])


def test_without_a_picture_points_lead_nothing():
    easing = FrameWarp(SIDE)
    easing.lead(np.array([(108.0, 95.0)]))
    assert easing.is_settled
