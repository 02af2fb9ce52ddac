"""`--set STAGE.NAME=VALUE`."""

import json
from dataclasses import asdict, replace

import pytest
from click.testing import CliRunner

from photodrag.drag import OFFICIAL
from photodrag.errors import SettingsError
from photodrag.inversion import PRESETS
from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.set_option import (
    OF_CHANGE,
    OF_DRAG,
    OF_INVERSION,
    SetOptions,
)
from photodrag.pipeline.cli.setting_names import all_settings
from photodrag.pipeline.settings import DEFAULTS

ALL = (*OF_INVERSION, *OF_CHANGE)
SMILE = ["--drag", "mouth_left->-5%,-4%"]


def made(*texts, base=DEFAULTS, stages=ALL):
    return SetOptions(texts, stages).on(base)


def test_every_setting_can_be_set_to_its_own_default():
    settings = list(all_settings())
    assert {one.stage for one in settings} == set(ALL)
    assert len({one.full_name for one in settings}) == len(settings) > 60
    texts = [f"{one.full_name}={one.default_text}" for one in settings]
    assert made(*texts) == DEFAULTS
    for one in settings:
        assert one.read(one.default_text) == one.default
        assert type(one.read(one.default_text)) is type(one.default)


@pytest.mark.parametrize(
    ("text", "stage", "change"),
    [
        ("composite.reach=0.3", "composite", {"reach": 0.3}),
        ("project.space=w+", "project", {"space": "w+"}),
        ("tune.steps=20", "tune", {"steps": 20}),
        (" guide.steps = 0 ", "guide", {"steps": 0}),
        ("guide.rows=4", "guide", {"rows": 4}),
        ("drag.compiled=true", "drag", {"compiled": True}),
        ("drag.compiled=Off", "drag", {"compiled": False}),
        ("composite.correction=1", "composite", {"correction": 1.0}),
        ("tune.background=0.5", "tune", {"background": 0.5}),
    ],
)
def test_one_setting_changes_only_itself(text, stage, change):
    expected = replace(DEFAULTS, **{stage: replace(getattr(DEFAULTS, stage), **change)})
    assert made(text) == expected


def test_the_last_of_one_name_counts_and_those_of_a_stage_go_together():
    assert made("tune.steps=20", "tune.steps=7").tune.steps == 7
    both = made("composite.still=0.01", "composite.moving=0.02").composite
    assert (both.still, both.moving) == (0.01, 0.02)


def test_a_value_that_was_set_can_be_empty_again():
    base = made("drag.tracking=dis", "drag.rows=3")
    again = made("drag.tracking=", "drag.rows=", base=base)
    assert (again.drag.tracking, again.drag.rows) == (None, None)
    assert made("drag.tracking=none").drag.tracking == "none"


def test_one_seed_for_all_stages():
    settings = made("seed=4")
    assert settings.project.seed == settings.tune.seed == 4


@pytest.mark.parametrize("text", ["drag.method=free", "drag.tracking=dis"])
def test_who_chooses_how_features_drag_wants_them_to(text):
    assert made(text).guide.steps == 0
    assert made(text, "guide.steps=3").guide.steps == 3
    assert made("drag.max_steps=9").guide == DEFAULTS.guide


def test_it_wins_over_presets():
    official = replace(DEFAULTS, drag=OFFICIAL, tune=PRESETS["quick"].tune)
    settings = made("drag.max_steps=9", "tune.steps=3", base=official)
    assert settings.drag == replace(OFFICIAL, max_steps=9)
    assert settings.tune == replace(PRESETS["quick"].tune, steps=3)


@pytest.mark.parametrize(
    ("text", "stages", "expected"),
    [
        ("drag.method", ALL, "write STAGE.NAME=VALUE"),
        ("drag.methd=free", ALL, r"no setting 'drag.methd'; did you mean drag\.method\?"),
        ("darg.method=free", ALL, r"did you mean drag\.method\?"),
        ("reach=0.3", ALL, r"did you mean composite\.reach\?"),
        ("darg.reach=0.3", ALL, r"did you mean composite\.reach\?"),
        ("guide.zzz=1", ALL, "guide has steps, noise"),
        ("zzz=1", OF_DRAG, "the stages are guide, drag"),
        ("tune.steps=1", OF_CHANGE, "tune.steps cannot be set here, only what guide, drag"),
        ("seed=1", OF_CHANGE, "seed cannot be set here"),
        ("drag.method=fre", ALL, "drag.method is 'fre'; choose one of"),
        ("tune.steps=many", ALL, "tune.steps is 'many'; it must be a whole number"),
        ("tune.steps=1.5", ALL, "whole number"),
        ("tune.steps=-1", ALL, "tune.steps is -1; it must be at least 0"),
        ("tune.steps=", ALL, "whole number"),
        ("composite.reach=far", ALL, "composite.reach is 'far'; it must be a number"),
        ("composite.reach=nan", ALL, "composite.reach is nan"),
        ("drag.compiled=1", ALL, "true or false"),
    ],
)
def test_what_cannot_be_set_is_told(text, stages, expected):
    with pytest.raises(SettingsError, match=expected):
        made(text, stages=stages)


def test_edit_takes_them_over_its_presets(small_portrait, tiny_checkpoint, tmp_path):
    done = CliRunner().invoke(
        main,
        [
            *("edit", str(small_portrait), "-o", str(tmp_path / "out.png"), *SMILE),
            *("--checkpoint", str(tiny_checkpoint), "--device", "cpu", "--quiet"),
            *("--inversion", "quick", "--preset", "official", "--composite", "paste"),
            *("--set", "project.steps=2", "--set", "tune.steps=1", "--set", "drag.max_steps=2"),
            *("--set", "composite.method=poisson", "--set", "composite.reach=0.3"),
            *("--report", str(tmp_path / "report.json")),
        ],
        catch_exceptions=False,
    )
    assert done.exit_code == 0, done.output
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    settings = report["settings"]
    assert (settings["project"]["steps"], settings["tune"]["steps"]) == (2, 1)
    assert settings["drag"] == asdict(replace(OFFICIAL, max_steps=2))
    assert settings["composite"] == asdict(replace(DEFAULTS.composite, method="poisson", reach=0.3))


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["invert", "me.jpg", "-o", "me.safetensors"], "drag.method=free"),
        (["session", "new", "me.jpg", "-o", "me.session"], "composite.reach=0.3"),
        (["drag", "me.safetensors", "-o", "out.png", *SMILE], "composite.reach=0.3"),
        (["edit", "me.jpg", "-o", "out.png", *SMILE], "composite.rich=0.3"),
        (["batch", "--adjust", "smile=0.4", "me.jpg", "-o", "out"], "tune.steps=none"),
    ],
)
def test_each_command_has_its_own(command, text, small_portrait, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me.jpg").write_bytes(small_portrait.read_bytes())
    done = CliRunner().invoke(main, [*command, "--set", text])
    assert done.exit_code == 1
    (line,) = done.stderr.splitlines()
    assert text.partition("=")[0] in line
    assert [path.name for path in tmp_path.iterdir()] == ["me.jpg"]
