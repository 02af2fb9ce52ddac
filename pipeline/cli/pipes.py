"""`-` for a photo: from the standard input, and to the standard output."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from photodrag.errors import PhotoError

if TYPE_CHECKING:
    from photodrag.alignment import Photo

PIPE = Path("-")
_MOST_BYTES = 2 * 2**30  # more than any photo needs that may be opened


def read_photo(path: Path) -> Photo:
    """Open a photo, or read it from the standard input; PhotoError as `open_photo` has it."""
    from photodrag.alignment import Photo, open_photo

    if path != PIPE:
        return open_photo(path)
    stream = sys.stdin.buffer
    if stream.isatty():
        raise PhotoError(
            "the photo is to come from the standard input, and nothing is piped in; write "
            "`< me.jpg`, or name a file instead of -"
        )
    data = stream.read(_MOST_BYTES + 1)
    if not data:
        raise PhotoError("nothing came from the standard input; a photo was to")
    if len(data) > _MOST_BYTES:
        raise PhotoError(
            f"more than {_MOST_BYTES:,} bytes came from the standard input; this is no photo"
        )
    return Photo.from_bytes(data)


def photo_label(path: Path) -> str | None:
    """The name under which the cache shows what it keeps of a photo; None if it has none."""
    return None if path == PIPE else path.name


def format_of_output(output: Path | None, file_format: str | None, photo: Photo) -> str | None:
    """The format to save in; None where the name of the file says it."""
    return (file_format or photo.format) if output == PIPE else None
