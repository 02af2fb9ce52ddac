import click
import pytest

from evaluation.drag_choice import variants
from photodrag.drag import DEFAULTS, OFFICIAL


def test_presets_come_as_they_are():
    default, official = variants(["default", "official"], [])
    assert (default.name, default.settings) == ("default", DEFAULTS)
    assert (official.name, official.settings) == ("official", OFFICIAL)


def test_guided_ones_say_how_far():
    guided, far, default = variants(["guided", "guided-far", "default"], [])
    assert [(v.guided, v.far) for v in (guided, far, default)] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    assert guided.settings == far.settings == DEFAULTS


def test_changes_have_the_type_of_their_setting():
    changes = ["max_steps=7", "learning_rate=0.5", "method=official", "rows=3"]
    (variant,) = variants(["default"], changes)
    settings = variant.settings
    assert (settings.max_steps, settings.learning_rate, settings.rows) == (7, 0.5, 3)
    assert settings.method == "official"
    assert variant.name == "default, max_steps=7, learning_rate=0.5, method=official, rows=3"


def test_none_is_a_value_where_it_may_be():
    (variant,) = variants(["default"], ["rows=none"])
    assert variant.settings.rows is None


@pytest.mark.parametrize("change", ["max_steps", "speed=3", "max_steps=many", "max_steps=0"])
def test_what_is_no_setting_is_refused(change):
    with pytest.raises(click.BadParameter):
        variants(["default"], [change])
