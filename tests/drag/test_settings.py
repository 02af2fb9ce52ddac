from dataclasses import FrozenInstanceError, replace

import pytest

from photodrag.drag import DEFAULTS, OFFICIAL
from photodrag.errors import SettingsError


@pytest.mark.parametrize("settings", [DEFAULTS, OFFICIAL])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "magic"),
        ("max_steps", 0),
        ("max_steps", 2.5),
        ("learning_rate", 0),
        ("learning_rate", -1e-3),
        ("learning_rate", float("nan")),
        ("feature_resolution", 0),
        ("rows", 0),
        ("rows", 1.5),
        ("patch_radius", 0),
        ("search_radius", -1),
        ("stop_distance", -0.5),
        ("mask_weight", -20),
    ],
)
def test_value_out_of_range_is_refused_and_shown(settings, name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(settings, **{name: value})


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        DEFAULTS.max_steps = 1
