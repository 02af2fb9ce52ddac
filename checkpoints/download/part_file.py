"""The half of a download that has arrived, and what is needed to go on with it."""

from __future__ import annotations

import json
import os
from email.message import Message
from pathlib import Path
from typing import IO

from photodrag.errors import DownloadError


class PartFile:
    """`NAME.part` beside the file to be, and `NAME.part.json` saying what it is the start of."""

    def __init__(self, path: Path, url: str) -> None:
        self.path = path.with_name(path.name + ".part")
        self._origin = path.with_name(path.name + ".part.json")
        self._target = path
        self._url = url

    def resumable_bytes(self) -> int:
        """Bytes of the same address that a server can go on from; 0 if it has to start over."""
        try:
            return self.path.stat().st_size if self.validator() else 0
        except OSError:
            return 0

    def validator(self) -> str:
        """The mark by which the server knows whether its file is still the one begun with."""
        try:
            origin = json.loads(self._origin.read_text("utf-8"))
        except (OSError, ValueError):
            return ""
        same = isinstance(origin, dict) and origin.get("url") == self._url
        return str(origin.get("validator", "")) if same else ""

    def start_over(self, headers: Message) -> None:
        """Drop what was there, and note the mark of the file that comes now."""
        tag = headers.get("ETag", "")
        # a weak tag ("W/...") does not promise the same bytes
        validator = headers.get("Last-Modified", "") if not tag or tag.startswith("W/") else tag
        self.drop()
        try:
            self._origin.write_text(json.dumps({"url": self._url, "validator": validator}), "utf-8")
        except OSError as error:
            raise self.disk_error(error) from error

    def open(self, keep: bool) -> IO[bytes]:
        """The file to write to, at its end or emptied."""
        try:
            file: IO[bytes] = self.path.open("ab" if keep else "wb")
        except OSError as error:
            raise self.disk_error(error) from error
        return file

    def finish(self) -> None:
        """Put the whole file in its place, with its bytes on the disk for good."""
        try:
            with self.path.open("rb+") as file:
                os.fsync(file.fileno())
            self.path.replace(self._target)
        except OSError as error:
            raise self.disk_error(error) from error
        self._origin.unlink(missing_ok=True)

    def drop(self) -> None:
        """Delete what has arrived."""
        self.path.unlink(missing_ok=True)
        self._origin.unlink(missing_ok=True)

    def disk_error(self, error: OSError) -> DownloadError:
        """The error for a file that cannot be written."""
        return DownloadError(
            f"{self._target} cannot be written: {error.strerror or error}; check the folder and "
            "the space left on the disk"
        )
