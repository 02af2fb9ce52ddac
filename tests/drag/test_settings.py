from dataclasses import FrozenInstanceError, replace

import pytest

from photodrag.drag import DEFAULTS, OFFICIAL, DragSettings
from photodrag.drag.settings import TRACKINGS
from photodrag.errors import SettingsError


@pytest.mark.parametrize("settings", [DEFAULTS, OFFICIAL])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("method", "magic"),
        ("tracking", "magic"),
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
        ("precision", "float16"),
        ("compiled", 1),
    ],
)
def test_value_out_of_range_is_refused_and_shown(settings, name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(settings, **{name: value})


def test_settings_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        DEFAULTS.max_steps = 1


@pytest.mark.parametrize("tracking", TRACKINGS)
def test_freedrag_takes_no_tracking(tracking):
    with pytest.raises(SettingsError, match=rf"tracking is '{tracking}'.*'free' finds its points"):
        DragSettings(method="free", tracking=tracking)


@pytest.mark.parametrize("method", ["template", "official"])
@pytest.mark.parametrize("tracking", [None, *TRACKINGS])
def test_the_others_take_any_tracking(method, tracking):
    assert DragSettings(method=method, tracking=tracking).tracking == tracking
