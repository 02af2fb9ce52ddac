import math

import pytest

from photodrag.checks import check_choice, check_flag, check_number, check_whole
from photodrag.errors import SettingsError


@pytest.mark.parametrize(
    ("value", "limits"),
    [(0, ()), (0.5, (0, 1)), (1, (0, 1)), (0, (0, 1)), (-2.5, (-3, 3)), (1e9, ())],
)
def test_number_in_its_range_passes(value, limits):
    check_number("size", value, *limits)


@pytest.mark.parametrize(
    ("value", "limits", "words"),
    [
        (-0.1, (), "size is -0.1; it must be at least 0"),
        (1.5, (0, 1), "size is 1.5; it must be at least 0 and at most 1"),
        (math.nan, (), "size is nan"),
        (True, (), "size is True"),
        (-4, (-3, 3), "size is -4; it must be at least -3 and at most 3"),
    ],
)
def test_number_outside_its_range_is_refused_with_the_range(value, limits, words):
    with pytest.raises(SettingsError, match=words):
        check_number("size", value, *limits)


def test_number_equal_to_the_least_is_refused_where_it_must_be_above():
    check_number("size", 1e-9, above=True)
    with pytest.raises(SettingsError, match="size is 0; it must be above 0"):
        check_number("size", 0, above=True)


@pytest.mark.parametrize("value", ["3", None, [1]])
def test_what_is_no_whole_number_at_all_is_refused(value):
    with pytest.raises(SettingsError, match="steps is"):
        check_whole("steps", value)


def test_whole_number_passes():
    check_whole("steps", 3, 1, 5)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (2.0, "steps is 2.0; it must be a whole number"),
        (True, "steps is True"),
        (0, "steps is 0; it must be at least 1 and at most 5"),
        (6, "steps is 6; it must be at least 1 and at most 5"),
    ],
)
def test_what_is_no_whole_number_in_the_range_is_refused(value, words):
    with pytest.raises(SettingsError, match=words):
        check_whole("steps", value, 1, 5)


def test_choice_is_one_of_the_choices():
    check_choice("space", "w", ("w", "w+"))
    with pytest.raises(SettingsError, match=r"space is 'z'; choose one of w, w\+"):
        check_choice("space", "z", ("w+", "w"))


@pytest.mark.parametrize("value", [0, 1, "yes", None])
def test_only_true_and_false_are_flags(value):
    check_flag("loud", True)
    check_flag("loud", False)
    with pytest.raises(SettingsError, match=rf"loud is {value!r}; it must be True or False"):
        check_flag("loud", value)


def test_a_whole_number_that_no_float_holds_is_refused():
    with pytest.raises(SettingsError) as caught:
        check_number("size", 10**4000)
    assert str(caught.value).startswith("size is 1000")
    assert len(str(caught.value)) < 200
    with pytest.raises(SettingsError, match="size is"):
        check_whole("size", 10**400)
