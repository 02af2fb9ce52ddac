from dataclasses import replace

import pytest

from photodrag.errors import SettingsError
from photodrag.inversion import (
    DEFAULTS,
    PRESETS,
    InversionSettings,
    LossSettings,
    ProjectSettings,
    TuneSettings,
)


@pytest.mark.parametrize(
    ("settings", "name", "value"),
    [
        (LossSettings(), "resolution", 8),
        (LossSettings(), "perceptual_weight", -1.0),
        (LossSettings(), "background", 1.5),
        (LossSettings(), "coarse", 8),
        (ProjectSettings(), "steps", 0),
        (ProjectSettings(), "coarse_part", 1.5),
        (ProjectSettings(), "start", "z"),
        (ProjectSettings(), "learning_rate", 0.0),
        (ProjectSettings(), "ramp_up", 1.1),
        (ProjectSettings(), "noise", -0.1),
        (ProjectSettings(), "prior", -1.0),
        (ProjectSettings(), "space", "z"),
        (ProjectSettings(), "plus_steps", 0),
        (ProjectSettings(), "seed", -1),
        (TuneSettings(), "steps", -1),
        (TuneSettings(), "steps", 3.5),
        (TuneSettings(), "full_part", -0.1),
        (TuneSettings(), "full_every", -1),
        (TuneSettings(), "pixel_weight", -0.1),
        (TuneSettings(), "background", 1.1),
        (TuneSettings(), "step_size", 0.0),
        (TuneSettings(), "stop_distance", -0.1),
        (TuneSettings(), "locality_weight", -0.1),
        (TuneSettings(), "locality_every", 0),
    ],
)
def test_value_out_of_range_is_refused_and_shown(settings, name, value):
    with pytest.raises(SettingsError, match=rf"{name} is {value!r}"):
        replace(settings, **{name: value})


def test_presets_differ_in_how_long_they_tune():
    assert PRESETS["default"] is DEFAULTS
    assert InversionSettings(LossSettings(), ProjectSettings(), TuneSettings()) == DEFAULTS
    steps = [PRESETS[name].tune.steps for name in ("quick", "default", "thorough")]
    assert steps == sorted(set(steps))
