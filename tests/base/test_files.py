import os

import pytest

from photodrag.errors import OutputError
from photodrag.files import write_whole


@pytest.mark.parametrize("data", [b"whole", [b"in ", b"parts"]])
def test_a_file_is_written_and_replaced(tmp_path, data):
    path = tmp_path / "a"
    path.write_bytes(b"old")
    write_whole(path, data)
    assert path.read_bytes() == b"".join([data] if isinstance(data, bytes) else data)
    assert list(tmp_path.iterdir()) == [path]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_bytes() == b"new"


def test_a_private_file_is_the_owners(tmp_path):
    write_whole(tmp_path / "a", b"", private=True)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError("disk full"), ValueError])
def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path, failure):
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def parts():
        yield b"new"
        raise failure

    expected = OutputError if isinstance(failure, OSError) else failure
    with pytest.raises(expected):
        write_whole(path, parts())
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_refusal_is_an_output_error(tmp_path, monkeypatch):
    with pytest.raises(OutputError, match="check the folder"):
        write_whole(tmp_path / "none" / "a", b"")

    def fail(_descriptor):
        raise OSError("disk full")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OutputError, match="disk full"):
        write_whole(tmp_path / "a", b"")
    assert list(tmp_path.iterdir()) == []
