"""Files that a page brings: written into its desk's own folder, and never more than allowed."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import TracebackType
from typing import BinaryIO, Self

from photodrag.errors import OutputError, PhotoTooLargeError

from .job_queue import Steps

_LONGEST = 100  # characters of a name, its extension too
_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)", re.IGNORECASE)


class Upload:
    """A file on its way in: `write` its parts, then `close` it. As a context it closes itself.

    An exception inside the context, or too many bytes, removes it. `name` is a safe one.
    """

    def __init__(self, folder: Path, name: str, most_bytes: int):
        self.name, self.size = safe_name(name), 0
        self.folder = folder
        self._most = most_bytes
        try:
            folder.mkdir(mode=0o700)
            self.path = folder / self.name
            self._file: BinaryIO | None = self.path.open("xb")
        except OSError as error:
            raise OutputError(f"{self.name}: cannot be taken in: {error.strerror}") from error

    def write(self, part: bytes) -> None:
        """The next part; PhotoTooLargeError once it is too much."""
        if self._file is None:
            raise OutputError(f"{self.name}: the upload has ended")
        self.size += len(part)
        if self.size > self._most:
            self.remove()
            raise PhotoTooLargeError(
                f"{self.name}: the file has more than the {self._most / 2**20:.0f} MB that are "
                "taken; make it smaller first"
            )
        try:
            self._file.write(part)
        except OSError as error:
            self.remove()
            raise OutputError(f"{self.name}: cannot be taken in: {error.strerror}") from error

    def close(self) -> None:
        """It is whole."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def remove(self) -> None:
        """Take it away again."""
        self.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.remove()


def safe_name(name: str) -> str:
    """A file's name without any folder, as every system allows it; "photo" where nothing is left.

    What follows the last dot stays the extension.
    """
    name = PureWindowsPath(PurePosixPath(unicodedata.normalize("NFC", name)).name).name
    name = re.sub(
        r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200b-\u200f\u202a-\u202e\u2066-\u2069]', "", name
    )
    name = name.encode("utf-8", "ignore").decode().strip(" .")
    stem, dot, extension = name.rpartition(".")
    if not dot:
        stem, extension = name, ""
    extension = extension[:10].strip()
    stem = stem[: _LONGEST - len(extension) - 1].strip(" .")
    if not stem or _RESERVED.fullmatch(stem.split(".")[0]):
        stem = f"photo{stem}"
    return f"{stem}.{extension}" if extension else stem


def path_of(file: Path | Upload) -> tuple[Path, bool]:
    """Where a file lies, and whether it was brought."""
    return (file.path, True) if isinstance(file, Upload) else (file, False)


def kept(file: Path | Upload, steps: Steps) -> Steps:
    """The steps; a file that was brought goes where they fail."""
    try:
        return (yield from steps)
    except BaseException:
        if isinstance(file, Upload):
            file.remove()
        raise


def used(file: Path | Upload, steps: Steps) -> Steps:
    """The steps; a file that was brought goes after them."""
    try:
        return (yield from steps)
    finally:
        if isinstance(file, Upload):
            file.remove()
