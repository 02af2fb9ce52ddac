"""The table of adjustments, and how they are asked for."""

import numpy as np
import pytest

from photodrag.alignment.face_parts import MIRRORED
from photodrag.errors import PointError
from photodrag.pipeline.request.adjustments import (
    ADJUSTMENTS,
    POSES,
    check_adjustments,
    parse_adjustment,
)

ONE_SIDED = {"eye_left_open", "eye_right_open"}


def test_mirrored_twice_is_the_same_landmark():
    assert [MIRRORED[MIRRORED[landmark]] for landmark in range(68)] == list(range(68))


def test_mirrored_landmarks_lie_opposite_each_other(face_marks):
    mirrored = face_marks[list(MIRRORED)] * (-1, 1) + (512, 0)
    # The fixture's outlines of brows, eyes and lips begin anywhere; the others have no freedom.
    for landmark in (*range(17), *range(27, 36)):
        np.testing.assert_allclose(mirrored[landmark], face_marks[landmark], atol=1e-9)


@pytest.mark.parametrize("name", sorted(ADJUSTMENTS.keys() - ONE_SIDED - set(POSES)))
def test_both_sides_of_a_face_do_the_same(name):
    displacements = ADJUSTMENTS[name].displacements
    for landmark, (x, y) in displacements.items():
        assert displacements[MIRRORED[landmark]] == (-x, y)


def test_every_adjustment_says_what_it_does_and_moves_something():
    for name, one in ADJUSTMENTS.items():
        assert one.name == name
        assert one.text
        assert one.least < 0 < one.most
        assert 1 <= one.gain <= 2
        assert [bool(one.displacements), one.is_pose, one.look is not None].count(True) == 1
        assert all(0 <= landmark < 68 for landmark in one.displacements)
    assert [name for name, one in ADJUSTMENTS.items() if one.is_pose] == list(POSES)


@pytest.mark.parametrize("name", sorted(name for name, one in ADJUSTMENTS.items() if one.gaps))
def test_a_gap_grows_with_a_positive_value(name):
    one = ADJUSTMENTS[name]
    for upper, lower in one.gaps:
        assert one.displacements[lower][1] - one.displacements[upper][1] > 0


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("smile=0.6", ("smile", 0.6)),
        ("yaw = -8", ("yaw", -8)),
        ("chin_length=1", ("chin_length", 1)),
    ],
)
def test_texts_are_read(text, asked):
    assert parse_adjustment(text) == asked


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("smile", "NAME=NUMBER"),
        ("smile=", "NAME=NUMBER"),
        ("smile=much", "NAME=NUMBER"),
        ("smile=nan", "NAME=NUMBER"),
        ("=1", "no adjustment"),
        ("smil=0.5", "did you mean 'smile'"),
        ("wink=0.5", "no adjustment is called 'wink'"),
        ("smile=1.2", "smile is 1.2; it goes from -1 to 1"),
        ("smile=-inf", "goes from -1 to 1"),
        ("yaw=40", "yaw is 40; it goes from -10 to 10 degrees"),
        ("smile=0", "changes nothing"),
    ],
)
def test_what_cannot_be_asked_is_refused(text, problem):
    with pytest.raises(PointError, match=problem):
        parse_adjustment(text)


def test_one_adjustment_twice_is_refused():
    with pytest.raises(PointError, match="smile is given twice"):
        check_adjustments([("smile", 0.5), ("yaw", 3), ("smile", 0.1)])
    assert check_adjustments([("smile", 1), ("yaw", 3)]) == (("smile", 1.0), ("yaw", 3.0))
