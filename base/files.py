"""Write a file beside its place, then move it there."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from .errors import OutputError


def write_whole(path: Path, data: bytes | Iterable[bytes], *, private: bool = False) -> None:
    """Write a file, given whole or in parts; on any failure nothing is left behind.

    A link stays a link. A private file can be read by its owner only. OutputError if the folder
    or the disk refuses; what the parts raise while they are made is passed on.
    """
    path = path.resolve()
    temporary = path.with_name(f".photodrag-{secrets.token_hex(8)}.tmp")
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


def file_digest(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; OSError if it cannot be read."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
