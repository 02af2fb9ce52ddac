"""What a batch has done so far, kept in its folder so that it can go on where it stopped."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from photodrag.errors import BatchError, ContentError
from photodrag.files import write_whole
from photodrag.json_values import JsonValue, parse_json

LOG_FILE = "photodrag-batch.json"
_VERSION = 1
_MARK = "photodrag_batch"


@dataclass(frozen=True)
class Done:
    """One photo of a batch that is finished, well or not.

    `photo`, `recipe` and `result` are SHA-256 of what went in and came out; `error` says why there
    is no result. `notes` are what was odd about it. `release` is photodrag's version.
    """

    source: str
    recipe: str
    photo: str | None = None
    result: str | None = None
    error: str | None = None
    arrived: bool | None = None
    seconds: float = 0.0
    notes: tuple[str, ...] = ()
    release: str = ""


class BatchLog:
    """The log of a folder: results by their names. BatchError if it is damaged or not one."""

    def __init__(self, folder: Path):
        self.path = folder / LOG_FILE
        self.entries: Mapping[str, Done] = self._read()

    def note(self, output: str, done: Done) -> None:
        """Add or replace an entry, on disk at once; OutputError if that is impossible."""
        self.entries = {**self.entries, output: done}
        values = {name: asdict(entry) for name, entry in sorted(self.entries.items())}
        text = json.dumps({_MARK: _VERSION, "photos": values}, indent=1, ensure_ascii=False)
        write_whole(self.path, f"{text}\n".encode())

    def _read(self) -> dict[str, Done]:
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise BatchError(f"{self.path}: cannot be read: {error.strerror or error}") from error
        try:
            values = JsonValue(parse_json(content), "the file")
            if values.get(_MARK).value != _VERSION:
                raise ContentError(f'its "{_MARK}" is not {_VERSION}')
            return {name: one.record(Done) for name, one in values["photos"].members().items()}
        except ContentError as error:
            raise self._damaged(str(error)) from error

    def _damaged(self, reason: str) -> BatchError:
        return BatchError(
            f"{self.path}: not the log of a batch that this version can go on with ({reason}); "
            "move it away to do all photos again"
        )


def release() -> str:
    """The version of photodrag: another one may give other pixels."""
    try:
        return version("photodrag")
    except PackageNotFoundError:  # run from a folder
        return ""
