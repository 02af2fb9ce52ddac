"""Files that photodrag wrote before its modules and names changed: data/before/README.md."""

import importlib.metadata
import json
import re
import shutil
import zipfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.drag import OFFICIAL
from photodrag.inversion import read_inversion
from photodrag.pipeline import SessionFolder, read_recipe
from photodrag.pipeline.cli import main
from photodrag.pipeline.recipe.recipe_file import recipe_from_values, recipe_to_values
from photodrag.pipeline.settings_json import settings_from_values
from photodrag.pipeline.studio.engine.archive import unpack_session

BEFORE = Path(__file__).parent / "data" / "before"
RELEASE = "0.1.0"  # that wrote them: what is kept is used by the same release only
RENAMED = {"told": "shared_motion_weight"}  # settings by their names of before
GONE = {"face"}  # settings that a report had
CORNERS = ["--drag", "mouth_left->-5%,-4%", "--drag", "mouth_right->+5%,-4%"]
QUICK = ["--checkpoint", "tiny.safetensors", "--pivot-steps", "2", "--tune-steps", "1"]
STEPS = ["--device", "cpu", "--quiet", "--drag-steps", "2"]


def run(*args, code=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def work(tmp_path, monkeypatch):
    """A copy of the files, and the folder that their names count from."""
    folder = tmp_path / "before"
    shutil.copytree(BEFORE, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def same_release(monkeypatch):
    """The release that wrote the files."""
    found = importlib.metadata.distribution

    class Distribution:
        version = RELEASE

    monkeypatch.setattr(
        importlib.metadata,
        "distribution",
        lambda name: Distribution if name == "photodrag" else found(name),
    )


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def of_now(values):
    """Plain values of before with the names of now, whichever of the two those are."""
    if isinstance(values, list):
        return [of_now(value) for value in values]
    if not isinstance(values, dict):
        return values
    return {RENAMED.get(name, name): of_now(value) for name, value in values.items()}


def shared_motion_weight(settings):
    return of_now(asdict(settings.composite))["shared_motion_weight"]


def assert_kept(now, before, where):
    """Whatever was there is there, with the same value; there may be more by now."""
    if not isinstance(before, dict):
        assert now == before, where
        return
    for name in before.keys() - GONE:
        assert_kept(now[name], before[name], f"{where}.{name}")


def contents():
    """The name and the content of every file, also of those in the archive."""
    for path in BEFORE.rglob("*"):
        if path.is_file():
            yield path.name, path.read_bytes()
    with zipfile.ZipFile(BEFORE / "studio.zip") as archive:
        yield from ((entry.filename, archive.read(entry)) for entry in archive.infolist())


def test_no_file_names_a_place_of_the_machine_that_made_it():
    values = [(name, data) for name, data in contents() if name.endswith(".json")]
    assert len(values) == 6
    for name, data in values:
        strings = re.findall(r'"([^"]*)"', data.decode())
        assert not [text for text in strings if text.startswith(("/", "~")) or ":\\" in text], name
    for name, data in contents():
        if not name.startswith("make."):
            assert not re.search(rb"/(tmp|home|root|work|Users)/", data), name


def test_a_recipe_says_the_same():
    recipe = read_recipe(BEFORE / "recipe.json")
    written = json.loads((BEFORE / "recipe.json").read_text("utf-8"))
    assert of_now(recipe_to_values(recipe)) == of_now(written)
    assert recipe_from_values(recipe_to_values(recipe)) == recipe
    assert recipe.face.nearest == (53, 52)
    first, second, third = recipe.edits
    assert [str(drag) for drag in first.points] == ["mouth_left->-4%,-4%", "mouth_right->+4%,-4%"]
    assert (first.adjust, first.mask) == ((("smile", 0.4), ("yaw", -5.0)), "mouth+eyes")
    assert first.settings is None
    assert [str(drag) for drag in second.points] == ["chin+1%,-2%->+0%,+6%"]
    assert (third.points, third.adjust) == ((), (("brows_raise", 0.3),))


def test_a_recipes_settings_count():
    recipe = read_recipe(BEFORE / "recipe.json")
    settings, (_, second, third) = recipe.settings, recipe.edits
    assert (settings.project.seed, settings.project.steps, settings.tune.steps) == (7, 2, 1)
    assert (settings.guide.steps, settings.drag.stop_distance) == (0, 0.75)
    assert (settings.composite.reach, settings.composite.feather) == (0.2, 0.03)
    assert shared_motion_weight(settings) == 0.6
    changed = {"max_steps": 2}
    assert asdict(second.settings.drag) == {**asdict(OFFICIAL), **changed}
    assert shared_motion_weight(second.settings) == 0.6
    assert third.settings.composite.method == "paste"
    assert shared_motion_weight(third.settings) == 0.25


def test_a_recipe_runs(work):
    run("apply", "recipe.json", "photo.png", "-o", "out.png", *STEPS[:3], "--report", "r.json")
    report = json.loads((work / "r.json").read_text("utf-8"))
    assert of_now(report["settings"])["composite"]["shared_motion_weight"] == 0.25
    assert report["settings"]["composite"]["method"] == "paste"
    assert report["settings"]["drag"]["stop_distance"] == 0.75
    assert report["adjustments"][0]["name"] == "brows_raise"
    assert (pixels("out.png") != pixels("photo.png")).any()


@pytest.mark.usefixtures("same_release")
def test_a_batch_goes_on(work):
    shutil.copyfile("photo.png", "later.png")
    done = work / "batch" / "photo.png"
    before = done.stat().st_mtime_ns
    args = ["batch", "batch.json", "photo.png", "later.png", "-o", "batch", "--device", "cpu"]
    output = run(*args)
    assert "photo.png: done before" in output
    assert "1 done, 1 done before, 0 failed" in output
    assert done.stat().st_mtime_ns == before
    assert (work / "batch" / "later.png").is_file()


def test_a_session_is_as_it_was_left(work):
    session = SessionFolder("my.session").session
    assert (len(session.edits), session.position, session.face.index) == (4, 3, 1)
    assert session.settings.project.seed == 3
    smile, chin, brow = (edit.request for edit in session.edits[1:])
    assert smile.adjust == (("smile", 0.3),)
    assert session.edits[1].mask is not None
    assert shared_motion_weight(chin.settings) == 0.6
    assert chin.settings.drag.method == "official"
    assert brow.mask == "mouth+eyes"
    run("session", "render", "my.session", "-o", "again.png", *STEPS[:3])
    _check_alike(pixels("again.png"), pixels("now.png"))


def test_a_session_goes_on(work):
    assert "2 edits, 2 undone" in run("session", "undo", "my.session")
    run("session", "redo", "my.session")
    assert "4 edits" in run("session", "redo", "my.session")
    run("session", "undo", "my.session", "--quiet")
    run("session", "edit", "my.session", "--adjust", "yaw=3", *STEPS, "-o", "after.png")
    session = SessionFolder("my.session").session
    assert (len(session.edits), session.position) == (4, 4)
    assert session.edits[3].request.adjust == (("yaw", 3.0),)
    assert shared_motion_weight(session.edits[2].request.settings) == 0.6
    assert (pixels("after.png") != pixels("now.png")).any()


def test_a_sessions_recipe_can_be_made(work):
    run("session", "recipe", "my.session", "-o", "mine.json")
    recipe = read_recipe("mine.json")
    assert len(recipe.edits) == 3
    assert shared_motion_weight(recipe.edits[2].settings) == 0.6


def _check_alike(again, before):
    """The same picture, but for what another version of PyTorch rounds otherwise."""
    off = np.abs(again.astype(int) - before.astype(int))
    assert (off > 1).mean() < 0.01
    assert off.max() <= 8


def test_an_archive_of_the_studio_opens(work):
    found = unpack_session(Path("studio.zip"), work / "place", 2**24, None)
    assert found.photo.read_bytes() == Path("photo.png").read_bytes()
    run("session", "render", found.folder, "-o", "again.png", *STEPS[:3])
    _check_alike(pixels("again.png"), pixels("now.png"))


def test_an_inversion_is_read_and_dragged(work):
    inversion = read_inversion("inversion.safetensors")
    assert (inversion.tuned, inversion.generator.resolution) == (True, 32)
    run("drag", "inversion.safetensors", "-o", "face.png", "--drag", "10,20->13,20", *STEPS)
    assert pixels("face.png").shape == (32, 32, 3)


@pytest.mark.usefixtures("same_release")
def test_what_the_cache_kept_is_used_and_the_report_is_the_same(work, monkeypatch):
    monkeypatch.setenv("PHOTODRAG_CACHE", str(work / "cache"))
    kept = {path.name for path in (work / "cache" / "inversions").iterdir()}
    assert {Path(name).suffix for name in kept} == {".inversion", ".faces", ".look"}
    more = ["--seed", "5", "--mask", "mouth", "--preset", "official", "--report", "now.json"]
    run("edit", "photo.png", "-o", "edited.png", *QUICK, *CORNERS, *STEPS, *more)
    there = {path.name for path in (work / "cache" / "inversions").iterdir()}
    assert there - {".lock"} == kept
    before, now = (
        json.loads((work / name).read_text("utf-8")) for name in ("report.json", "now.json")
    )
    assert now["inversion_cached"] is True
    assert "project" not in now["seconds"]
    assert now["losses"] == before["losses"]
    assert now.keys() == before.keys()
    assert now["photo"].pop("marked") is True
    for name in ("format", "output", "photo", "face", "arrived", "checkpoint", "seed", "device"):
        assert now[name] == before[name], name
    assert [one.keys() for one in now["points"]] == [one.keys() for one in before["points"]]
    settings = of_now(before["settings"])
    assert settings.keys() >= GONE
    assert_kept(of_now(now["settings"]), settings, "settings")


def test_a_reports_settings_are_read():
    report = json.loads((BEFORE / "report.json").read_text("utf-8"))
    values = {name: value for name, value in report["settings"].items() if name not in GONE}
    values["composite"]["told"] = 0.3
    settings = settings_from_values(values)
    assert shared_motion_weight(settings) == 0.3
    assert settings.drag.method == "official"
