"""How a command fails: one line for the user's mistakes, a traceback for ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, NoReturn, TextIO

import click

from photodrag.errors import CacheWarning, PhotodragError, PhotoWarning

from .help_pages import OrderedGroup
from .interrupts import EndingSignals

EXIT_SOME_FAILED = 3  # of a batch
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
# What loaders, threads and PyTorch say where memory ends
_NO_MEMORY = (
    "failed to map segment",
    "Cannot allocate memory",
    "can't start new thread",
    "not enough memory: you tried to allocate",
)
_NOTES = (PhotoWarning, CacheWarning)


class Failure(click.ClickException):
    """An error of the user's, shown as one line."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print it to the standard error stream."""
        say(self.message)


class FailingGroup(OrderedGroup):
    """A group of commands whose expected errors end with one line and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with EndingSignals() as signals:
            try:
                with _warnings_as_lines():
                    return super().invoke(ctx)
            except KeyboardInterrupt:
                _end_interrupted(ctx)
            except Exception as error:
                if signals.came and not isinstance(error, click.exceptions.Exit):
                    _end_interrupted(ctx)  # PyTorch makes other exceptions of it at times
                if isinstance(error, PhotodragError):
                    raise Failure(_one_line(error)) from error
                if (reason := _lacking_memory(error)) is not None:
                    raise Failure(reason) from error
                raise


def _end_interrupted(ctx: click.Context) -> NoReturn:
    say("interrupted; nothing was written")
    ctx.exit(EXIT_INTERRUPTED)


def _lacking_memory(error: Exception) -> str | None:
    """What to do where there is too little memory; None for any other error."""
    if type(error).__name__ == "OutOfMemoryError":  # torch's; torch may not be loaded
        return "the device ran out of memory; use --device cpu"
    if isinstance(error, MemoryError) or any(words in str(error) for words in _NO_MEMORY):
        return f"there is too little memory ({_one_line(error):.120}); close other programs"
    return None


def say(message: str) -> None:
    """One line to the standard error stream, under the program's name."""
    click.echo(f"photodrag: {message}", err=True)


@contextmanager
def _warnings_as_lines() -> Iterator[None]:
    """Show what is odd about a photo or the cache without Python's decoration, the rest as ever."""
    with warnings.catch_warnings():
        for ours in _NOTES:
            warnings.simplefilter("always", ours)
        usual = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, _NOTES):
                say(f"note: {_one_line(message)}")
            else:
                usual(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def _one_line(message: object) -> str:
    return " ".join(str(message).split())
