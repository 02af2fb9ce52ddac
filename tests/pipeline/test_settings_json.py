"""Settings as plain values and back."""

import json
from dataclasses import replace

import pytest

from photodrag.errors import SettingsError
from photodrag.pipeline.settings import DEFAULTS
from photodrag.pipeline.settings_json import settings_from_values, settings_to_values

OTHER = replace(
    DEFAULTS,
    checkpoint="mine.pkl",
    project=replace(DEFAULTS.project, seed=3, space="w+"),
    drag=replace(DEFAULTS.drag, max_steps=7, rows=4, prior=0.5),
)


def test_only_what_differs_is_told():
    assert settings_to_values(DEFAULTS) == {}
    assert settings_to_values(OTHER) == {
        "checkpoint": "mine.pkl",
        "project": {"seed": 3, "space": "w+"},
        "drag": {"max_steps": 7, "rows": 4, "prior": 0.5},
    }


@pytest.mark.parametrize("base", [DEFAULTS, None])
@pytest.mark.parametrize("settings", [DEFAULTS, OTHER])
def test_values_give_the_settings_back(settings, base):
    values = json.loads(json.dumps(settings_to_values(settings, base)))
    assert settings_from_values(values) == settings


def test_the_face_is_no_setting_here():
    assert "face" not in settings_to_values(DEFAULTS, None)
    with pytest.raises(SettingsError, match="beside"):
        settings_from_values({"face": 2})


def test_none_is_a_value_where_the_settings_have_it():
    assert settings_from_values({"drag": {"rows": None}}, OTHER).drag.rows is None
    assert settings_to_values(DEFAULTS, OTHER)["drag"]["rows"] is None


def test_a_whole_number_does_for_one_with_a_part():
    settings = settings_from_values({"drag": {"prior": 1}})
    assert isinstance(settings.drag.prior, float)
    assert settings == settings_from_values({"drag": {"prior": 1.0}})


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({"drga": {}}, "no 'drga'; did you mean 'drag'"),
        ({"drag": {"steps": 3}}, r"settings\.drag has no 'steps'; did you mean 'max_steps'"),
        ({"drag": 3}, r"settings\.drag is 3; it must be an object"),
        ([], r"settings is \[\]; it must be an object"),
        (
            {"drag": {"max_steps": "3"}},
            r"settings\.drag\.max_steps is '3'; it must be a whole number",
        ),
        ({"drag": {"max_steps": True}}, "max_steps is True"),
        ({"drag": {"max_steps": 0}}, r"settings\.drag: max_steps is 0"),
        ({"drag": {"rows": "x"}}, "rows is 'x'"),
        ({"checkpoint": None}, "checkpoint is None"),
    ],
)
def test_what_is_wrong_is_named(values, seen):
    with pytest.raises(SettingsError, match=seen):
        settings_from_values(values)
