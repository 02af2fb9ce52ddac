import gc
import subprocess
import sys

import pytest

from photodrag.pipeline.runtime import memory
from photodrag.pipeline.runtime.memory import keep_freed_memory, load_at_once

# Resident memory before and after freeing 64 blocks of 4 MB, in MB.
_MEASURE = """
import sys
from photodrag.pipeline.runtime.memory import give_back_memory, keep_freed_memory
if sys.argv[1] != "not":
    assert keep_freed_memory()
import numpy as np
def resident():
    with open("/proc/self/status") as file:
        (line,) = (line for line in file if line.startswith("VmRSS"))
    return int(line.split()[1]) // 1024
blocks = [np.ones(2**19) for _ in range(64)]
full = resident()
del blocks
if sys.argv[1] == "give":
    give_back_memory()
print(full - resident())
"""


def test_other_systems_are_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert keep_freed_memory() is False


def test_system_without_mallopt_is_left_alone(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    assert keep_freed_memory() is False


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_freed_memory_is_kept_until_it_is_given_back():
    given_back = {
        choice: int(
            subprocess.run(
                [sys.executable, "-c", _MEASURE, choice], check=True, capture_output=True, text=True
            ).stdout
        )
        for choice in ("keep", "not", "give")
    }
    assert given_back["not"] > 200
    assert given_back["keep"] < 50
    assert given_back["give"] > 200


def test_garbage_is_looked_for_seldom_only_while_libraries_load(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    usual = gc.get_threshold()
    load_at_once()
    assert gc.get_threshold()[0] > 10 * usual[0]
    keep_freed_memory()
    assert gc.get_threshold() == usual
    assert gc.get_freeze_count() > 0


def test_a_test_begins_with_the_usual_collection_of_garbage():
    """After the one above, and all that run a command."""
    assert gc.get_threshold()[0] < 10_000
    assert gc.get_freeze_count() == 0


def test_what_is_no_longer_looked_through_is_at_the_end():
    """So that no extension finds its objects left over."""
    code = """
import gc, os
from photodrag.pipeline.runtime.memory import keep_freed_memory, load_at_once
class Thing:
    def __init__(self):
        self.itself = self
    def __del__(self, write=os.write):
        write(1, b"gone")
thing = Thing()
load_at_once()
keep_freed_memory()
del thing
assert gc.get_freeze_count() > 0
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "gone"
