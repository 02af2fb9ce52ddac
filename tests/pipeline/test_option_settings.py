"""What `--no-guide` and `--composite` stand for, and that edits heed them."""

import json
import shutil
from dataclasses import replace

import pytest
from click.testing import CliRunner

from photodrag.drag import OFFICIAL
from photodrag.errors import SettingsError
from photodrag.pipeline.cli import main
from photodrag.pipeline.composite.settings import COMPOSITES
from photodrag.pipeline.option_settings import ChangeOptions
from photodrag.pipeline.settings import DEFAULTS, EditSettings

NOTHING = {
    "preset": "default",
    "drag_steps": None,
    "method": None,
    "tracking": None,
    "no_guide": False,
    "composite": DEFAULTS.composite.method,
}
UNGUIDED = replace(DEFAULTS.guide, steps=0)
SHORT = ["--drag", "mouth_left->-5%,-4%", "--drag-steps", "1", "--device", "cpu", "--quiet"]


def run(*args):
    done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_without_options_the_settings_are_the_defaults():
    assert DEFAULTS.guide.steps > 0
    assert ChangeOptions(**NOTHING).settings(DEFAULTS) == DEFAULTS


def test_no_guide_takes_the_guide_alone_away():
    settings = ChangeOptions(**{**NOTHING, "no_guide": True}).settings(DEFAULTS)
    assert settings == replace(DEFAULTS, guide=UNGUIDED)


@pytest.mark.parametrize("asked", [{"preset": "official"}, {"method": "free"}, {"tracking": "dis"}])
def test_who_asks_for_a_way_to_drag_by_features_gets_no_guide(asked):
    settings = ChangeOptions(**{**NOTHING, **asked}).settings(DEFAULTS)
    assert settings.guide == UNGUIDED
    assert settings.drag != DEFAULTS.drag
    assert settings.composite == DEFAULTS.composite


def test_fewer_steps_leave_the_guide():
    settings = ChangeOptions(**{**NOTHING, "drag_steps": 3}).settings(DEFAULTS)
    assert settings.guide == DEFAULTS.guide
    assert settings.drag == replace(DEFAULTS.drag, max_steps=3)


@pytest.mark.parametrize("method", COMPOSITES)
def test_a_way_to_put_it_in_changes_that_alone(method):
    settings = ChangeOptions(**{**NOTHING, "composite": method}).settings(DEFAULTS)
    composite = replace(DEFAULTS.composite, method=method)
    assert settings == replace(DEFAULTS, composite=composite)


def test_the_sessions_other_settings_stay():
    """Those of the inversion are the session's; the way to drag is each edit's own."""
    project = replace(DEFAULTS.project, steps=7)
    before = replace(DEFAULTS, checkpoint="x", project=project, guide=UNGUIDED, drag=OFFICIAL)
    settings = ChangeOptions(**NOTHING).settings(before)
    assert settings == replace(DEFAULTS, checkpoint="x", project=project)


def test_edits_heed_them(small_portrait, tiny_checkpoint, tmp_path):
    face = ["--checkpoint", tiny_checkpoint, "--pivot-steps", 1, "--tune-steps", 0]
    report = tmp_path / "report.json"
    run(
        *("edit", small_portrait, "-o", tmp_path / "out.png", *SHORT, *face),
        *("--no-guide", "--composite", "paste", "--report", report),
    )
    settings = json.loads(report.read_text("utf-8"))["settings"]
    assert settings["guide"]["steps"] == 0
    assert settings["composite"]["method"] == "paste"

    shutil.copyfile(small_portrait, tmp_path / "me.png")
    session, next_report = tmp_path / "me.session", tmp_path / "next.json"
    run("session", "new", tmp_path / "me.png", "-o", session, *face, "--device", "cpu", "--quiet")
    run(
        *("session", "edit", session, *SHORT, "--composite", "poisson", "--report", next_report),
    )
    settings = json.loads(next_report.read_text("utf-8"))["settings"]
    assert settings["guide"]["steps"] == DEFAULTS.guide.steps
    assert settings["composite"]["method"] == "poisson"


@pytest.fixture
def refused(monkeypatch):
    """The settings that reached the run, which is not begun."""
    seen = []

    def refuse(*args, **kwargs):
        seen.extend(one for one in args if isinstance(one, EditSettings))
        raise SettingsError("enough")

    monkeypatch.setattr("photodrag.pipeline.edit.faces_run.FacesRun", refuse)
    return seen


def test_compiling_is_a_setting_of_the_drag(refused, small_portrait, tmp_path):
    args = ["edit", small_portrait, "-o", tmp_path / "out.png", "--compile", *SHORT]
    args += ["--preset", "official"]
    done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 1
    assert [one.drag for one in refused] == [replace(OFFICIAL, max_steps=1, compiled=True)]


@pytest.mark.parametrize(
    ("given", "drag"),
    [
        ([], DEFAULTS.drag),
        (["--precision", "bfloat16"], replace(DEFAULTS.drag, precision="bfloat16")),
        (["--set", "drag.precision=bfloat16"], replace(DEFAULTS.drag, precision="bfloat16")),
        (["--preset", "official"], OFFICIAL),
        (["--preset", "official", "--precision", "tf32"], replace(OFFICIAL, precision="tf32")),
    ],
)
def test_precision_is_a_setting_of_the_drag(refused, small_portrait, tmp_path, given, drag):
    args = ["edit", small_portrait, "-o", tmp_path / "out.png", *SHORT, *given]
    done = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert done.exit_code == 1
    assert [one.drag for one in refused] == [replace(drag, max_steps=1)]


@pytest.mark.parametrize("command", [["edit"], ["session", "edit"]])
def test_an_unknown_way_to_put_it_in_is_refused_with_the_known_ones(command, small_portrait):
    args = [*command, str(small_portrait), "--composite", "clone"]
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 2
    for method in COMPOSITES:
        assert repr(method) in done.output
