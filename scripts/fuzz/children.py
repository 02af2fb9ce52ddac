"""One case in a process of its own: what it did, what it took, and what it left."""

from __future__ import annotations

import json
import os
import resource
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import cv2
import torch

from photodrag.alignment.photos.silence import silence_decoders
from photodrag.errors import PhotodragError

EXPECTED = ("read", "refused")
_MOST_SECONDS = 10.0  # of processor time, for a file under a megabyte
_MOST_WALL = 60.0
_MOST_MEMORY = 2**30  # bytes beside what the libraries take
_HARD_MEMORY = 3 * 2**30
_LONGEST_MESSAGE = 1100
_SAID = "said.txt"  # by anything, to the terminal
# What no reader of files does (https://docs.python.org/3/library/audit_events.html).
_FORBIDDEN = (
    *("os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.kill", "os.putenv"),
    *("subprocess.Popen", "socket.connect", "socket.bind", "pty.spawn", "webbrowser.open"),
    *("os.chmod", "os.chown", "os.link", "os.symlink", "ctypes.dlopen", "shutil.rmtree"),
)


@dataclass(frozen=True)
class Case:
    """A file to be read: its content and its extension."""

    data: bytes
    suffix: str


@dataclass(frozen=True)
class Result:
    """What became of a case: "read", "refused", or a finding, with a line about it."""

    kind: str
    text: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether it should not have happened."""
        return self.kind not in EXPECTED


def try_case(
    case: Case,
    run: Callable[[Path, Path], object],
    place: Path,
    allowed: tuple[str, ...] = (),
) -> Result:
    """Run `run(file, folder)` in a child; what it writes into `folder` it may leave there.

    Beside the two nothing may be changed. `allowed` are events of audit that are no finding.
    """
    here = Path(tempfile.mkdtemp(prefix="case-", dir=place))
    file, folder = here / f"case{case.suffix}", here / "out"
    folder.mkdir()
    file.write_bytes(case.data)
    silence_decoders()  # once for all, as it loads a library
    before = _own_memory()
    reading, writing = os.pipe()
    begin = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(run, file, folder, writing, allowed)
    os.close(writing)
    try:
        answer = _answer(reading, begin + _MOST_WALL)
        if answer is None:
            os.kill(child, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        result = _result(answer, status)
        seconds = usage.ru_utime + usage.ru_stime
        memory = usage.ru_maxrss * 1024 - before
        if result.kind in EXPECTED and len(case.data) < 2**20:
            if seconds > _MOST_SECONDS:
                result = Result("slow", f"{seconds:.1f} s; {result.text}")
            elif memory > _MOST_MEMORY:
                result = Result("large", f"{memory / 2**20:.0f} MB; {result.text}")
        if result.kind in EXPECTED and (said := (here / _SAID).read_text(errors="replace")):
            result = Result("printed", said[:200].strip())
        if result.kind in EXPECTED and (left := _left(here, file, folder)):
            result = Result("left behind", left)
        return result
    finally:
        os.close(reading)
        shutil.rmtree(here, ignore_errors=True)


def _work(
    run: Callable[[Path, Path], object],
    file: Path,
    folder: Path,
    writing: int,
    allowed: tuple[str, ...],
) -> NoReturn:
    """In the child: run it, tell, and end."""
    os.dup2(os.open(os.devnull, os.O_RDWR), 0)
    said = os.open(file.parent / _SAID, os.O_WRONLY | os.O_CREAT, 0o600)
    for number in (1, 2):
        os.dup2(said, number)
    os.chdir(folder)
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    memory = _HARD_MEMORY + _virtual_memory()
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    seen: list[str] = []

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in allowed:
            _watch(seen, file.parent, event, arguments)

    sys.addaudithook(watch)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            run(file, folder)
        result = Result("read")
    except PhotodragError as error:
        text = str(error)
        bad = "\n" in text or len(text) > _LONGEST_MESSAGE
        result = Result("bad message" if bad else "refused", text[:2000])
    except BaseException as error:
        where = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{Path(where.filename).name}:{where.lineno}"
        result = Result("foreign exception", f"{type(error).__name__} at {place}: {error!s:.200}")
    if seen:
        result = Result("executed", "; ".join(seen[:5]))
    os.write(writing, json.dumps([result.kind, result.text]).encode() + b"\n")
    os._exit(0)


def _watch(seen: list[str], place: Path, event: str, arguments: tuple[Any, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        seen.append(event)
    elif event == "open" and len(arguments) > 2 and isinstance(arguments[0], str | bytes):
        flags = arguments[2] if isinstance(arguments[2], int) else 0
        path = os.fsdecode(arguments[0])
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) and not _allowed(path, place):
            seen.append(f"{path} was opened for writing")


def _allowed(path: str, place: Path) -> bool:
    return path == os.devnull or Path(path).absolute().is_relative_to(place)


def _answer(reading: int, end: float) -> bytes | None:
    """What the child told; None where it took too long."""
    found = b""
    while not found.endswith(b"\n"):
        ready, _, _ = select.select([reading], [], [], max(0.0, end - time.monotonic()))
        if not ready:
            return None
        part = os.read(reading, 65_536)
        if not part:
            break
        found += part
    return found


def _result(answer: bytes | None, status: int) -> Result:
    if answer is None:
        return Result("hang", f"over {_MOST_WALL:.0f} s")
    if os.WIFSIGNALED(status):
        return Result("crash", f"signal {os.WTERMSIG(status)}")
    if not answer:
        return Result("crash", f"it ended with {status} and told nothing")
    kind, text = json.loads(answer)
    return Result(kind, text)


def _left(here: Path, file: Path, folder: Path) -> str:
    """Temporary files, and whatever stands outside the two."""
    kept = (file.name, folder.name, _SAID)
    outside = [path.name for path in here.iterdir() if path.name not in kept]
    hidden = [path.name for path in folder.rglob("*") if path.name.startswith((".photodrag", "."))]
    return ", ".join([*outside, *hidden][:5])


def _own_memory() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * resource.getpagesize()


def _virtual_memory() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[0]) * resource.getpagesize()
