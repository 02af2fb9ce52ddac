"""sha256 checksums of files."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from photodrag.errors import CheckpointError


def check_sha256(sha256: str | None) -> str | None:
    """A checksum in lower case, or none; refuses what cannot be one."""
    if sha256 is None:
        return None
    if not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
        raise CheckpointError(f"{sha256!r:.80} is not a sha256; it has 64 digits of 0-9 and a-f")
    return sha256.lower()


def file_sha256(path: Path) -> str:
    """The checksum of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
