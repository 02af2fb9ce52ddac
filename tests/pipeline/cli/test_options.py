from dataclasses import replace

import pytest

from photodrag.inversion import PRESETS
from photodrag.pipeline.option_settings import edit_settings
from photodrag.pipeline.settings import DEFAULTS

GIVEN = {"checkpoint": DEFAULTS.checkpoint, "seed": 0}
NOTHING = {"space": None, "pivot_steps": None, "tune_steps": None}


@pytest.mark.parametrize("name", PRESETS)
def test_an_inversion_preset_is_taken_whole(name):
    settings = edit_settings(**GIVEN, inversion=name, **NOTHING)
    preset = PRESETS[name]
    assert (settings.loss, settings.project, settings.tune) == (
        preset.loss,
        preset.project,
        preset.tune,
    )


def test_without_options_the_settings_are_the_defaults():
    assert edit_settings(**GIVEN, inversion="auto", **NOTHING) == DEFAULTS
    always = edit_settings(**GIVEN, inversion="default", **NOTHING)
    assert always == replace(DEFAULTS, depth="set")


@pytest.mark.parametrize("name", PRESETS)
def test_other_options_change_only_their_own_setting(name):
    preset = PRESETS[name]
    given = {**GIVEN, "seed": 5}
    settings = edit_settings(**given, inversion=name, space="w+", pivot_steps=3, tune_steps=0)
    assert (settings.project.space, settings.project.steps, settings.tune.steps) == ("w+", 3, 0)
    assert settings.project.seed == settings.tune.seed == 5
    assert settings.loss == preset.loss
    assert settings.tune.step_size == preset.tune.step_size
    assert settings.project.prior == preset.project.prior
