"""A short run of the fuzzers, always the same; and that they find what they should."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.fuzz import json_files
from scripts.fuzz.run import KINDS

ROOT = Path(__file__).parents[2]
linux = pytest.mark.skipif(sys.platform != "linux", reason="forks and reads /proc")


def _run(*arguments):
    command = [sys.executable, str(ROOT / "scripts" / "fuzz" / "run.py"), *arguments]
    return subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@linux
@pytest.mark.slow
def test_strange_files_are_read_or_refused():
    done = _run("--seed", "7", "--cases", "15", "--seconds", "120")
    assert done.returncode == 0, done.stdout + done.stderr
    assert [line.split(": ")[1] for line in done.stdout.splitlines()] == ["15 tried"] * len(KINDS)


_PROGRAM = """
import os, sys, time
sys.path.insert(0, {root!r})
from pathlib import Path
from scripts.fuzz.children import Case, try_case
from photodrag.errors import PhotoError

def refuse(file, folder):
    raise PhotoError("no photo")

def write_outside(file, folder):
    (folder.parent / "x").touch()

def write_elsewhere(file, folder):
    Path({place!r}, "y").write_text("y")

def leave(file, folder):
    (folder / ".photodrag-1.tmp").touch()

def say(file, folder):
    os.write(2, b"ZIPDecode: error")

def large(file, folder):
    bytearray(b"x") * (3 * 2**29)

for run in (
    lambda file, folder: file.read_bytes(),
    refuse,
    lambda file, folder: 1 / 0,
    lambda file, folder: os.system("true"),
    lambda file, folder: os.abort(),
    write_outside,
    write_elsewhere,
    leave,
    say,
    large,
):
    print(try_case(Case(b"abc", ".jpg"), run, Path({place!r})).kind)
"""


@linux
@pytest.mark.slow
def test_each_kind_of_finding_is_found(tmp_path):
    program = _PROGRAM.format(root=str(ROOT), place=str(tmp_path))
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[:-1] == [
        *("read", "refused", "foreign exception", "executed", "crash", "left behind", "executed"),
        *("left behind", "printed", "large"),
    ]


@linux
@pytest.mark.parametrize("suffix", list(json_files.SEEDS))
def test_what_is_changed_can_be_read_before(tmp_path, suffix):
    """A fuzzer whose files are refused at the first look tries nothing."""
    path = tmp_path / f"case{suffix}"
    path.write_text(json.dumps(json_files.SEEDS[suffix]), "utf-8")
    (tmp_path / "out").mkdir()
    json_files.run(path, tmp_path / "out")
