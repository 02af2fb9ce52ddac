"""Files that a page brings."""

import stat

import pytest

from photodrag.errors import OutputError, PhotoTooLargeError
from photodrag.pipeline.studio.engine.uploads import Upload, safe_name


@pytest.fixture
def upload(tmp_path):
    return Upload(tmp_path / "in", "me.jpg", most_bytes=10)


def test_what_is_written_is_there_and_for_its_owner_only(upload):
    with upload:
        upload.write(b"1234")
        upload.write(b"567890")
    assert upload.path.read_bytes() == b"1234567890"
    assert upload.size == 10
    assert stat.S_IMODE(upload.folder.stat().st_mode) == 0o700


def test_one_byte_too_many_is_refused_and_nothing_stays(upload):
    upload.write(b"1234567890")
    with pytest.raises(PhotoTooLargeError, match=r"me\.jpg"):
        upload.write(b"1")
    assert not upload.folder.exists()
    with pytest.raises(OutputError):
        upload.write(b"1")


def test_a_broken_upload_leaves_nothing(upload):
    def broken():
        with upload:
            upload.write(b"1")
            raise ConnectionError

    with pytest.raises(ConnectionError):
        broken()
    assert not upload.folder.exists()


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("me.jpg", "me.jpg"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\photo.PNG", "photo.PNG"),
        ("/", "photo"),
        ("..", "photo"),
        ("", "photo"),
        (".htaccess", "htaccess"),
        ("a\x00b\n.jpg", "ab.jpg"),
        ("gnp.\u202ejpg", "gnp.jpg"),
        ("con.jpg", "photocon.jpg"),
        ("Mädchen 2.jpeg", "Mädchen 2.jpeg"),
        ("a.session", "a.session"),
        ("\ud800x.png", "x.png"),
    ],
)
def test_names_lead_nowhere(name, safe):
    assert safe_name(name) == safe


def test_a_long_name_keeps_its_extension():
    name = safe_name("x" * 500 + ".jpeg")
    assert name.endswith("x.jpeg")
    assert len(name) <= 100
