"""The wild sheet on the small portrait, with a tiny generator."""

import json
import shutil

import click
import numpy as np
import pytest
from click.testing import CliRunner

from evaluation import wild_edits, wild_sheet
from evaluation.wild_edits import FaceView, Trial, WildEdit, WildFolder, every_edit
from evaluation.wild_sheet import as_text, find_edits, find_photos, tabulate
from photodrag.checkpoints import load_generator
from photodrag.errors import PointError
from photodrag.pipeline import ADJUSTMENTS

SMILE = WildEdit("smile=0.8", (("smile", 0.8),))
EDITS = "smile=0.8,look sad"


@pytest.fixture
def folder(small_portrait, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    shutil.copyfile(small_portrait, photos / "one.png")
    return photos


@pytest.fixture(autouse=True)
def tiny(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(wild_sheet, "load_generator", lambda: load_generator(tiny_checkpoint))


def run(*args):
    options = ("--inversion", "instant")
    return CliRunner().invoke(wild_sheet.main, [str(arg) for arg in (*args, *options)])


def view(level):
    pixels = np.full((8, 8, 3), level, np.uint8)
    return FaceView(pixels, np.random.default_rng(level).uniform(0, 8, (68, 2)), 3.5)


def done(seconds=2.0):
    return Trial(SMILE, None, view(3), {"smile": 0.8}, {"smile": 0.5}, 0.25, seconds)


def test_every_adjustment_is_tried_in_both_directions():
    asked = [edit.adjust[0] for edit in every_edit() if len(edit.adjust) == 1]
    assert {name for name, _ in asked} == ADJUSTMENTS.keys()
    for name, one in ADJUSTMENTS.items():
        values = [value for other, value in asked if other == name]
        assert values == pytest.approx([0.8 * one.most, -0.8 * one.most])
    looks = {edit.name for edit in every_edit() if len(edit.adjust) > 1}
    assert looks == {f"look {name}" for name in ("smile", "laugh", "sad", "surprised", "angry")}
    assert len({edit.name for edit in every_edit()}) == len(every_edit())


def test_a_photo_is_tried_looked_at_and_judged(folder, tmp_path):
    work = tmp_path / "work"
    ended = run(folder, work, "--edits", EDITS)
    assert ended.exit_code == 0, ended.output
    rows = json.loads((work / "alarms.json").read_text("utf-8"))["rows"]
    assert [(row["photo"], row["edit"]) for row in rows] == [
        ("one", "look sad"),
        ("one", "smile=0.8"),
    ]
    assert rows[0]["reached"].keys() == {"smile", "brows_frown"}
    assert [path.name for path in (work / "sheets").iterdir()] == ["one-01.jpg"]
    assert (work / "alarms.txt").exists()
    assert "look sad" in ended.stdout


def test_a_run_goes_on_where_it_was_stopped(folder, tmp_path, monkeypatch):
    work = tmp_path / "work"
    run(folder, work, "--edits", "smile=0.8")
    asked = []

    class Counted(wild_edits.EditRun):
        def __init__(self, photo, request, **options):
            asked.append(request.adjust)
            super().__init__(photo, request, **options)

    monkeypatch.setattr(wild_edits, "EditRun", Counted)
    first = (work / "alarms.json").read_text("utf-8")
    assert run(folder, work, "--edits", "smile=0.8").exit_code == 0
    assert asked == []
    rows = json.loads((work / "alarms.json").read_text("utf-8"))["rows"]
    assert rows == json.loads(first)["rows"]
    assert run(folder, work, "--edits", EDITS).exit_code == 0
    assert asked == [(("smile", -0.8), ("brows_frown", 0.8))]


def test_a_photo_without_a_face_is_left_out(folder, tmp_path):
    shutil.copyfile(folder / "one.png", folder / "two.png")
    blank = np.full((200, 200, 3), 120, np.uint8)
    wild_edits.Image.fromarray(blank).save(folder / "none.png")
    (folder / "README.md").write_text("no photo", "utf-8")
    ended = run(folder, tmp_path / "work", "--edits", "smile=0.8", "--only", "none,one")
    assert ended.exit_code == 0, ended.output
    assert "none.png is left out: no face was found" in ended.stderr
    rows = json.loads((tmp_path / "work" / "alarms.json").read_text("utf-8"))["rows"]
    assert [row["photo"] for row in rows] == ["one"]


def test_what_cannot_be_asked_of_a_face_is_a_row(folder, tmp_path, monkeypatch):
    """A mouth that is shut cannot be shut; the other edits are done."""

    class Shut(wild_edits.EditRun):
        def __init__(self, photo, request, **options):
            if request.adjust == (("mouth_open", -0.8),):
                raise PointError("it is closed already")
            super().__init__(photo, request, **options)

    monkeypatch.setattr(wild_edits, "EditRun", Shut)
    for _ in range(2):  # the second time as it is kept
        ended = run(folder, tmp_path / "work", "--edits", "mouth_open=-0.8,smile=0.8")
        assert ended.exit_code == 0, ended.output
        rows = json.loads((tmp_path / "work" / "alarms.json").read_text("utf-8"))["rows"]
        refused = {row["edit"]: row.get("refused") for row in rows}
        assert refused == {"smile=0.8": None, "mouth_open=-0.8": "it is closed already"}


def test_unknown_names_are_refused(folder, tmp_path):
    for option, name in (("--only", "nobody"), ("--edits", "grin")):
        ended = run(folder, tmp_path / "work", option, name)
        assert ended.exit_code == 2
        assert name in ended.output
    assert not (tmp_path / "work").exists()
    with pytest.raises(click.BadParameter, match="has no photo"):
        find_photos(tmp_path)
    assert find_edits(" smile=0.8 ,") == (SMILE,)


def test_what_is_kept_is_read_again(tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(b"a photo")
    kept = WildFolder(tmp_path / "work", "quick")
    assert kept.read(path, SMILE) is None
    assert kept.read_photo(path) is None
    kept.keep_photo(path, view(5))
    kept.keep(path, done())
    again = kept.read(path, SMILE)
    assert (again.asked, again.reached) == ({"smile": 0.8}, {"smile": 0.5})
    assert (again.identity, again.seconds, again.refused) == (0.25, 2.0, None)
    np.testing.assert_array_equal(again.view.pixels, view(3).pixels)
    np.testing.assert_array_equal(again.view.landmarks, view(3).landmarks)
    assert kept.read_photo(path).eye_distance == 3.5
    kept.keep(path, Trial(SMILE, refused="why"))
    assert kept.read(path, SMILE).refused == "why"


def test_another_photo_or_inversion_is_tried_anew(tmp_path):
    path = tmp_path / "one.png"
    path.write_bytes(b"a photo")
    kept = WildFolder(tmp_path / "work", "quick")
    kept.keep(path, done())
    assert kept.read(path, SMILE) is not None
    assert kept.read(path, WildEdit(SMILE.name, (("smile", 0.7),))) is None
    assert WildFolder(tmp_path / "work", "default").read(path, SMILE) is None
    path.write_bytes(b"another photo")
    assert kept.read(path, SMILE) is None


ROWS = [
    {
        **{"photo": "w1", "edit": "yaw=8", "identity": 0.4, "edges": 0.0, "lines": 3.0},
        **{"streaks": 0.0, "reached": {"yaw": 0.2}, "alarms": ["identity", "lines", "yaw 0.20"]},
    },
    {
        **{"photo": "w1", "edit": "smile=0.8", "identity": 0.1, "edges": 0.0, "lines": 0.0},
        **{"streaks": 0.0, "reached": {"smile": 0.9}, "alarms": []},
    },
    {"photo": "w2", "edit": "yaw=8", "refused": "nothing lies in the square"},
]


def test_the_text_names_what_to_look_at_and_nothing_else():
    assert as_text(ROWS).splitlines() == [
        "w1 yaw=8: identity, lines, yaw 0.20 (identity 0.40, edges 0.00, lines 3.00, streaks 0.00)",
        "w2 yaw=8: refused, nothing lies in the square",
    ]


def test_the_table_counts_photos_by_edit():
    assert tabulate(ROWS).cells == (
        ("yaw=8", "1", "1", "", "1", "", "1", "1"),
        ("smile=0.8", "1", "", "", "", "", "", ""),
    )
