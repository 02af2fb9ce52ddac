"""The whole benchmark on one pair, with a tiny generator."""

import json
import shutil

import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation import truth_pairs
from evaluation.inversion_settings import SETTINGS
from evaluation.truth_pairs import main, tabulate
from evaluation.truth_systems import landmark_warp, no_edit
from photodrag.checkpoints import load_generator
from photodrag.errors import CheckpointError


@pytest.fixture
def folder(small_portrait, tmp_path):
    pairs = tmp_path / "pairs"
    pairs.mkdir()
    shutil.copyfile(small_portrait, pairs / "one_neutral.png")
    with Image.open(small_portrait) as image:
        image.rotate(4, Image.Resampling.BICUBIC).save(pairs / "one_smiling.png")
    return pairs


@pytest.fixture(autouse=True)
def tiny(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(truth_pairs, "load_generator", lambda: load_generator(tiny_checkpoint))


def run(*args):
    return CliRunner().invoke(main, [str(arg) for arg in args])


def test_baselines_are_measured(folder, tmp_path):
    path = tmp_path / "truth.json"
    done = run(
        *(folder, "--systems", "no edit, landmark warp", "--json", path),
        *("--sheets", tmp_path / "sheets"),
    )
    assert done.exit_code == 0, done.output
    unedited, warped = json.loads(path.read_text("utf-8"))["rows"]
    assert (unedited["system"], warped["system"]) == ("no edit", "landmark warp")
    assert unedited["pairs"] == 1
    assert unedited["sharpness"] == 1
    assert unedited["outside"] == warped["outside"] == 0
    assert warped["landmarks"] < unedited["landmarks"]
    assert warped["each"].keys() == {"one"}
    assert warped["each"]["one"]["psnr"] == warped["psnr"]
    assert "landmark warp" in done.output
    assert len(list((tmp_path / "sheets").glob("*.jpg"))) == 2


def test_a_run_goes_on_where_it_was_stopped(folder, tmp_path, monkeypatch):
    path = tmp_path / "truth.json"
    run(folder, "--systems", "landmark warp", "--json", path)
    for suffix in ("neutral", "smiling"):
        shutil.copyfile(folder / f"one_{suffix}.png", folder / f"two_{suffix}.png")
    tried = []

    def counted(pair):
        tried.append(pair.name)
        return landmark_warp(pair)

    systems = {"no edit": no_edit, "landmark warp": counted}
    monkeypatch.setattr(
        truth_pairs, "_systems", lambda names: {name: systems[name] for name in names}
    )
    done = run(folder, "--systems", "no edit,landmark warp", "--json", path, "--continue")
    assert done.exit_code == 0, done.output
    assert tried == ["two"]
    unedited, warped = json.loads(path.read_text("utf-8"))["rows"]
    assert unedited["pairs"] == warped["pairs"] == 2
    assert warped["each"].keys() == {"one", "two"}
    assert warped["psnr"] == warped["each"]["one"]["psnr"] == warped["each"]["two"]["psnr"]
    run(folder, "--systems", "no edit", "--json", path)
    assert len(json.loads(path.read_text("utf-8"))["rows"]) == 1


def test_a_system_without_its_weights_is_left_out_with_the_reason(folder, monkeypatch):
    def missing(pair):
        raise CheckpointError("raft has no weights here")

    monkeypatch.setattr(truth_pairs, "_systems", lambda names: {"template + raft": missing})
    done = run(folder, "--systems", "template + raft")
    assert done.exit_code == 0, done.output
    assert "template + raft is left out: raft has no weights here" in done.stderr
    assert done.stdout == ""


def test_an_unknown_system_is_refused_with_the_known_ones(folder):
    done = run(folder, "--systems", "no edit,magic")
    assert done.exit_code == 2
    assert "'magic'" in done.output
    assert "landmark warp" in done.output


def test_a_pair_that_is_not_there_is_refused(folder):
    done = run(folder, "--systems", "no edit", "--only", "two")
    assert done.exit_code == 2
    assert "two" in done.output


def test_every_variant_has_a_name_on_the_command_line():
    baselines = ("no edit", "landmark warp", "true motion", "photodrag + true light")
    assert truth_pairs.NAMES[:5] == (*baselines, "photodrag")
    assert len(set(truth_pairs.NAMES)) == len(truth_pairs.NAMES)


def test_other_inversions_are_systems_for_those_who_ask():
    assert set(truth_pairs.NAMES) - set(truth_pairs.USUAL) == set(truth_pairs.INVERTED)
    (system,) = truth_pairs._systems(["inversion: no tuning"]).values()
    assert system.keywords["settings"] == SETTINGS["no tuning"]


def test_the_table_has_a_line_for_a_system():
    row = {
        "system": "no edit",
        "pairs": 10,
        "landmarks": 4.123,
        "mouth": 9.5,
        "psnr": 21.0,
        "ssim": 0.81234,
        "lpips": 0.12345,
        "identity": 0.4,
        "identity_before": 0.0,
        "sharpness": 1.0,
        "outside": 0,
        "seconds": 0.0,
    }
    (cells,) = tabulate([row]).cells
    assert cells == (
        *("no edit", "10", "4.12", "9.50", "21.00", "0.812", "0.1235", "0.400", "0.000"),
        *("1.00", "0 px", "0"),
    )
