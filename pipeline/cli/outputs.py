"""Files that a command writes: checked before the work, put in place together after it."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import click

from photodrag.errors import OutputError
from photodrag.files import check_writable_name
from photodrag.leftovers import passing_folder, remove_leftovers_once, temporary_name

from .pipes import PIPE


class Outputs:
    """The files of one command.

    `inputs` are never overwritten, except the first with `overwrite`.
    """

    def __init__(self, inputs: Sequence[Path | None], overwrite: bool = False) -> None:
        self._inputs = [path for path in inputs if path not in (None, PIPE)]
        self._overwrite = overwrite
        self._paths: list[Path] = []

    def add(self, path: Path | None, extensions: Collection[str]) -> None:
        """Check a file that will be written; OutputError says what is wrong. None is left out."""
        if path is None:
            return
        if path == PIPE:
            raise OutputError("only the photo can go to the standard output; name a file")
        if path.suffix.lower() not in extensions:
            raise OutputError(
                f"{path}: the extension {path.suffix!r} cannot be written here; "
                f"use one of {', '.join(extensions)}"
            )
        check_writable_name(path)
        if path.is_dir():
            raise OutputError(f"{path}: this is a folder; name a file inside it")
        folder = path.parent
        if not folder.is_dir():
            raise OutputError(f"{path}: the folder {folder} does not exist; make it first")
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OutputError(f"{path}: the folder {folder} cannot be written to")
        if path.exists() and not os.access(path, os.W_OK):
            raise OutputError(f"{path}: the file is there and may not be changed")
        for index, known in enumerate(self._inputs):
            if _same_file(path, known) and not (self._overwrite and index == 0):
                hint = "; give --overwrite to replace it" if index == 0 else ""
                raise OutputError(f"{path}: this is an input of the command{hint}")
        if any(_same_file(path, other) for other in self._paths):
            raise OutputError(f"{path}: two outputs have this name; give each its own")
        self._paths.append(path)

    def add_picture(
        self, path: Path | None, extensions: Collection[str], file_format: str | None
    ) -> None:
        """Check the picture that may go to the standard output, too: there in `file_format`."""
        if path != PIPE:
            if file_format is not None:
                raise click.UsageError(
                    "--format is for the standard output, -o -; a file's name says its format"
                )
            self.add(path, extensions)
        elif sys.stdout.isatty():
            raise OutputError(
                "the picture would go to the terminal; pipe it on, as with `-o - > out.jpg`, or "
                "name a file"
            )

    @contextmanager
    def writing(self) -> Iterator[Callable[[Path], Path]]:
        """Gives a function: an output's path => where to write it for now.

        All files move to their places at the end of the block; on any failure none is left. What
        is for the standard output goes there last.
        """
        staged: dict[Path, Path] = {}
        with ExitStack() as stack:

            def stage(path: Path) -> Path:
                if path == PIPE:
                    folder = stack.enter_context(passing_folder())
                    return staged.setdefault(PIPE, folder / "picture")
                place = path.resolve()  # a link stays a link
                remove_leftovers_once(place.parent)
                name = temporary_name(path.suffix)
                return staged.setdefault(place, place.with_name(name))

            try:
                yield stage
                for place, temporary in sorted(staged.items(), key=lambda pair: pair[0] == PIPE):
                    (_pipe if place == PIPE else _move)(temporary, place)
            finally:
                for temporary in staged.values():
                    temporary.unlink(missing_ok=True)


def _same_file(one: Path, other: Path) -> bool:
    if one.exists() and other.exists():
        return one.samefile(other)
    return one.resolve() == other.resolve()


def _move(temporary: Path, place: Path) -> None:
    try:
        temporary.replace(place)
    except OSError as error:
        raise OutputError(f"{place}: cannot be written: {error.strerror or error}") from error


def _pipe(temporary: Path, place: Path) -> None:
    """Copy a file to the standard output."""
    stream = sys.stdout.buffer
    try:
        with temporary.open("rb") as file:
            shutil.copyfileobj(file, stream)
        stream.flush()
    except BrokenPipeError:  # who reads has had enough; click ends quietly
        raise
    except OSError as error:
        raise OutputError(f"the standard output: {error.strerror or error}") from error
