"""The cache of inversions from the command line."""

import json
import os
import stat

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.pipeline.cli import main

CORNERS = ["--drag", "mouth_left->-5%,-4%", "--drag", "mouth_right->+5%,-4%"]
QUICK = ["--pivot-steps", "2", "--tune-steps", "1", "--drag-steps", "2", "--device", "cpu"]


def run(*args):
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def edit(small_portrait, tiny_checkpoint, tmp_path):
    def edit(name, *more):
        return run(
            *("edit", small_portrait, "-o", tmp_path / name, *CORNERS, *QUICK),
            *("--checkpoint", tiny_checkpoint, *more),
        )

    return edit


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def listed():
    return json.loads(run("cache", "list", "--json"))


def test_second_edit_takes_the_face_from_the_cache(edit, tmp_path):
    first = edit("a.png", "--report", tmp_path / "a.json")
    assert "finding the face: 2/2" in first
    assert "in the cache" not in first
    second = edit("b.png", "--report", tmp_path / "b.json")
    assert "finding the face" not in second
    assert "remembering the face: 1/1" in second
    assert "the face was in the cache" in second
    np.testing.assert_array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))
    reports = [json.loads((tmp_path / name).read_text("utf-8")) for name in ("a.json", "b.json")]
    assert [report["inversion_cached"] for report in reports] == [False, True]
    assert reports[0]["losses"] == reports[1]["losses"]
    assert reports[0]["points"] == reports[1]["points"]


def test_inversion_for_dragging_comes_from_the_cache_too(
    edit, small_portrait, tiny_checkpoint, tmp_path
):
    edit("a.png")
    output = run(
        *("invert", small_portrait, "-o", tmp_path / "me.safetensors", "--device", "cpu"),
        *("--checkpoint", tiny_checkpoint, "--pivot-steps", 2, "--tune-steps", 1),
    )
    assert "the face was in the cache" in output
    run("drag", tmp_path / "me.safetensors", "-o", tmp_path / "b.png", *QUICK[4:], *CORNERS[:0],
        "--drag", "100,100->+10,-5")  # fmt: skip
    assert pixels(tmp_path / "b.png").shape == (256, 256, 3)


def test_no_cache_writes_nothing_and_takes_nothing(edit, own_cache):
    edit("a.png", "--no-cache")
    assert not (own_cache / "inversions").exists()
    edit("a.png")
    kept = sorted((own_cache / "inversions").iterdir())
    assert "finding the face: 2/2" in edit("b.png", "--no-cache")
    assert sorted((own_cache / "inversions").iterdir()) == kept


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_others_cannot_read_what_is_kept(edit, own_cache):
    edit("a.png")
    folder = own_cache / "inversions"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_list_and_clear(edit, small_portrait, own_cache):
    assert listed()["inversions"] == []
    assert "0 inversions" in run("cache", "list")
    edit("a.png")
    edit("b.png", "--seed", 3)
    values = listed()
    assert values["folder"] == str(own_cache / "inversions")
    assert values["limit"] == 4 * 10**9
    assert [entry["photo"] for entry in values["inversions"]] == [small_portrait.name] * 2
    for entry in values["inversions"]:
        assert entry["checkpoint"] == "tiny"
        assert entry["made"] <= entry["used"]
        assert entry["made"].endswith("+00:00")
    assert values["bytes"] > sum(entry["size"] for entry in values["inversions"])
    text = run("cache", "list")
    assert text.count(small_portrait.name) == 2
    assert "2 inversions" in text
    assert "of 4000.0 MB" in text

    older = own_cache / "inversions" / f"{values['inversions'][1]['key']}.inversion"
    os.utime(older, (1e9, 1e9))
    assert "removed 0 inversions" in run("cache", "clear", "--older-than", 20_000)
    assert "removed 1 inversion;" in run("cache", "clear", "--older-than", 7)
    assert [entry["key"] for entry in listed()["inversions"]] == [values["inversions"][0]["key"]]
    assert "removed 1 inversion;" in run("cache", "clear")
    assert listed()["bytes"] == 0
    assert "removed 0 inversions" in run("cache", "clear")


def test_clear_leaves_the_checkpoints(edit, no_network):
    (no_network / "checkpoints").mkdir(parents=True)
    (no_network / "checkpoints" / "mine.safetensors").touch()
    edit("a.png")
    run("cache", "clear")
    assert (no_network / "checkpoints" / "mine.safetensors").exists()


def test_unusable_cache_is_one_line_and_the_edit_is_there(edit, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("PHOTODRAG_CACHE", str(tmp_path / "file"))
    output = edit("a.png", "--quiet")
    (line,) = output.splitlines()
    assert line.startswith("photodrag: note: the work goes on without the cache")
    assert "PHOTODRAG_CACHE" in line
    assert (tmp_path / "a.png").exists()


def test_size_of_the_environment(edit, own_cache, monkeypatch):
    monkeypatch.setenv("PHOTODRAG_CACHE_SIZE", "0")
    edit("a.png")
    assert not (own_cache / "inversions").exists()
    monkeypatch.setenv("PHOTODRAG_CACHE_SIZE", "plenty")
    result = CliRunner().invoke(main, ["cache", "list"])
    assert result.exit_code == 1
    assert "plenty" in result.output
