from pathlib import Path

import pytest

from photodrag.checkpoints.cache import cache_folder, checkpoint_folder, make_folder
from photodrag.errors import OutputError


def test_variable_names_the_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTODRAG_CACHE", str(tmp_path / "here"))
    assert cache_folder() == tmp_path / "here"
    assert checkpoint_folder().parent == tmp_path / "here"
    assert not (tmp_path / "here").exists()


def test_home_is_expanded(monkeypatch):
    monkeypatch.setenv("PHOTODRAG_CACHE", "~/kept")
    assert cache_folder() == Path.home() / "kept"


def test_default_is_the_users_cache(monkeypatch):
    monkeypatch.delenv("PHOTODRAG_CACHE", raising=False)
    assert "photodrag" in str(cache_folder())


def test_folder_is_made_when_written_to(tmp_path):
    assert make_folder(tmp_path / "a" / "b").is_dir()
    make_folder(tmp_path / "a" / "b")


def test_folder_in_the_place_of_a_file_is_refused(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="PHOTODRAG_CACHE"):
        make_folder(tmp_path / "file" / "b")
