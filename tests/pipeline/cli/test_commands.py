"""Every command does what its help says."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.pipeline.cli import main

CORNERS = ["--drag", "mouth_left->-5%,-4%", "--drag", "mouth_right->+5%,-4%"]
QUICK = ["--pivot-steps", "2", "--tune-steps", "1", "--drag-steps", "2"]


def run(*args):
    result = CliRunner().invoke(main, [str(arg) for arg in args], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_edit_writes_all_that_is_asked_for(small_portrait, tiny_checkpoint, tmp_path):
    output = run(
        *("edit", small_portrait, "-o", tmp_path / "out.png", *CORNERS, *QUICK),
        *("--checkpoint", tiny_checkpoint, "--space", "w+", "--device", "cpu", "--seed", 4),
        *("--report", tmp_path / "report.json", "--movie", tmp_path / "steps.gif"),
        *("--compare", tmp_path / "compare.jpg"),
    )
    assert names(tmp_path) == ["compare.jpg", "out.png", "report.json", "steps.gif"]
    assert pixels(tmp_path / "out.png").shape == pixels(small_portrait).shape
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["seed"] == 4
    assert report["settings"]["project"]["space"] == "w+"
    assert report["output"] == str(tmp_path / "out.png")
    assert len(report["points"]) == 2
    for stage in ("finding the face: 2/2", "refining it", "learning the face: 1/1", "dragging"):
        assert stage in output
    assert re.search(r"learning the face: 1/1  difference 0\.\d+, about \d+ s left", output)
    assert "making the movie: 16/16" in output
    assert "out.png: the 2 points" in output


def test_an_edit_is_marked_unless_it_shall_not_be(small_portrait, tiny_checkpoint, tmp_path):
    what = [*CORNERS, *QUICK, "--checkpoint", tiny_checkpoint, "--device", "cpu"]
    run("edit", small_portrait, "-o", tmp_path / "a.png", *what, "--report", tmp_path / "a.json")
    plain = ("-o", tmp_path / "b.png", "--report", tmp_path / "b.json", "--no-mark")
    run("edit", small_portrait, *what, *plain)
    for name, marked in (("a", True), ("b", False)):
        with Image.open(tmp_path / f"{name}.png") as image:
            image.load()
            packet = str(image.info.get("XML:com.adobe.xmp", ""))
        assert ("compositeWithTrainedAlgorithmicMedia" in packet) is marked
        report = json.loads((tmp_path / f"{name}.json").read_text("utf-8"))
        assert report["photo"]["marked"] is marked
    np.testing.assert_array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))


def test_points_file_and_mask(small_portrait, tiny_checkpoint, tmp_path):
    (tmp_path / "points.json").write_text('["mouth_left->-5%,-4%"]')
    mask = np.zeros((384, 384), np.uint8)
    mask[200:260, 100:280] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    output = run(
        *("edit", small_portrait, "-o", tmp_path / "out.png", *QUICK, "--quiet"),
        *("--points", tmp_path / "points.json", "--mask", tmp_path / "mask.png"),
        *("--drag", "mouth_right->+5%,-4%", "--checkpoint", tiny_checkpoint),
        *("--preset", "official", "--report", tmp_path / "r.json"),
    )
    assert output == ""
    changed = (pixels(tmp_path / "out.png") != pixels(small_portrait)).any(axis=2)
    assert not changed[mask == 0].any()
    report = json.loads((tmp_path / "r.json").read_text("utf-8"))
    assert len(report["points"]) == 2
    assert report["photo"]["mask"] is True
    assert report["settings"]["drag"]["method"] == "official"
    assert report["settings"]["drag"]["max_steps"] == 2


def test_same_seed_gives_the_same_photo(small_portrait, tiny_checkpoint, tmp_path):
    for name in ("a.png", "b.png"):
        run(
            *("edit", small_portrait, "-o", tmp_path / name, *CORNERS, *QUICK, "--quiet"),
            *("--checkpoint", tiny_checkpoint, "--device", "cpu"),
        )
    np.testing.assert_array_equal(pixels(tmp_path / "a.png"), pixels(tmp_path / "b.png"))


def test_input_is_replaced_when_asked(small_portrait, tiny_checkpoint, tmp_path):
    copy = tmp_path / "me.png"
    copy.write_bytes(small_portrait.read_bytes())
    run(
        *("edit", copy, "-o", copy, "--overwrite", *CORNERS, *QUICK, "--quiet"),
        *("--checkpoint", tiny_checkpoint),
    )
    assert names(tmp_path) == ["me.png"]
    assert copy.read_bytes() != small_portrait.read_bytes()


def test_align_cuts_the_face_out(small_portrait, tmp_path):
    run("align", small_portrait, "-o", tmp_path / "crop.png", "--size", 128)
    assert pixels(tmp_path / "crop.png").shape == (128, 128, 3)


def test_landmarks_as_picture_and_json(small_portrait, tmp_path):
    values = json.loads(run("landmarks", small_portrait, "-o", tmp_path / "n.png", "--json"))
    assert pixels(tmp_path / "n.png").shape == (384, 384, 3)
    assert values["photo"] == {"width": 384, "height": 384}
    (face,) = values["faces"]
    assert face["number"] == 1
    assert len(face["landmarks"]) == 68
    assert values["landmark_names"]["mouth_left"] == 48


def test_faces_are_listed(small_portrait):
    (line,) = run("landmarks", small_portrait).splitlines()
    assert line.split()[0] == "1"
    assert "px from eye to eye" in line


def test_invert_then_drag(small_portrait, tiny_checkpoint, tmp_path):
    latent = tmp_path / "me.safetensors"
    run("invert", small_portrait, "-o", latent, "--checkpoint", tiny_checkpoint, *QUICK[:4])
    output = run(
        *("drag", latent, "-o", tmp_path / "face.png", "--drag", "100,100->+10,-5"),
        *("--drag-steps", 2, "--movie", tmp_path / "steps.webp"),
    )
    assert pixels(tmp_path / "face.png").shape == (256, 256, 3)
    assert names(tmp_path) == ["face.png", "me.safetensors", "steps.webp"]
    assert "dragging: 2/2" in output


def test_generate_is_the_same_for_a_seed(tiny_checkpoint, tmp_path):
    for name, seed in (("a.png", 3), ("b.png", 3), ("c.png", 4)):
        run("generate", "--seed", seed, "-o", tmp_path / name, "--checkpoint", tiny_checkpoint)
    first, same, other = (pixels(tmp_path / name) for name in ("a.png", "b.png", "c.png"))
    assert (first == same).all()
    assert (first != other).any()


def test_checkpoints_are_listed(no_network):
    entries = json.loads(run("checkpoints", "list", "--json"))
    assert entries[0]["name"] == "ffhq-mobile"
    assert not any(entry["fetched"] for entry in entries)
    text = run("checkpoints", "list")
    for entry in entries:
        assert entry["name"] in text
        assert entry["licence_note"] in text


def test_info_of_a_name_and_of_a_file(no_network, tiny_checkpoint):
    assert "non-commercial" not in run("checkpoints", "info", "afhqcat").splitlines()[0]
    assert "NVIDIA Source Code License" in run("checkpoints", "info", "afhqcat")
    values = json.loads(run("checkpoints", "info", tiny_checkpoint, "--json"))
    assert values["resolution"] == 256
    assert values["kind"] == "stylegan2"
    assert values["config"]["channel_max"] == 16
    assert values["notes"] == {"source": "the tests"}
    assert "resolution: 256" in run("checkpoints", "info", tiny_checkpoint)


def test_pickle_is_converted(portrait_path, tmp_path):
    pickle = portrait_path.parents[1] / "tests" / "checkpoints" / "data" / "tiny32_cond.pkl"
    run("checkpoints", "convert", pickle, tmp_path / "net.safetensors")
    assert names(tmp_path) == ["net.safetensors"]
    values = json.loads(run("checkpoints", "info", tmp_path / "net.safetensors", "--json"))
    assert values["resolution"] == 32
    again = CliRunner().invoke(
        main, ["checkpoints", "convert", str(pickle), str(tmp_path / "net.safetensors")]
    )
    assert again.exit_code == 1
    run("checkpoints", "convert", pickle, tmp_path / "net.safetensors", "--overwrite")
    run("generate", "--class", 1, "-o", tmp_path / "a.png", "--checkpoint", pickle)
    assert pixels(tmp_path / "a.png").shape == (32, 32, 3)


def test_version():
    assert run("--version").startswith("photodrag, version 0.")


@pytest.mark.skipif(os.name != "posix", reason="signals are POSIX's")
@pytest.mark.parametrize("ending", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_interrupt_leaves_nothing(small_portrait, tiny_checkpoint, tmp_path, ending):
    """Ctrl-C or its like in the middle of the work: exit code 130, one line, no file."""
    command = [sys.executable, "-c", "from photodrag.pipeline.cli import main; main()", "edit"]
    command += [str(small_portrait), "-o", str(tmp_path / "out.png"), *CORNERS]
    command += ["--checkpoint", str(tiny_checkpoint), "--pivot-steps", "100000"]
    command += ["--report", str(tmp_path / "r.json"), "--movie", str(tmp_path / "m.gif")]
    with (tmp_path / "err.txt").open("w+b") as errors:
        process = subprocess.Popen(command, stderr=errors)
        try:
            deadline = time.monotonic() + 120
            while "finding the face" not in (tmp_path / "err.txt").read_text("utf-8"):
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            process.send_signal(getattr(signal, ending))
            assert process.wait(60) == 130
        finally:
            process.kill()
            process.wait()
    last = (tmp_path / "err.txt").read_text("utf-8").splitlines()[-1]
    assert last == "photodrag: interrupted; nothing was written"
    assert names(tmp_path) == ["err.txt"]


def test_waiting_threads_sleep_unless_told_otherwise(monkeypatch):
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    run("cache", "list")
    assert "GOMP_SPINCOUNT" not in os.environ
    monkeypatch.delenv("OMP_WAIT_POLICY")
    run("cache", "list")
    assert int(os.environ.pop("GOMP_SPINCOUNT")) < 100_000
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    run("cache", "list")
    assert os.environ["GOMP_SPINCOUNT"] == "7"


def test_numpy_has_one_thread_unless_told_otherwise(monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    run("cache", "list")
    assert os.environ.pop("OPENBLAS_NUM_THREADS") == "1"
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "3")
    run("cache", "list")
    assert os.environ["OPENBLAS_NUM_THREADS"] == "3"


def test_bugs_keep_their_traceback(monkeypatch, small_portrait, tmp_path):
    def broken(path):
        raise KeyError(path)

    monkeypatch.setattr("photodrag.alignment.open_photo", broken)
    result = CliRunner().invoke(
        main, ["align", str(small_portrait), "-o", str(tmp_path / "crop.png")]
    )
    assert isinstance(result.exception, KeyError)


def test_exhausted_device_is_one_line(monkeypatch, small_portrait, tmp_path):
    class OutOfMemoryError(RuntimeError):
        pass

    def broken(path):
        raise OutOfMemoryError("tried to allocate")

    monkeypatch.setattr("photodrag.alignment.open_photo", broken)
    result = CliRunner().invoke(
        main, ["align", str(small_portrait), "-o", str(tmp_path / "crop.png")]
    )
    assert result.exit_code == 1
    assert "--device cpu" in result.output
