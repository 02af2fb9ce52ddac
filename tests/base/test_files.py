import os

import pytest

from photodrag.errors import OutputError
from photodrag.files import file_digest, read_regular, write_whole


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


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_neither_read_nor_replaced(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OutputError, match="no regular file"):
        write_whole(tmp_path / "pipe", b"")
    with pytest.raises(OSError, match="not a regular file"):
        read_regular(tmp_path / "pipe")
    with pytest.raises(OSError, match="not a regular file"):
        file_digest(tmp_path / "pipe")
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


@pytest.mark.parametrize("name", ["a" * 300, "a\0b", "a\ud800"])
def test_names_that_no_file_can_have(tmp_path, name):
    if name == "a\ud800" and os.name != "posix":
        pytest.skip("a name there")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / name, b"")
    with pytest.raises(OSError, match=r"no file can have this name|[Nn]ame too long"):
        read_regular(tmp_path / name)


def test_a_loop_of_links_is_an_output_error(tmp_path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(OutputError, match="cannot be written"):
        write_whole(tmp_path / "a", b"")


def test_files_are_read_up_to_a_size_and_not_through_links(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    (tmp_path / "link").symlink_to("a")
    assert read_regular(tmp_path / "link", 3) == b"123"
    with pytest.raises(OSError, match="3 bytes are more than it can have"):
        read_regular(tmp_path / "a", 2)
    with pytest.raises(OSError, match="a link"):
        read_regular(tmp_path / "link", 3, follow_links=False)
    with pytest.raises(OSError, match="more than it can have"):
        file_digest(tmp_path / "a", 2)


def test_a_message_is_one_line_whatever_the_name(tmp_path):
    with pytest.raises(OutputError) as caught:
        write_whole(tmp_path / "none" / "a\nb", b"")
    assert "\n" not in str(caught.value)
