"""How a command fails: one line for the user's mistakes, a traceback for ours."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, TextIO

import click

from photodrag.errors import CacheWarning, PhotodragError, PhotoWarning

from .help_pages import OrderedGroup

EXIT_SOME_FAILED = 3  # of a batch
EXIT_INTERRUPTED = 130  # 128 + SIGINT, as shells have it
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
        try:
            with _warnings_as_lines():
                return super().invoke(ctx)
        except PhotodragError as error:
            raise Failure(_one_line(error)) from error
        except KeyboardInterrupt:
            say("interrupted; nothing was written")
            ctx.exit(EXIT_INTERRUPTED)
        except RuntimeError as error:
            if type(error).__name__ != "OutOfMemoryError":  # torch's; torch may not be loaded
                raise
            raise Failure("the device ran out of memory; use --device cpu") from error


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
