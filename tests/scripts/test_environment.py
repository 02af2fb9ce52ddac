"""When an installation is linked again: a file of the package came or went, or the links did."""

import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "environment"
FOLDERS = ("base", "alignment", "checkpoints", "drag", "inversion", "pipeline")


@pytest.fixture
def root(tmp_path):
    (tmp_path / "scripts").mkdir()
    shutil.copy(SCRIPT, tmp_path / "scripts")
    for name in FOLDERS:
        (tmp_path / name).mkdir()
        (tmp_path / name / "one.py").write_text("")
    return tmp_path


def fingerprint(root):
    command = ["bash", "-c", "source scripts/environment; files_fingerprint"]
    done = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True)
    return done.stdout


def test_a_new_file_and_lost_links_are_noticed(root):
    first = fingerprint(root)
    new = root / "drag" / "two.py"
    new.write_text("")
    assert fingerprint(root) != first
    new.unlink()
    assert fingerprint(root) == first
    (root / "build" / "__editable__.photodrag").mkdir(parents=True)
    assert fingerprint(root) != first


def test_what_does_not_change_the_links_is_not(root):
    first = fingerprint(root)
    (root / "drag" / "one.py").write_text("changed = True")
    (root / "drag" / "__pycache__").mkdir()
    (root / "drag" / "__pycache__" / "one.pyc").write_bytes(b"")
    (root / "notes.py").write_text("")
    assert fingerprint(root) == first
