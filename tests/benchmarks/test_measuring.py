import sys
import time

import pytest
import torch

from benchmarks.measuring import (
    Timing,
    compare,
    environment,
    peak_memory,
    seconds_of,
    time_in_turns,
)

CPU = torch.device("cpu")
BYTES = 200_000_000
linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")


@linux
def test_peak_memory_sees_what_was_held_and_freed():
    memory = peak_memory(lambda: bytearray(b"1") * BYTES, CPU)
    assert memory is not None
    assert 0.99 * BYTES < memory.added < 1.2 * BYTES  # the kernel counts in whole pages
    assert memory.peak == memory.before + memory.added


@linux
def test_peak_memory_forgets_an_earlier_peak():
    bytearray(b"1") * BYTES
    memory = peak_memory(lambda: None, CPU)
    assert memory is not None
    assert memory.added < 0.1 * BYTES


def test_peak_memory_is_not_guessed_on_other_devices():
    assert peak_memory(lambda: pytest.fail("nothing runs"), torch.device("mps")) is None


def test_seconds_last_as_long_as_the_work():
    assert seconds_of(lambda: time.sleep(0.02), CPU) >= 0.02


def test_works_take_turns():
    calls: list[str] = []
    works = {"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}
    times = time_in_turns(works, rounds=3, repeats={"b": 2}, device=CPU)
    assert "".join(calls) == "abbabbabb"
    assert [len(seconds) for seconds in times["b"].rounds] == [2, 2, 2]
    assert times["b"].as_row()["repeats"] == 6


def test_a_ratio_is_of_medians_with_its_range_over_the_rounds():
    reference = Timing(((4.0,), (6.0,), (8.0,)))
    ours = Timing(((1.0, 2.0, 9.0), (2.0, 2.0, 2.0), (2.0, 2.0, 2.0)))
    assert compare(reference, ours) == {"ratio": 3.0, "ratio_least": 2.0, "ratio_most": 4.0}
    assert ours.as_row() == {
        "seconds": 2.0,
        "seconds_least": 1.0,
        "seconds_most": 9.0,
        "repeats": 9,
    }


def test_the_environment_names_machine_and_versions():
    found = environment(CPU)
    assert found["processor"]
    assert found["cores"] >= 1
    assert found["threads"] == torch.get_num_threads()
    assert found["device"] == "cpu"
    assert found["gpu"] is None
    assert found["versions"]["torch"] == torch.__version__.split("+")[0]
