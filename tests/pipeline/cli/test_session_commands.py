"""Sessions, recipes and batches from the command line."""

import json
import shutil
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.pipeline.batch import run as batch_run
from photodrag.pipeline.cli import main

CORNERS = ["--drag", "mouth_left->-5%,-4%", "--drag", "mouth_right->+5%,-4%"]
BROWS = ["--drag", "brow_left_middle->+0%,-5%"]
STEPS = ["--drag-steps", "2", "--device", "cpu"]
_WAITING = ("looking at the photo", "opening the session")


def run(*args, code=0):
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == code, result.output
    return result


def refuse(expected, *args):
    lines = [line for line in run(*args, code=1).output.splitlines() if line not in _WAITING]
    (line,) = lines
    assert line.startswith("photodrag: ")
    assert expected in line


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def is_marked(path):
    with Image.open(path) as image:
        image.load()
        packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp") or ""
        return "compositeWithTrainedAlgorithmicMedia" in str(packet)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def made(small_portrait, tiny_checkpoint, tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    shutil.copyfile(small_portrait, folder / "me.png")
    output = run(
        *("session", "new", folder / "me.png", "-o", folder / "me.session", "--no-cache"),
        *("--checkpoint", tiny_checkpoint, "--pivot-steps", 2, "--tune-steps", 1),
        *("--device", "cpu", "--face", "largest", "--seed", 3),
    ).output
    assert "me.session: face 1 of" in output
    return folder


@pytest.fixture
def work(made, tmp_path):
    shutil.copytree(made, tmp_path / "work")
    return tmp_path / "work"


def test_a_session_from_its_beginning_to_a_recipe(work, small_portrait, tiny_checkpoint):
    session = work / "me.session"
    output = run(
        *("session", "edit", session, *CORNERS, *STEPS, "-o", work / "1.png"),
        *("--report", work / "1.json", "--compare", work / "c.png", "--movie", work / "m.gif"),
    ).output
    assert "edit 1: the 2 points" in output
    assert "finding the face" not in output
    run("session", "edit", session, *BROWS, *STEPS, "-o", work / "2.png", "--quiet")
    assert json.loads((work / "1.json").read_text("utf-8"))["seed"] == 3
    text = run("session", "show", session).stdout
    assert "me.png: 384x384, face 1" in text
    assert "mouth_left->" in text
    assert "2 edits" in text

    run("session", "render", session, "-o", work / "r.png", "--device", "cpu")
    np.testing.assert_array_equal(pixels(work / "r.png"), pixels(work / "2.png"))
    assert "1 edit, 1 undone" in run("session", "undo", session).output
    run("session", "render", session, "-o", work / "r.png", "--quiet", "--device", "cpu")
    np.testing.assert_array_equal(pixels(work / "r.png"), pixels(work / "1.png"))
    assert "(undone)" in run("session", "show", session).stdout
    assert "2 edits" in run("session", "redo", session).output
    assert (work / "me.png").read_bytes() == small_portrait.read_bytes()

    values = json.loads(run("session", "show", session, "--json").stdout)
    assert values["photo"]["state"] == "there"
    assert values["photo"]["path"] == "../me.png"
    assert [len(edit["points"]) for edit in values["edits"]] == [2, 1]

    run("session", "recipe", session, "-o", work / "smile.json")
    recipe = json.loads((work / "smile.json").read_text("utf-8"))
    assert len(recipe["edits"]) == 2
    assert recipe["settings"]["project"]["seed"] == 3
    run(
        *("apply", work / "smile.json", work / "me.png", "-o", work / "a.png", "--no-cache"),
        *("--device", "cpu", "--report", work / "a.json", "--movie", work / "a.webp"),
    )
    difference = np.abs(pixels(work / "a.png") - pixels(work / "2.png"))
    assert difference.mean() < 0.05  # but for the rounding of the recipe's numbers
    assert json.loads((work / "a.json").read_text("utf-8"))["points"]


def test_one_edit_of_a_session_is_what_edit_gives(work, tiny_checkpoint):
    run("session", "edit", work / "me.session", *CORNERS, *STEPS, "-o", work / "1.png")
    run(
        *("edit", work / "me.png", "-o", work / "e.png", *CORNERS, *STEPS, "--seed", 3),
        *("--checkpoint", tiny_checkpoint, "--pivot-steps", 2, "--tune-steps", 1, "--no-cache"),
    )
    np.testing.assert_array_equal(pixels(work / "1.png"), pixels(work / "e.png"))


def test_a_mask_goes_with_the_recipe(work):
    mask = np.zeros((384, 384), np.uint8)
    mask[200:300] = 255
    Image.fromarray(mask).save(work / "mask.png")
    session = work / "me.session"
    run("session", "edit", session, *CORNERS, *STEPS, "--mask", work / "mask.png", "--quiet")
    (work / "mask.png").unlink()
    (work / "away").mkdir()
    run("session", "recipe", session, "-o", work / "away" / "smile.json")
    (kept, recipe) = names(work / "away")
    assert recipe == "smile.json"
    np.testing.assert_array_equal(pixels(work / "away" / kept)[..., 0] > 0, mask > 0)
    run("session", "render", session, "-o", work / "r.png", "--device", "cpu")
    changed = (pixels(work / "r.png") != pixels(work / "me.png")).any(axis=2)
    assert changed.any()
    assert not changed[mask == 0].any()


def test_what_a_session_refuses_leaves_it_as_it_was(work, tiny_checkpoint):
    session = work / "me.session"
    before = {path.name: path.read_bytes() for path in session.iterdir()}
    refuse("nothing to undo", "session", "undo", session)
    refuse("nothing to redo", "session", "redo", session)
    refuse("no edit", "session", "recipe", session, "-o", work / "r.json")
    refuse("nothing to do", "session", "edit", session)
    refuse("off the photo", "session", "edit", session, "--drag", "9999,1->3,4")
    refuse("inside the session", "session", "render", session, "-o", session / "a.png")
    refuse("an input", "session", "render", session, "-o", work / "me.png")
    refuse("there already", "session", "new", work / "me.png", "-o", session)
    refuse("must be one", "session", "new", work / "me.png", "-o", work / "n", "--face", "all")
    refuse("not a session", "session", "show", work)
    (work / "me.png").write_bytes(b"other")
    refuse("has changed", "session", "edit", session, *CORNERS)
    assert "(changed)" in run("session", "show", session).stdout
    after = {path.name: path.read_bytes() for path in session.iterdir() if path.name != ".lock"}
    assert after == before
    assert names(work) == ["me.png", "me.session"]


def test_apply_refuses_with_one_line(work):
    (work / "r.json").write_text('{"photodrag_recipe": 1, "drag": ["mouth_left->-4%,-4%"]}')
    apply = ("apply", work / "r.json", work / "me.png", "-o")
    refuse("an input", *apply, work / "me.png")
    refuse("an input", *apply, work / "r.json.png", "--report", work / "r.json")
    refuse("face 3", *apply, work / "a.png", "--face", 3)
    (work / "r.json").write_text('{"photodrag_recipe": 1, "darg": []}')
    refuse("'darg'; did you mean 'drag'", *apply, work / "a.png")
    assert names(work) == ["me.png", "me.session", "r.json"]


def test_all_faces_in_one_command(portrait_path, tiny_checkpoint, tmp_path):
    with Image.open(portrait_path) as image:
        both = Image.new("RGB", (700, 400), "white")
        both.paste(image.convert("RGB").resize((400, 400)), (0, 0))
        both.paste(image.convert("RGB").resize((300, 300)), (400, 50))
    both.save(tmp_path / "us.png")
    out = tmp_path / "out.png"
    output = run(
        *("edit", tmp_path / "us.png", "-o", out, *CORNERS, *STEPS, "--face", "all"),
        *("--checkpoint", tiny_checkpoint, "--pivot-steps", 1, "--tune-steps", 1),
        *("--report", tmp_path / "r.json", "--compare", tmp_path / "c.png"),
        *("--movie", tmp_path / "m.gif"),
    ).output
    assert "out.png: face 1: the 2 points" in output
    assert "out.png: face 2: the 2 points" in output
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert [face["face"]["number"] for face in report["faces"]] == [1, 2]
    changed = (pixels(out) != pixels(tmp_path / "us.png")).any(axis=2)
    for face in report["faces"]:
        left, top, right, bottom = (int(value) for value in face["face"]["box"])
        assert changed[top:bottom, left:right].any()
    crop = tmp_path / "crop.png"
    run("align", tmp_path / "us.png", "-o", crop, "--face", "nearest:550,200", "--size", 64)
    refuse("must be one", "align", tmp_path / "us.png", "-o", crop, "--face", "all")


def test_interrupted_a_batch_says_how_to_go_on(work, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt
        yield

    command = sys.modules["photodrag.pipeline.cli.commands.batch"]
    monkeypatch.setattr(batch_run, "edit_in_processes", interrupted)
    (work / "r.json").write_text('{"photodrag_recipe": 1, "drag": ["mouth_left->-4%,-4%"]}')
    monkeypatch.setattr(command, "fetch_checkpoint", lambda *_: None)
    batch = ("batch", work / "r.json", work / "me.png", "-o", work / "out")
    ended = run(*batch, "--device", "cpu", code=130)
    assert "0 done, 0 done before, 0 failed; give the command again" in ended.stderr


def test_batch_tells_what_failed_and_goes_on(work, tiny_checkpoint):
    recipe = {
        "photodrag_recipe": 1,
        "drag": ["mouth_left->-5%,-4%"],
        "settings": {
            "checkpoint": str(tiny_checkpoint),
            "project": {"steps": 1},
            "tune": {"steps": 1},
            "drag": {"max_steps": 2},
        },
    }
    (work / "r.json").write_text(json.dumps(recipe))
    (work / "text.jpg").write_text("a photo of me")
    (work / "photos.csv").write_text("photo,output\nme.png,you.png\ntext.jpg,\n")
    batch = ("batch", work / "r.json", "--manifest", work / "photos.csv", "-o", work / "out")
    ended = run(*batch, "--device", "cpu", code=3)
    assert "1 done, 0 done before, 1 failed" in ended.stderr
    assert "failed: " in ended.stderr
    assert "not an image" in ended.stderr
    assert names(work / "out") == ["photodrag-batch.json", "you.png"]
    (work / "text.jpg").unlink()
    ended = run(*batch, "--device", "cpu", "--json", "--quiet", code=3)
    values = json.loads(ended.stdout)
    assert (values["before"], values["failed"]) == (1, 1)
    assert [photo["state"] for photo in values["photos"]] == ["before", "failed"]
    (line,) = ended.stderr.splitlines()
    assert "text.jpg" in line
    (work / "photos.csv").write_text("photo,output\nme.png,you.png\n")
    assert run(*batch, "--device", "cpu", "--quiet").output == ""
    refuse("would replace", "batch", work / "r.json", work / "me.png", "-o", work)
    refuse("no photo", "batch", work / "r.json", "-o", work / "out")


def test_what_a_session_writes_is_marked_unless_it_shall_not_be(work):
    folder, device = work / "me.session", ("--device", "cpu")
    run("session", "render", folder, "-o", work / "before.png", *device)
    run("session", "edit", folder, "-o", work / "a.png", *CORNERS, *STEPS)
    run("session", "render", folder, "-o", work / "b.png", *device)
    run("session", "render", folder, "-o", work / "c.png", "--no-mark", *device)
    run("session", "edit", folder, "-o", work / "d.png", *BROWS, *STEPS, "--no-mark")
    marked = {name: is_marked(work / f"{name}.png") for name in ("before", "a", "b", "c", "d")}
    assert marked == {"before": False, "a": True, "b": True, "c": False, "d": False}
    np.testing.assert_array_equal(pixels(work / "b.png"), pixels(work / "c.png"))
