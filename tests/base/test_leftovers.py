import os
import subprocess
import sys
import time

import pytest

from photodrag.files import write_whole
from photodrag.leftovers import owned, remove_leftovers, temporary_folder, temporary_name

posix = pytest.mark.skipif(os.name != "posix", reason="asks whether a process lives")


def _of_process(name, process):
    """The name as another process of this machine would have it."""
    return name.replace(f"-{os.getpid()}-", f"-{process}-")


@pytest.fixture(scope="module")
def gone():
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@posix
def test_what_a_process_that_is_gone_left_is_removed(tmp_path, gone):
    (tmp_path / _of_process(temporary_name(), gone)).touch()
    (tmp_path / _of_process(temporary_name(".jpg"), gone)).touch()
    folder = tmp_path / _of_process(temporary_name(), gone)
    folder.mkdir()
    (folder / "inversion").touch()
    ours = tmp_path / temporary_name()
    ours.touch()
    parent = tmp_path / _of_process(temporary_name(), os.getppid())
    parent.touch()
    remove_leftovers(tmp_path)
    assert sorted(tmp_path.iterdir()) == sorted([ours, parent])


@posix
def test_the_next_write_removes_them(tmp_path, gone):
    (tmp_path / _of_process(temporary_name(), gone)).touch()
    write_whole(tmp_path / "a", b"")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_files_of_other_machines_and_versions_go_after_a_day(tmp_path):
    names = [".photodrag-0123456789abcdef.tmp", ".photodrag-00000000-1-0123456789abcdef.png"]
    for name in names:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    for name in names:
        os.utime(tmp_path / name, (0, time.time() - 90_000))
    remove_leftovers(tmp_path)
    assert not list(tmp_path.iterdir())


@posix
def test_nothing_else_is_touched(tmp_path, gone):
    names = [
        ".photodrag-notes.tmp",
        "photodrag-batch.json",
        f"{_of_process(owned('.photodrag-'), gone)}short",
        f"{_of_process(owned('my-'), gone)}0123456789abcdef.tmp",
    ]
    for name in names:
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))
    (tmp_path / "victim").mkdir()
    link = tmp_path / _of_process(temporary_name(), gone)
    link.symlink_to(tmp_path / "victim")
    remove_leftovers(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*names, "victim", link.name}


@posix
def test_a_temporary_folder_of_a_dead_studio_is_removed(tmp_path, gone, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    left = tmp_path / f"{_of_process(owned('photodrag-studio-'), gone)}abcd_123"
    left.mkdir()
    other = tmp_path / "photodrag-studio-00000000-1-abcd_123"
    other.mkdir()
    os.utime(other, (0, 0))
    new = temporary_folder("photodrag-studio-")
    assert set(tmp_path.iterdir()) == {new, other}
    assert new.stat().st_mode & 0o777 == 0o700
    remove_leftovers(tmp_path)
    assert new.is_dir()
