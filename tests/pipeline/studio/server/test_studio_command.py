"""What `photodrag studio` refuses before it serves anything."""

import socket
import sys

import pytest
from click.testing import CliRunner

from photodrag.pipeline.cli import main


def refuse(expected, *args):
    result = CliRunner().invoke(main, ["studio", "--no-browser", *map(str, args)])
    assert result.exit_code == 1, result.output
    (line,) = result.output.splitlines()
    assert expected in line


def test_without_nicegui_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "nicegui", None)
    refuse("pip install 'photodrag[studio]'")


def test_a_photo_that_is_not_there(tmp_path):
    refuse("no such file", tmp_path / "nothing.jpg")


@pytest.mark.parametrize("address", ["localhost", "evil.example", "1.2.3", ""])
def test_it_listens_on_addresses_in_numbers(address):
    refuse("address in numbers", "--listen", address)


def test_an_address_that_is_not_this_machines():
    refuse("cannot listen on 203.0.113.7", "--listen", "203.0.113.7")


def test_a_port_that_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as other:
        refuse("choose another --port", "--port", other.getsockname()[1])
