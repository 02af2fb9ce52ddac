"""The command line's options as lists to choose from."""

import pytest

from photodrag.pipeline.option_settings import ChangeOptions

more = pytest.importorskip(
    "photodrag.pipeline.studio.page.method_panel", reason="NiceGUI is not installed"
)


def test_every_option_is_there_with_every_value():
    assert set(more._CHOICES) == set(ChangeOptions.__dataclass_fields__)
    for option, (_, _, values) in more._CHOICES.items():
        assert more.value_of(ChangeOptions(), option) in values
        for value in values:
            changed = more.with_value(ChangeOptions(), option, value)
            assert more.value_of(changed, option) == value


def test_values_are_those_of_the_command_line():
    change = ChangeOptions()
    for option, value in {
        "preset": "official",
        "method": "official",
        "tracking": "dis",
        "drag_steps": "25",
        "no_guide": "yes",
        "composite": "poisson",
    }.items():
        change = more.with_value(change, option, value)
    assert change == ChangeOptions("official", 25, "official", "dis", True, "poisson")
    for option in ("method", "tracking", "drag_steps", "no_guide"):
        change = more.with_value(change, option, "")
    assert change == ChangeOptions("official", composite="poisson")
