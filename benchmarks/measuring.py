"""Times, peak memory, and the machine that they were measured on.

Machines are shared and their speed drifts, so what is compared is timed in turns in one process:
the reference, ours, the reference, ours. Memory is what the process holds: the high-water mark
that Linux keeps, or the allocator's on CUDA; nothing elsewhere.
"""

from __future__ import annotations

import ctypes
import gc
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch

from photodrag.device import choose_device
from photodrag.pipeline.runtime.memory import keep_freed_memory

_STATUS = Path("/proc/self/status")
_FORGET = Path("/proc/self/clear_refs")  # proc(5): writing 5 resets the high-water mark
_PACKAGES = ("photodrag", "torch", "numpy", "opencv-python-headless")

Work = Callable[[], object]


@dataclass(frozen=True)
class Timing:
    """Seconds of every repeat, in rounds."""

    rounds: tuple[tuple[float, ...], ...]

    @property
    def median(self) -> float:
        """Median of all repeats."""
        return statistics.median(second for seconds in self.rounds for second in seconds)

    def as_row(self) -> dict[str, Any]:
        """Median, least, most and number of repeats."""
        every = [second for seconds in self.rounds for second in seconds]
        return {
            "seconds": self.median,
            "seconds_least": min(every),
            "seconds_most": max(every),
            "repeats": len(every),
        }


@dataclass(frozen=True)
class Memory:
    """Bytes held before a stretch of work, and at most during it."""

    before: int
    peak: int

    @property
    def added(self) -> int:
        """What the work needed on top of what was there."""
        return max(0, self.peak - self.before)


def time_in_turns(
    works: Mapping[str, Work],
    rounds: int,
    repeats: Mapping[str, int],
    device: torch.device,
) -> dict[str, Timing]:
    """Run each work `repeats` times (1 if it is not named) per round, one after the other."""
    taken: dict[str, list[tuple[float, ...]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            seconds = tuple(seconds_of(work, device) for _ in range(repeats.get(name, 1)))
            taken[name].append(seconds)
    return {name: Timing(tuple(seconds)) for name, seconds in taken.items()}


def seconds_of(
    work: Work, device: torch.device, clock: Callable[[], float] = time.perf_counter
) -> float:
    """How long a work takes, until the device is done with it.

    `time.process_time` as the clock counts what the processor did for this process, all threads
    added up, which other work on the machine does not lengthen.
    """
    synchronize(device)
    begin = clock()
    work()
    synchronize(device)
    return clock() - begin


def compare(reference: Timing, ours: Timing) -> dict[str, float]:
    """How many times faster ours is: of the medians, and the least and most of any round."""
    of_rounds = [
        statistics.median(theirs) / statistics.median(seconds)
        for theirs, seconds in zip(reference.rounds, ours.rounds, strict=True)
    ]
    return {
        "ratio": reference.median / ours.median,
        "ratio_least": min(of_rounds),
        "ratio_most": max(of_rounds),
    }


def peak_memory(work: Work, device: torch.device) -> Memory | None:
    """The most memory held while a work runs; None where it cannot be measured.

    On a CPU that is all memory of this process, so nothing else may run in it meanwhile.
    """
    gc.collect()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        work()
        torch.cuda.synchronize(device)
        return Memory(before, torch.cuda.max_memory_allocated(device))
    if device.type != "cpu" or not sys.platform.startswith("linux"):
        return None
    _give_back_freed_memory()
    try:
        _FORGET.write_text("5")
    except OSError:  # forbidden in some containers
        return None
    before = _status_bytes("VmRSS")
    work()
    return Memory(before, _status_bytes("VmHWM"))


def synchronize(device: torch.device) -> None:
    """Wait until a device has done what it was told."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def prepare(device: str, threads: int | None) -> torch.device:
    """The device by that name, warmed up; so many threads of PyTorch, unless it shall choose."""
    if threads is not None:
        torch.set_num_threads(threads)
    keep_freed_memory()
    place = choose_device(device)
    warm_up(place)
    return place


def warm_up(device: torch.device) -> None:
    """Start what PyTorch starts at first use (threads, libraries), so that no one pays for it."""
    x = torch.randn(1, 8, 64, 64, device=device, requires_grad=True)
    weight = torch.randn(8, 8, 3, 3, device=device)
    with torch.enable_grad():
        y = torch.nn.functional.conv2d(x, weight, padding=1).square().sum()
    y.backward()  # type: ignore[no-untyped-call]
    torch.optim.Adam([x]).step()
    synchronize(device)


def environment(device: torch.device) -> dict[str, Any]:
    """The machine, the versions and the device, as values for JSON."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "memory": _total_memory(),
        "system": f"{platform.system()} {platform.machine()}",
        "device": device.type,
        "gpu": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "load": load(),
        "python": platform.python_version(),
        "commit": _commit(),
        "versions": {name: _version(name) for name in _PACKAGES},
    }


def load() -> float | None:
    """How many processes wanted the processor in the last minute; well above 1: not alone."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def _give_back_freed_memory() -> None:
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
    if trim is not None:
        trim(0)


def _status_bytes(name: str) -> int:
    for line in _STATUS.read_text("utf-8").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"{_STATUS} has no {name}")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _total_memory() -> int | None:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _commit() -> str | None:
    """Of the clone this file lies in; a + after it says that files differ from the commit."""
    folder = Path(__file__).resolve().parent
    command = ["git", "-C", str(folder), "describe", "--always", "--dirty=+", "--exclude=*"]
    try:
        done = subprocess.run(  # noqa: S603 (nothing of it comes from outside)
            command, capture_output=True, check=True, text=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
