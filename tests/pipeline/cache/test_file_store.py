"""The folder of kept files: private, bounded, whole or not at all, shared by processes."""

import os
import stat
import subprocess
import sys

import pytest
from filelock import FileLock

from photodrag.errors import OutputError
from photodrag.pipeline.cache import file_store as kept_files
from photodrag.pipeline.cache.file_store import DamagedFileError, KeptFiles

NAMES = [f"{digit * 64}.test" for digit in "0123456789"]
SIZE = 1000  # on disk, of the content below
CONTENT = bytes(range(251)) * 4
CONTENT = CONTENT[: SIZE - 82]


@pytest.fixture
def files(tmp_path):
    return KeptFiles(tmp_path / "kept", 3 * SIZE)


def use(files, name, when):
    os.utime(files.folder / name, (when, when))


def names(files):
    return [file.name for file in files.files()]


def test_content_comes_back(files):
    assert files.read(NAMES[0]) is None
    assert files.write(NAMES[0], CONTENT)
    assert files.read(NAMES[0]) == CONTENT
    assert files.begin(NAMES[0], 5) == CONTENT[:5]
    (file,) = files.files()
    assert file.size == SIZE == (files.folder / NAMES[0]).stat().st_size


def test_nothing_is_made_by_looking(files):
    assert files.read(NAMES[0]) is None
    assert files.begin(NAMES[0], 5) == b""
    assert files.files() == files.clear() == ()
    assert not files.folder.exists()


def test_nothing_is_changed_by_one_that_only_reads(files):
    reader = KeptFiles(files.folder, files.limit, only_read=True)
    assert reader.write(NAMES[0], CONTENT)
    assert not files.folder.exists()
    files.write(NAMES[0], CONTENT)
    use(files, NAMES[0], 1000)
    assert reader.read(NAMES[0]) == CONTENT
    reader.remove(NAMES[0])
    (file,) = files.files()
    assert file.used == 1000


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_the_owner_can_read(files):
    files.folder.mkdir(mode=0o755)
    files.write(NAMES[0], CONTENT)
    assert stat.S_IMODE(files.folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in files.folder.iterdir()} == {0o600}


def test_least_recently_used_go_first(files):
    for when, name in enumerate(NAMES[:3]):
        files.write(name, CONTENT)
        use(files, name, 1000 + when)
    files.read(NAMES[0])  # now the latest used
    files.write(NAMES[3], CONTENT)
    assert set(names(files)) == {NAMES[0], NAMES[2], NAMES[3]}
    use(files, NAMES[3], 5000)
    files.write(NAMES[4], CONTENT)
    assert set(names(files)) == {NAMES[0], NAMES[3], NAMES[4]}
    assert sum(file.size for file in files.files()) <= files.limit


def test_what_goes_is_logged(files, caplog):
    caplog.set_level("INFO", "photodrag.cache")
    for number in range(4):
        files.write(NAMES[number], CONTENT)
        use(files, NAMES[number], number)
    (record,) = caplog.records
    assert record.getMessage() == f"removed {NAMES[0]}, 0.0 MB, to make room"


def test_what_is_above_the_limit_alone_is_not_kept(files):
    files.write(NAMES[0], CONTENT)
    assert not files.write(NAMES[1], bytes(3 * SIZE))
    assert names(files) == [NAMES[0]]


def test_a_spared_file_does_not_go_for_another_one(files):
    for when, name in enumerate(NAMES[:3]):
        files.write(name, CONTENT)
        use(files, name, 1000 + when)
    assert files.write(NAMES[3], CONTENT, spared=NAMES[0])
    assert set(names(files)) == {NAMES[0], NAMES[2], NAMES[3]}
    assert not files.write(NAMES[4], CONTENT + bytes(1500), spared=NAMES[0])
    assert set(names(files)) == {NAMES[0], NAMES[2], NAMES[3]}
    assert files.write(NAMES[4], CONTENT + bytes(1500), spared=NAMES[9])
    assert names(files) == [NAMES[4]]


def test_first_content_stays(files):
    files.write(NAMES[0], CONTENT)
    files.write(NAMES[0], b"other")
    assert files.read(NAMES[0]) == CONTENT


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "longer"])
def test_damage_is_noticed(files, damage):
    files.write(NAMES[0], CONTENT)
    path = files.folder / NAMES[0]
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[500] ^= 1
    path.write_bytes(
        {"cut": data[:-1], "flipped": data, "empty": b"", "longer": data + b"!"}[damage]
    )
    with pytest.raises(DamagedFileError):
        files.read(NAMES[0])
    files.remove(NAMES[0])
    assert files.read(NAMES[0]) is None
    files.remove(NAMES[0])


def test_clearing_removes_what_is_old_or_all(files):
    for when, name in enumerate(NAMES[:3]):
        files.write(name, CONTENT)
        use(files, name, 1000 + when)
    assert [file.name for file in files.clear(1001.5)] == NAMES[:2]
    assert names(files) == [NAMES[2]]
    assert [file.name for file in files.clear()] == [NAMES[2]]


def test_other_files_of_the_folder_are_left_alone(files):
    files.write(NAMES[0], CONTENT)
    (files.folder / "letter.txt").write_text("mine")
    (files.folder / NAMES[1]).mkdir()
    assert names(files) == [NAMES[0]]
    files.clear()
    assert (files.folder / "letter.txt").read_text() == "mine"
    assert (files.folder / NAMES[1]).is_dir()


def test_what_a_crash_left_is_removed(files):
    files.write(NAMES[0], CONTENT)
    left = files.folder / f".{NAMES[1]}.12ab.tmp"
    left.write_bytes(CONTENT)
    assert names(files) == [NAMES[0]]
    files.write(NAMES[2], CONTENT)
    assert not left.exists()


def test_failure_while_writing_leaves_nothing(files, monkeypatch):
    files.write(NAMES[0], CONTENT)

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        files.write(NAMES[1], CONTENT)
    assert sorted(path.name for path in files.folder.iterdir()) == [".lock", NAMES[0]]


def test_folder_that_cannot_be_made_is_said(tmp_path):
    (tmp_path / "file").touch()
    files = KeptFiles(tmp_path / "file" / "kept", SIZE)
    assert files.read(NAMES[0]) is None
    with pytest.raises(OutputError, match="cache folder"):
        files.write(NAMES[0], CONTENT)


def test_lock_held_too_long_is_said(files, monkeypatch):
    files.write(NAMES[0], CONTENT)
    monkeypatch.setattr(kept_files, "_WAIT_SECONDS", 0.05)
    with (
        FileLock(files.folder / ".lock", mode=0o600),
        pytest.raises(OutputError, match="another process"),
    ):
        files.write(NAMES[1], CONTENT)
    assert files.read(NAMES[0]) == CONTENT


WORKER = """
import random, sys
from pathlib import Path
from photodrag.pipeline.cache.file_store import KeptFiles

folder, seed = Path(sys.argv[1]), int(sys.argv[2])
random.seed(seed)
names = [f"{digit * 64}.test" for digit in "0123456789"]
contents = {name: name.encode() * 300 for name in names}
files = KeptFiles(folder, 120_000)
for step in range(60):
    name = random.choice(names)
    assert files.write(name, contents[name])
    name = random.choice(names)
    assert files.read(name) in (None, contents[name])  # whole or not there, never damaged
    if step % 20 == seed:
        files.clear()
"""


def test_processes_share_the_folder(tmp_path):
    """Writers of the same files, readers and clearers at once."""
    command = [sys.executable, "-c", WORKER, str(tmp_path / "kept")]
    workers = [
        subprocess.Popen([*command, str(seed)], stderr=subprocess.PIPE, text=True)
        for seed in range(3)
    ]
    for worker in workers:
        errors = worker.communicate(timeout=120)[1]
        assert worker.returncode == 0, errors
    kept = KeptFiles(tmp_path / "kept", 0)
    assert sum(file.size for file in kept.files()) <= 120_000
    left = {path.name for path in (tmp_path / "kept").iterdir()} - {".lock"}
    assert left <= set(NAMES)
