import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation import faces, there_and_back
from evaluation.there_and_back import main, named_edits, tabulate
from photodrag.alignment import Face


@pytest.fixture
def seen(monkeypatch):
    """A face in every image: random generators paint none."""
    draw = np.random.default_rng(0)

    def find(photo):
        landmarks = draw.uniform(0.3, 0.7, (68, 2)) * photo.size[0]
        return (Face(1, (0.0, 0.0, 10.0, 10.0), landmarks, 1.0),)

    monkeypatch.setattr(faces, "find_faces", find)


@pytest.mark.usefixtures("seen")
def test_random_faces_go_there_and_back(tiny_checkpoint, tmp_path):
    path = tmp_path / "there_and_back.json"
    arguments = [
        "--preset",
        "default",
        "--faces",
        "2",
        "--setting",
        "max_steps=3",
        "--json",
        str(path),
    ]
    arguments += ["--setting", "patience=0"]  # the last step counts, nearer or not
    arguments += ["--checkpoint", str(tiny_checkpoint), "--sheets", str(tmp_path / "sheets")]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    rows = json.loads(path.read_text())["rows"]
    assert [row["edit"] for row in rows] == ["smile", "turn", "face"]
    for row in rows:
        assert row["count"] == 2
        assert 0 <= row["lpips_median"] <= row["lpips_most"]
        assert row["lpips_there"] > 0
        assert row["network"] == "st-alex"
    assert (tmp_path / "sheets" / "back-01.jpg").is_file()


def test_a_photo_goes_there_and_back(small_portrait, tiny_checkpoint, tmp_path, monkeypatch):
    usual = there_and_back.DEFAULTS
    few = replace(usual.project, steps=2), replace(usual.tune, steps=1)
    short = replace(usual, project=few[0], tune=few[1])
    monkeypatch.setattr(there_and_back, "DEFAULTS", short)
    path = tmp_path / "there_and_back.json"
    arguments = [
        str(small_portrait),
        "--preset",
        "default",
        "--faces",
        "0",
        "--setting",
        "max_steps=2",
    ]
    arguments += ["--checkpoint", str(tiny_checkpoint), "--json", str(path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    rows = json.loads(path.read_text())["rows"]
    assert [(row["images"], row["edit"]) for row in rows] == [
        ("photos", "smile"),
        ("photos", "turn"),
    ]


def test_edits_are_in_parts_of_the_eye_distance():
    landmarks = np.full((68, 2), 100.0)
    landmarks[36:42], landmarks[42:48] = (75.0, 50.0), (125.0, 50.0)
    edits = named_edits(landmarks)
    left, right = edits["smile"]
    assert left.target == (98.0, 98.5)
    assert right.target == (102.0, 98.5)
    (nose,) = edits["turn"]
    assert nose.target == (110.0, 100.0)


def test_the_table_names_what_was_dragged():
    row = {
        "variant": "default",
        "images": "ffhq-mobile",
        "edit": "smile",
        "count": 3,
        "lpips": 0.02,
        "lpips_error": 0.001,
        "lpips_median": 0.019,
        "lpips_there": 0.1,
        "left_there": 0.4,
        "left_back": 0.3,
        "seconds": 2.0,
    }
    (cells,) = tabulate([row]).cells
    assert cells[:4] == ("default", "ffhq-mobile (3)", "smile", "0.0200 ± 0.0010")
