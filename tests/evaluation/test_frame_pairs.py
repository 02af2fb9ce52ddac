"""The whole program on a clip of one portrait that is moved."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from evaluation import frame_pairs
from evaluation.clips import Frame
from evaluation.frame_pairs import make_rows, tabulate
from evaluation.inversion_settings import SETTINGS
from photodrag.alignment import find_faces, open_photo
from photodrag.checkpoints import load_generator

SHIFTS = (0, 4, 10)


@pytest.fixture(scope="module")
def folder(small_portrait, tmp_path_factory):
    """A clip of three frames: the portrait, and itself further and further to the right."""
    place = tmp_path_factory.mktemp("clips")
    picture = cv2.imread(str(small_portrait))
    codec = cv2.VideoWriter_fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(place / "walk.avi"), codec, 25, (384, 384))
    assert writer.isOpened()
    for shift in SHIFTS:
        writer.write(np.roll(picture, shift, axis=1))
    writer.release()
    return place


@pytest.fixture(autouse=True)
def tiny(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(frame_pairs, "load_generator", lambda: load_generator(tiny_checkpoint))


def run(*args):
    return CliRunner().invoke(frame_pairs.main, [str(arg) for arg in args])


@pytest.fixture(scope="module")
def warped(folder, tmp_path_factory):
    """What a run of the landmark warp says."""
    place = tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(frame_pairs, "_systems", chosen)
        done = run(
            *(folder, "--systems", "landmark warp", "--json", place / "pairs.json"),
            *("--sheets", place / "sheets", "--per-clip", 1),
        )
    assert done.exit_code == 0, done.output
    return done, place


def chosen(names, inversion, cache):
    return {name: frame_pairs.BASELINES[name] for name in names}


def test_the_farthest_frame_is_the_truth(warped):
    _, place = warped
    unedited, result = json.loads((place / "pairs.json").read_text("utf-8"))["rows"]
    assert (unedited["system"], result["system"]) == ("no edit", "landmark warp")
    assert result["each"].keys() == {"walk 0-2"}
    assert result["psnr"] > unedited["psnr"] + 2
    assert result["worst"] == pytest.approx(result["psnr"] - unedited["psnr"])
    assert (result["pairs"], result["nearer"], result["refused"]) == (1, 1, 0)
    assert (unedited["worst"], unedited["nearer"]) == (0, 0)


def test_frames_that_are_too_far_are_no_pairs(small_portrait):
    photo = open_photo(small_portrait)
    face = find_faces(photo)[0]
    shifts = [np.array([part * face.eye_distance, 0]) for part in (0, 0.1, 0.7)]
    frames = [
        Frame(number, photo, replace(face, landmarks=face.landmarks + shift))
        for number, shift in enumerate(shifts)
    ]
    for farthest, expected in ((0.6, ["walk 0-1"]), (0.05, []), (0.8, ["walk 0-2", "walk 0-1"])):
        pairs = frame_pairs.clip_pairs("walk", frames, 5, farthest)
        assert [pair.name for pair in pairs] == expected


def test_a_clip_without_a_face_is_left_out(capsys):
    assert frame_pairs.clip_pairs("walk", [], 5, 1.0) == []
    assert "walk is left out" in capsys.readouterr().err


def test_sheets_show_the_targets_and_the_results(warped):
    _, place = warped
    assert {path.name for path in (place / "sheets").iterdir()} == {
        *("targets-01.jpg", "no-edit-01.jpg", "landmark-warp-01.jpg"),
    }


def test_a_run_goes_on_with_the_same_inversion_alone(warped, folder):
    _, place = warped
    file = place / "pairs.json"
    arguments = (folder, "--systems", "no edit", "--json", file, "--continue")
    before = file.read_text("utf-8")
    done = run(*arguments, "--inversion", "quick", "--per-clip", 1)
    assert done.exit_code == 2
    assert "was made with --inversion default" in done.output
    assert file.read_text("utf-8") == before
    done = run(*arguments, "--per-clip", 1)
    assert done.exit_code == 0, done.output
    assert json.loads(file.read_text("utf-8"))["rows"] == json.loads(before)["rows"]


def test_edits_begin_at_the_inversion_that_is_asked_for():
    systems = frame_pairs._systems(
        dict.fromkeys(("photodrag", "paste", "official preset", "inversion: instant")),
        "quick",
        None,
    )
    used = {name: system.keywords["settings"] for name, system in systems.items()}
    for name in ("photodrag", "paste", "official preset"):
        assert used[name].project == SETTINGS["quick"].project
    assert used["inversion: instant"] == SETTINGS["instant"]


def test_unknown_systems_are_refused_with_the_known_ones(folder):
    done = run(folder, "--systems", "magic")
    assert done.exit_code == 2
    assert "'magic'" in done.output
    assert "landmark warp" in done.output


def test_rows_tell_gains_over_no_edit_and_refusals():
    known = {
        "photodrag": {
            "a": {"psnr": 22.0, "outside": 0},
            "b": {"psnr": 19.5, "outside": 0},
            "c": {"refused": "too far"},
        },
        "no edit": {
            "a": {"psnr": 21.0, "outside": 0},
            "b": {"psnr": 20.0, "outside": 0},
            "c": {"psnr": 10.0, "outside": 0},
        },
    }
    unedited, edited = make_rows(known, "quick")
    assert (unedited["psnr"], unedited["pairs"], unedited["refused"]) == (20.5, 2, 0)
    assert (edited["worst"], edited["nearer"], edited["edited"]) == (-0.5, 1, 2)
    assert (edited["pairs"], edited["refused"], edited["inversion"]) == (2, 1, "quick")
    assert edited["psnr"] == 20.75


def test_a_system_that_could_do_nothing_has_no_medians_and_no_line():
    known = {
        "paste": {"a": {"refused": "too far"}},
        "no edit": {"a": {"psnr": 20.0, "outside": 0}},
    }
    unedited, refused = make_rows(known, "quick")
    assert (unedited["pairs"], unedited["edited"]) == (0, 1)
    assert (refused["pairs"], refused["edited"], refused["refused"]) == (0, 0, 1)
    assert tabulate([unedited, refused]).cells == ()


def test_the_table_has_a_line_for_a_system_that_could_do_something():
    row = {
        **{
            "system": "photodrag",
            "pairs": 9,
            "edited": 9,
            "refused": 2,
            "psnr": 21.0,
            "worst": -1.234,
        },
        **{"nearer": 7, "ssim": 0.81234, "lpips": 0.12345, "landmarks": 4.123},
        **{"identity": 0.4, "identity_before": 0.1, "sharpness": 1.0, "seconds": 4.5},
    }
    (cells,) = tabulate([row, {"system": "paste", "pairs": 0}]).cells
    assert cells == (
        *("photodrag", "9", "2", "21.00", "-1.23", "7 of 9", "0.812", "0.1235", "4.12"),
        *("0.400", "0.100", "1.00", "4.5 s"),
    )
