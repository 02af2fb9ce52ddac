"""Files for the time of a write, named by whose they are; what a kill left of them is removed.

A name holds a digest of the machine's name and the process's number. Where that process is gone,
its files are nobody's; those of another machine, on a disk that both share, after a day.
"""

from __future__ import annotations

import hashlib
import os
import platform
import re
import secrets
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

_NAME = re.compile(
    r"(?P<kind>\.photodrag-|\.pip-|photodrag-)(?:studio-)?"
    r"(?P<host>[0-9a-f]{8})-(?P<process>[0-9]{1,10})-[0-9a-z_]{8,16}(?:\.\w+)?"
)
_FORMER_NAME = re.compile(r"\.photodrag-[0-9a-f]{16}\.\w+")  # as versions before named them
_DAY = 86_400.0  # seconds


def owned(prefix: str) -> str:
    """The prefix with this process's mark, for a file or folder that it will remove."""
    return f"{prefix}{_host()}-{os.getpid()}-"


def temporary_name(suffix: str = ".tmp") -> str:
    """A new hidden name; leftovers with such names are removed when something is written beside."""
    return f"{owned('.photodrag-')}{secrets.token_hex(8)}{suffix}"


def temporary_folder(kind: str = "photodrag-") -> Path:
    """A new folder for its owner only, among the system's temporary ones; dead ones are removed."""
    place = Path(tempfile.gettempdir())
    remove_leftovers_once(place)
    return Path(tempfile.mkdtemp(prefix=owned(kind), dir=place))


@contextmanager
def passing_folder() -> Iterator[Path]:
    """Such a folder inside the block, gone after it."""
    folder = temporary_folder()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@lru_cache(maxsize=1024)
def remove_leftovers_once(folder: Path) -> None:
    """`remove_leftovers`, once for each folder and process."""
    remove_leftovers(folder)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that are gone left in a folder; what cannot be removed stays."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith((".photodrag-", ".pip-", "photodrag-")):
                with suppress(OSError):
                    _remove_if_left(entry)


def _remove_if_left(entry: os.DirEntry[str]) -> None:
    status = entry.stat(follow_symlinks=False)
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)) or not _mine(status):
        return
    is_old = status.st_mtime < time.time() - _DAY
    found = _NAME.fullmatch(entry.name)
    if found is None:
        left = is_old and _FORMER_NAME.fullmatch(entry.name) is not None
    elif found["host"] == _host():
        left = not _lives(int(found["process"]))
    else:
        left = is_old and found["kind"] != "photodrag-"  # a studio may run for days
    if left and stat.S_ISDIR(status.st_mode):
        shutil.rmtree(entry.path, ignore_errors=True)
    elif left:
        Path(entry.path).unlink()


def _mine(status: os.stat_result) -> bool:
    return not hasattr(os, "getuid") or status.st_uid == os.getuid()


def _lives(process: int) -> bool:
    if os.name != "posix":
        return True  # asking would end it there
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass
    return True


@lru_cache(maxsize=1)
def _host() -> str:
    return hashlib.sha256(platform.node().encode()).hexdigest()[:8]
