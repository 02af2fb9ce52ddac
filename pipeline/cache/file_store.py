"""A folder of files that may be lost again: private, bounded in size, shared by processes.

Each file carries the SHA-256 of its content, so a damaged one is known. Every change is made under
a lock between processes; reading needs none, as a file appears whole and never changes.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from photodrag.checkpoints.cache import CACHE_VARIABLE, make_folder
from photodrag.errors import OutputError
from photodrag.files import write_whole
from photodrag.logs import room_logger

_NAME = re.compile(r"[0-9a-f]{64}\.[a-z]+")  # nothing else in the folder is ever touched
_MARK = b"photodrag-kept-1 "
_HEAD = len(_MARK) + 64 + 1  # the mark, the SHA-256 in hexadecimal, a line's end
_LOCK = ".lock"
_WAIT_SECONDS = 20.0
_LOG = room_logger("cache")


class DamagedFileError(Exception):
    """A kept file is not what was written."""


@dataclass(frozen=True)
class KeptFile:
    """A file of the folder: its name, its bytes on disk, and when it was last used (Unix time)."""

    name: str
    size: int
    used: float


class KeptFiles:
    """The files of a folder, together at most `limit` bytes; the least recently used go first.

    With `only_read` nothing of the folder is changed: what should be kept or removed is left.
    """

    def __init__(self, folder: Path, limit: int, only_read: bool = False):
        self.folder, self.limit, self.only_read = folder, limit, only_read

    def read(self, name: str) -> bytes | None:
        """A file's content, noted as used now; None if it is not there.

        DamagedFileError for what was changed or cut short; OutputError if it cannot be read.
        """
        path = self.folder / name
        try:
            data = path.read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise _unusable(self.folder, error) from error
        content = data[_HEAD:]
        if data[:_HEAD] != _head(content):
            raise DamagedFileError(path)
        _LOG.debug("read %s", path)
        if not self.only_read:
            with suppress(OSError):  # a folder that may only be read serves as well
                os.utime(path)
        return content

    def begin(self, name: str, length: int) -> bytes:
        """The first bytes of a file's content, not checked; empty if it is not there."""
        try:
            with (self.folder / name).open("rb") as file:
                file.seek(_HEAD)
                return file.read(length)
        except OSError:
            return b""

    def write(self, name: str, content: bytes, spared: str | None = None) -> bool:
        """Keep a file, unless it is there already; False if it alone is above the limit.

        `spared` names a file that does not go for it; False where both are above the limit.
        OutputError if that is impossible; nothing is left of the file then.
        """
        size = _HEAD + len(content)
        path = self.folder / name
        if self.only_read:
            return True
        if size > self.limit:
            return False
        with self._locked():
            if path.exists():
                return True
            if not self._make_room(size, spared):
                return False
            write_whole(path, _head(content) + content, private=True)
        _LOG.debug("kept %s, %.1f MB", path, size / 1e6)
        return True

    def remove(self, name: str) -> None:
        """Remove a file, whether it is there or not; OutputError if that is not allowed."""
        if self.only_read:
            return
        with self._locked():
            self._unlink(name)

    def files(self) -> tuple[KeptFile, ...]:
        """All that is kept, the least recently used first."""
        found = []
        try:
            with os.scandir(self.folder) as entries:
                for entry in entries:
                    if _NAME.fullmatch(entry.name) and entry.is_file(follow_symlinks=False):
                        with suppress(FileNotFoundError):  # another process may clear at this time
                            status = entry.stat(follow_symlinks=False)
                            found.append(KeptFile(entry.name, status.st_size, status.st_mtime))
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise _unusable(self.folder, error) from error
        return tuple(sorted(found, key=lambda file: (file.used, file.name)))

    def clear(self, unused_since: float | None = None) -> tuple[KeptFile, ...]:
        """Remove all files, or those last used before a Unix time; what was removed."""
        if not self.folder.is_dir():
            return ()
        with self._locked():
            gone = [
                file for file in self.files() if unused_since is None or file.used < unused_since
            ]
            for file in gone:
                self._unlink(file.name)
        return tuple(gone)

    def _make_room(self, size: int, spared: str | None) -> bool:
        """Whether there is room now; where there cannot be, nothing is removed."""
        files = self.files()
        others = [file for file in files if file.name != spared]
        total = sum(file.size for file in files) + size
        if total - sum(file.size for file in others) > self.limit:
            return False
        for file in others:
            if total <= self.limit:
                break
            self._unlink(file.name)
            total -= file.size
            _LOG.info("removed %s, %.1f MB, to make room", file.name, file.size / 1e6)
        return True

    def _unlink(self, name: str) -> None:
        try:
            (self.folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(self.folder, error) from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """The one process that changes the folder; what a crash left behind is removed."""
        make_folder(self.folder.parent)
        make_folder(self.folder, private=True)
        lock = FileLock(self.folder / _LOCK, timeout=_WAIT_SECONDS, mode=0o600)
        try:
            lock.acquire()
        except Timeout as error:
            raise OutputError(
                f"the folder {self.folder} was held by another process for {_WAIT_SECONDS:.0f} s"
            ) from error
        except (OSError, NotImplementedError) as error:
            raise _unusable(self.folder, error) from error
        try:
            for left in self.folder.glob(".*.tmp"):
                with suppress(OSError):
                    left.unlink()
            yield
        finally:
            lock.release()


def _head(content: bytes) -> bytes:
    return _MARK + hashlib.sha256(content).hexdigest().encode() + b"\n"


def _unusable(folder: Path, error: Exception) -> OutputError:
    reason = getattr(error, "strerror", None) or error
    return OutputError(
        f"the folder {folder} cannot be used: {reason}; set {CACHE_VARIABLE} to another folder"
    )
