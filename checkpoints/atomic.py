"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from photodrag.errors import OutputError


def write_whole(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file by way of a temporary one in the same folder; nothing is left on failure.

    A private one can be read by its owner only.
    """
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.tmp")
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(temporary, flags, 0o600 if private else 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written: {error.strerror or error}; check the folder and the disk"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)  # gone already once it is in place
