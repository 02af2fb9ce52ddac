"""What goes wrong inside the studio is seen in the terminal it was started in."""

import subprocess
import sys

import pytest

pytest.importorskip("nicegui")

CODE = """
import logging
from photodrag.logs import room_logger
from photodrag.pipeline.studio.server.server import _bugs_shown
{setup}
log = room_logger("studio")
log.error("before")
with _bugs_shown():
    log.error("bug")
    log.info("news")
log.error("after")
"""


@pytest.mark.parametrize(
    ("setup", "seen"),
    [("", "bug\n"), ("logging.basicConfig(format='%(message)s')", "before\nbug\nafter\n")],
)
def test_it_is_shown_once_while_pages_are_served(setup, seen):
    code = CODE.format(setup=setup)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr == seen
