"""`--dry-run`: all checks, the plan, and nothing written."""

import json
import shutil

import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.pipeline.cli import main

QUICK = {"project": {"steps": 2}, "tune": {"steps": 1}, "drag": {"max_steps": 2}}
SET = ["--set", "project.steps=2", "--set", "tune.steps=1", "--set", "drag.max_steps=2"]


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def state(*folders):
    """Every file of the folders with its content and its time."""
    return {
        path: (path.stat().st_mtime_ns, path.read_bytes())
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and "checkpoints" not in path.parts
    }


@pytest.fixture
def edit(small_portrait, tiny_checkpoint, tmp_path):
    """Arguments of an edit."""
    return [
        *("edit", small_portrait, "-o", tmp_path / "out.png", "--device", "cpu", *SET),
        *("--checkpoint", tiny_checkpoint, "--drag", "150,200->160,205"),
        *("--adjust", "smile=0.5", "--mask", "face+mouth"),
    ]


@pytest.fixture
def recipe(tiny_checkpoint, tmp_path):
    path = tmp_path / "r.json"
    settings = {"checkpoint": str(tiny_checkpoint), **QUICK}
    values = {"photodrag_recipe": 1, "settings": settings, "adjust": {"smile": 0.5}}
    path.write_text(json.dumps(values))
    return path


def test_the_plan_of_an_edit(edit, own_cache, tmp_path):
    (tmp_path / "report.json").write_text("{}")
    before = state(tmp_path, own_cache)
    done = run(*edit, "--report", tmp_path / "report.json", "--dry-run")
    assert done.exit_code == 0, done.output
    assert state(tmp_path, own_cache) == before
    lines = {line.split(maxsplit=1)[0]: line for line in done.stdout.splitlines()}
    assert lines["photo"].endswith("small.png, 384x384, 8 bit PNG")
    assert lines["face"].startswith("face 1     around ")
    assert lines["drag"].endswith("150.0,200.0 -> 160.0,205.0 px")
    assert lines["adjust"].endswith("smile=0.5")
    assert lines["mask"].endswith("face+mouth")
    assert lines["output"].endswith("report.json, which is there and would be replaced")
    assert f"output     {tmp_path / 'out.png'}\n" in done.stdout
    assert "inversion  to be made, by " in done.stdout
    assert "about 2 s" in lines["time"] or "about 3 s" in lines["time"]
    assert done.stdout.splitlines()[-1] == "a dry run: nothing was written"


def test_the_inversion_at_hand_is_told_and_left_as_it_is(edit, own_cache, tmp_path):
    assert run(*edit).exit_code == 0
    before = state(tmp_path, own_cache)
    done = run(*edit, "--dry-run")
    assert "inversion  at hand, in the cache" in done.stdout
    assert state(tmp_path, own_cache) == before
    assert "to be made" in run(*edit, "--dry-run", "--no-cache").stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--drag", "2,380->20,380"], "face's square"),
        (["--face", "2"], "2"),
        (["--set", "drag.max_steps=0"], "max_steps is 0"),
        (["--mask", "none.png"], "no such file"),
        (["--report", "report.txt"], "extension"),
        (["--adjust", "smile=7"], "smile"),
    ],
)
def test_what_would_be_refused_is_refused(edit, own_cache, tmp_path, options, expected):
    before = state(tmp_path, own_cache)
    done = run(*edit, "--dry-run", *options)
    assert done.exit_code == 1
    assert expected in done.stderr
    assert done.stdout == ""
    assert state(tmp_path, own_cache) == before


def test_no_generator_is_fetched_for_it(edit, own_cache, monkeypatch, tmp_path):
    monkeypatch.setenv("PHOTODRAG_CACHE", str(tmp_path / "cache"))
    done = run(*edit, "--checkpoint", "afhqcat", "--dry-run")
    assert done.exit_code == 1
    assert "photodrag checkpoints fetch afhqcat" in done.stderr
    assert not (tmp_path / "cache").exists()


def test_the_plan_of_a_recipe(recipe, small_portrait, own_cache, tmp_path):
    before = state(tmp_path, own_cache)
    args = ["apply", recipe, small_portrait, "-o", tmp_path / "out.png", "--device", "cpu"]
    done = run(*args, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "adjust     smile=0.5" in done.stdout
    assert state(tmp_path, own_cache) == before


def test_the_plan_of_a_batch(recipe, small_portrait, own_cache, tmp_path):
    shutil.copyfile(small_portrait, tmp_path / "me.png")
    Image.new("RGB", (80, 60), "grey").save(tmp_path / "wall.png")
    (tmp_path / "text.jpg").write_text("a photo of me")
    batch = ["batch", recipe, tmp_path / "me.png", "-o", tmp_path / "out", "--device", "cpu"]
    before = state(tmp_path, own_cache)
    done = run(*batch, "--dry-run")
    assert done.exit_code == 0, done.output
    first, count, last = done.stdout.splitlines()
    result = tmp_path / "out" / "me.png"
    assert first == (f"{tmp_path / 'me.png'} -> {result}: 384x384, face 1, inversion to be made")
    assert count.startswith("1 of 1 photos can be done; about ")
    assert last == "a dry run: nothing was written"
    failing = run(*batch, tmp_path / "wall.png", tmp_path / "text.jpg", "--dry-run")
    assert failing.exit_code == 3
    assert "wall.png would fail: " in failing.stderr
    assert "text.jpg would fail: " in failing.stderr
    assert "1 of 3 photos can be done" in failing.stdout
    assert state(tmp_path, own_cache) == before
    assert not (tmp_path / "out").exists()
    assert run(*batch, "--quiet").exit_code == 0
    assert f"{result}: done before" in run(*batch, "--dry-run").stdout
    assert run(*batch, "--dry-run", "--json").exit_code == 2
