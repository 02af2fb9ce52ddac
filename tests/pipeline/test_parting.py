"""Lips that are asked to part: what was asked, what is shut, and how far to push."""

import numpy as np
import pytest

from photodrag.alignment.faces import eye_distance
from photodrag.pipeline.parting import Push, asked_opening, is_usable


@pytest.fixture
def shut(face_marks):
    """A face whose lips touch."""
    marks = face_marks.copy()
    for upper, lower in ((61, 67), (62, 66), (63, 65)):
        marks[lower] = marks[upper]
    return marks


def parted(marks, pixels, landmarks=(65, 66, 67)):
    goals = marks.copy()
    goals[[*landmarks], 1] += pixels
    return goals


def test_what_is_asked_of_the_lips(shut):
    """Lips are further apart than their landmarks say, so that less will do."""
    opening = asked_opening(shut, parted(shut, 12))
    assert opening.wider == pytest.approx(12 - 0.015 * eye_distance(shut))
    assert opening.share(shut, parted(shut, opening.wider / 4)) == pytest.approx(0.25)
    assert opening.share(shut, shut + 40) == pytest.approx(0)


def test_one_handle_asks_of_its_pair_alone(shut):
    """The others come along by themselves."""
    opening = asked_opening(shut, parted(shut, 12, [66]))
    assert opening.pairs == ((62, 66),)
    assert opening.share(shut, parted(shut, opening.wider, [66])) == pytest.approx(1)
    assert opening.share(shut, parted(shut, 12, [65, 67])) == pytest.approx(0)


@pytest.mark.parametrize(
    ("eyes", "landmarks"), [(0.02, (65, 66, 67)), (-0.1, (65, 66, 67)), (0.1, (57, 8))]
)
def test_little_or_nothing_is_asked(shut, eyes, landmarks):
    wide = parted(shut, 20)
    assert asked_opening(wide, parted(wide, eyes * eye_distance(shut), landmarks)) is None


@pytest.mark.parametrize(
    ("already", "reached", "stuck"), [(0, 0.01, True), (0, 0.06, False), (0.08, 0.01, False)]
)
def test_lips_are_stuck_while_they_are_shut(shut, already, reached, stuck):
    eyes = eye_distance(shut)
    first = parted(shut, already * eyes)
    opening = asked_opening(first, parted(first, 0.08 * eyes))
    assert opening.stuck(first, parted(first, reached * eyes)) is stuck


def pushes(share_at):
    """All tries on lips of which `share_at(times)` is known."""
    push, tried = Push(), []
    while push is not None:
        tried.append(push.times)
        push = push.next(share_at(push.times))
    return tried


@pytest.mark.parametrize("sticks_to", [0.3, 1.2, 2.9, 5.0])
def test_lips_that_part_at_once_are_parted_as_far_as_asked(sticks_to):
    def share_at(times):
        return 0.0 if times < sticks_to else 1.0 + 2 * (times - sticks_to)

    tried = pushes(share_at)
    assert len(tried) <= 6
    assert any(abs(share_at(times) - 1) < 0.5 for times in tried)


def test_it_ends_at_the_first_that_is_near_enough():
    assert pushes(lambda times: 0.45 * times) == [1.0, 2.0]


def test_lips_that_never_part_are_pushed_no_further_in_the_end():
    assert pushes(lambda times: 0.0) == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0]


def test_a_face_that_is_lost_is_too_much():
    assert pushes(lambda times: np.inf if times > 1 else 0.1)[:4] == [1.0, 2.0, 1.5, 1.25]


@pytest.mark.parametrize(("share", "usable"), [(0.4, False), (0.6, True), (1.5, True), (2, False)])
def test_what_is_better_than_shut_lips(share, usable):
    assert is_usable(share) is usable
