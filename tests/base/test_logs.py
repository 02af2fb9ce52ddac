"""What the library logs, and that nobody hears it who did not ask."""

import logging
import subprocess
import sys

import pytest

from photodrag.alignment import find_faces, open_photo
from photodrag.logs import room_logger


def said(caplog, name):
    return [record.getMessage() for record in caplog.records if record.name == name]


@pytest.mark.parametrize(
    ("setup", "heard"),
    [("", ""), ("logging.basicConfig(format='%(name)s %(message)s')", "photodrag.edit seen\n")],
)
def test_it_is_silent_unless_asked(setup, heard):
    code = f"import logging; from photodrag.logs import room_logger\n{setup}\n"
    code += "room_logger('edit').error('seen')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert (done.stdout, done.stderr) == ("", heard)


def test_rooms_are_children():
    assert room_logger("edit").parent is logging.getLogger("photodrag")


def test_faces_are_told(small_portrait, caplog):
    caplog.set_level("DEBUG", "photodrag.alignment")
    find_faces(open_photo(small_portrait))
    found, face = said(caplog, "photodrag.alignment")
    assert found.startswith("found 1 faces in 384x384 pixels in ")
    assert face.startswith("face 1: score ")
