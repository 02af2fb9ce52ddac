"""Files written whole or not at all, and read only where they are files."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Iterable
from io import BufferedReader
from pathlib import Path

from .errors import OutputError
from .leftovers import remove_leftovers_once, temporary_name


def write_whole(path: Path, data: bytes | Iterable[bytes], *, private: bool = False) -> None:
    """Write a file, given whole or in parts; on any failure nothing is left behind.

    A link stays a link. A private file can be read by its owner only. OutputError if the folder
    or the disk refuses; what the parts raise while they are made is passed on.
    """
    check_writable_name(path)
    path = path.resolve()
    remove_leftovers_once(path.parent)
    temporary = path.with_name(temporary_name())
    parts = (data,) if isinstance(data, bytes) else data
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o600 if private else 0o666), "wb") as file:
            for part in parts:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}; check the folder and the disk"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)  # gone already once it is in place


def check_writable_name(path: Path) -> None:
    """OutputError for a name that no file can have, and for a device or pipe in its place."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return  # which is said where it is written
    except (OSError, ValueError) as error:
        raise OutputError(
            f"{path} cannot be written: {reason_of(error)}; change its name"
        ) from error
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise OutputError(f"{path} is no regular file and is left as it is; choose another name")


def read_regular(path: Path, most_bytes: int | None = None, *, follow_links: bool = True) -> bytes:
    """The content of a regular file. OSError for a device, a pipe, and more than `most_bytes`.

    So it is for a name that no file can have and, unless they may be followed, for a link.
    """
    with _opened(path, most_bytes, follow_links) as file:
        data = file.read() if most_bytes is None else file.read(most_bytes + 1)
    if most_bytes is not None and len(data) > most_bytes:  # it grew meanwhile
        raise OSError(errno.EFBIG, "larger than it can be")
    return data


def file_digest(path: Path, most_bytes: int | None = None) -> str:
    """The SHA-256 of a regular file, in hexadecimal; OSError as `read_regular` has it."""
    with _opened(path, most_bytes, follow_links=True) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def reason_of(error: Exception) -> str:
    """Why a file cannot be used, in few words."""
    if isinstance(error, OSError):
        return error.strerror or str(error)
    return "no file can have this name"  # a NUL or half a character


def _opened(path: Path, most_bytes: int | None, follow_links: bool) -> BufferedReader:
    # without waiting for the other end of a pipe
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        number = os.open(path, flags)
    except ValueError as error:
        raise OSError(errno.EINVAL, reason_of(error)) from error
    except OSError as error:
        if error.errno == errno.ELOOP and not follow_links:
            raise OSError(errno.ELOOP, "a link, which is not followed here") from error
        raise
    file = os.fdopen(number, "rb")
    try:
        status = os.fstat(number)
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        if most_bytes is not None and status.st_size > most_bytes:
            raise OSError(errno.EFBIG, f"{status.st_size:,} bytes are more than it can have")
    except OSError:
        file.close()
        raise
    return file
