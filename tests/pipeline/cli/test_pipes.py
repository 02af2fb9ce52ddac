"""`-`: the standard input for the photo, the standard output for the picture."""

import io
import json
import os
import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from photodrag.alignment.photos.raster import FORMATS
from photodrag.pipeline.cli import main
from photodrag.pipeline.cli.options import FILE_FORMATS

QUICK = ["--set", "project.steps=2", "--set", "tune.steps=1", "--set", "drag.max_steps=2"]
SMILE = ["--drag", "mouth_left->-5%,-4%", "--device", "cpu"]


def run(*args, data=b""):
    return CliRunner().invoke(main, [str(arg) for arg in args], input=data)


def opened(data):
    with Image.open(io.BytesIO(data)) as image:
        return image.format, np.asarray(image.convert("RGB"))


@pytest.fixture
def photo(small_portrait, tmp_path, monkeypatch):
    """The bytes of a JPEG; the working folder is empty and stays so."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.chdir(empty)
    file = io.BytesIO()
    with Image.open(small_portrait) as image:
        image.save(file, "JPEG", quality=95)
    yield file.getvalue()
    assert list(empty.iterdir()) == []


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder for temporary files; nothing of ours is left in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.glob("photodrag-*")) == []


def test_edit_reads_and_writes_bytes(photo, temporary, tiny_checkpoint, tmp_path):
    edit = [*("edit", "-"), *SMILE, *QUICK, "--checkpoint", tiny_checkpoint]
    piped = run(*edit, "-o", "-", "--format", "png", data=photo)
    assert piped.exit_code == 0, piped.stderr
    kind, pixels = opened(piped.stdout_bytes)
    assert kind == "PNG"
    (tmp_path / "me.jpg").write_bytes(photo)
    edit[1] = tmp_path / "me.jpg"
    filed = run(*edit, "-o", tmp_path / "out.png")
    assert filed.exit_code == 0, filed.stderr
    np.testing.assert_array_equal(opened((tmp_path / "out.png").read_bytes())[1], pixels)
    assert "\nphotodrag: the point" in piped.stderr
    assert filed.stdout_bytes == b""


def test_the_photos_own_format_is_kept(photo, temporary):
    done = run("align", "-", "-o", "-", "--size", 64, data=photo)
    assert done.exit_code == 0, done.stderr
    kind, pixels = opened(done.stdout_bytes)
    assert (kind, pixels.shape) == ("JPEG", (64, 64, 3))


def test_landmarks_take_a_pipe(photo, temporary):
    done = run("landmarks", "-", "-o", "-", "--format", "WebP", data=photo)
    assert done.exit_code == 0, done.stderr
    assert opened(done.stdout_bytes)[0] == "WEBP"
    listed = run("landmarks", "-", data=photo)
    assert "px from eye to eye" in listed.stdout
    both = run("landmarks", "-", "-o", "-", "--json", data=photo)
    assert both.exit_code == 2
    assert both.stdout_bytes == b""


def test_apply_takes_a_pipe(photo, temporary, tiny_checkpoint, tmp_path):
    settings = {"checkpoint": str(tiny_checkpoint), "project": {"steps": 1}, "tune": {"steps": 0}}
    recipe = {"photodrag_recipe": 1, "settings": settings, "adjust": {"smile": 0.4}}
    (tmp_path / "r.json").write_text(json.dumps(recipe))
    done = run("apply", tmp_path / "r.json", "-", "-o", "-", "--device", "cpu", data=photo)
    assert done.exit_code == 0, done.stderr
    assert opened(done.stdout_bytes)[0] == "JPEG"


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "nothing came"),
        (b"a photo of me", "not an image"),
        (b"\xff\xd8\xff\xe0", "not an image"),
    ],
)
def test_what_is_no_photo_is_one_line(photo, temporary, data, expected):
    done = run("edit", "-", "-o", "-", *SMILE, data=data)
    assert done.exit_code == 1
    assert done.stdout_bytes == b""
    (line,) = done.stderr.splitlines()
    assert expected in line


def test_a_failure_later_writes_nothing(photo, temporary, tiny_checkpoint):
    done = run(
        *("edit", "-", "-o", "-", "--checkpoint", tiny_checkpoint, "--quiet"),
        *("--drag", "2,380->20,380"),
        data=photo,
    )
    assert done.exit_code == 1
    assert "face's square" in done.stderr
    assert done.stdout_bytes == b""


@pytest.mark.parametrize(
    ("options", "code", "expected"),
    [
        (["-o", "out.png", "--format", "png"], 2, "--format is for the standard output"),
        (["-o", "-", "--format", "gif"], 2, "'gif' is not one of"),
        (["-o", "-", "--compare", "-"], 1, "only the photo can go"),
        (["-o", "-", "--report", "-"], 1, "only the photo can go"),
    ],
)
def test_what_cannot_be_piped_is_refused(photo, temporary, options, code, expected):
    done = run("edit", "-", *options, *SMILE, data=photo)
    assert done.exit_code == code
    assert expected in " ".join(done.stderr.split())
    assert done.stdout_bytes == b""


@pytest.mark.skipif(os.name != "posix", reason="terminals are POSIX's")
@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["align", "-", "-o", "crop.png"], "nothing is piped in"),
        (["align", "me.png", "-o", "-"], "would go to the terminal"),
    ],
)
def test_a_terminal_is_no_pipe(photo, monkeypatch, args, expected):
    own, theirs = os.openpty()
    code = "import sys; from photodrag.pipeline.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        stdin=theirs,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(theirs)
    os.close(own)
    assert done.returncode == 1
    assert expected in done.stderr


def test_the_formats_are_the_librarys():
    assert tuple(name.upper() for name in FILE_FORMATS) == FORMATS
