"""What a benchmark found: values for JSON, and the tables made of them.

A result is a dictionary: the benchmark's name, the format, the environment and rows. Tables are
made of the dictionary alone, so a stored result gives the same table as a fresh one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.table import Table as RichTable

FORMAT = 1
STANDARD_OUTPUT = "-"
_FILE_WIDTH = 160  # characters of a line where there is no terminal

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Column:
    """One column: its title, and what it shows of a row."""

    title: str
    show: Callable[[Row], str]


@dataclass(frozen=True)
class Table:
    """Titles and cells, all text."""

    titles: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as in the docs."""
        lines = [self.titles, ("---",) * len(self.titles), *self.cells]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def make_result(
    benchmark: str, environment: Mapping[str, Any], rows: Sequence[Row]
) -> dict[str, Any]:
    """Everything that a benchmark has to say."""
    return {
        "benchmark": benchmark,
        "format": FORMAT,
        "environment": dict(environment),
        "rows": [dict(row) for row in rows],
    }


def read_result(file: IO[str]) -> dict[str, Any]:
    """A result that `--json` wrote."""
    result = json.load(file)
    if not isinstance(result, dict) or result.get("format") != FORMAT:
        raise click.ClickException(f"{file.name} is not a benchmark's result of format {FORMAT}")
    return result


def earlier_rows(place: str | None) -> list[dict[str, Any]]:
    """The rows of the result that `--json` wrote there; none where there is no such file."""
    if place is None or place == STANDARD_OUTPUT or not Path(place).exists():
        return []
    with Path(place).open(encoding="utf-8") as file:
        rows: list[dict[str, Any]] = read_result(file)["rows"]
    return rows


def keep(place: str | None, result: Mapping[str, Any]) -> None:
    """Write an unfinished result, so that a run that is stopped can go on."""
    if place is None or place == STANDARD_OUTPUT:
        return
    half = Path(f"{place}.part")
    half.write_text(json.dumps(result, indent=2, allow_nan=False) + "\n", "utf-8")
    half.replace(place)


def make_table(rows: Sequence[Row], columns: Sequence[Column]) -> Table:
    """Rows as a table."""
    return Table(
        tuple(column.title for column in columns),
        tuple(tuple(column.show(row) for column in columns) for row in rows),
    )


def describe(environment: Mapping[str, Any]) -> str:
    """The environment in one line."""
    parts = [
        f"{environment['cores']} cores of {environment['processor']}",
        f"threads: {environment['threads']}",
        environment["gpu"],
        f"Python {environment['python']}",
        *(f"{name} {number}" for name, number in environment["versions"].items() if number),
        f"commit {environment['commit']}" if environment["commit"] else None,
        f"load {environment['load']} at the start" if environment["load"] is not None else None,
    ]
    return ", ".join(part for part in parts if part)


def show(result: Mapping[str, Any], table: Table, json_place: str | None) -> None:
    """Print a table, and write the result as JSON where that is asked for."""
    on_output = json_place == STANDARD_OUTPUT
    console = Console(stderr=on_output)
    if not console.is_terminal:
        console = Console(stderr=on_output, width=_FILE_WIDTH)
    console.print(describe(result["environment"]), highlight=False, markup=False)
    drawn = RichTable(*table.titles, highlight=False)
    for cells in table.cells:
        drawn.add_row(*cells)
    console.print(drawn)
    if json_place is None:
        return
    text = json.dumps(result, indent=2, allow_nan=False) + "\n"
    if on_output:
        click.echo(text, nl=False)
    else:
        Path(json_place).write_text(text, "utf-8")


def json_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--json FILE|-."""
    return click.option(
        "--json",
        "json_place",
        metavar="FILE|-",
        callback=_check_place,
        help="Write everything as JSON; - writes it to the standard output.",
    )(command)


def _check_place(context: click.Context, option: click.Parameter, place: str | None) -> str | None:
    """Found out before the work, not after it."""
    if place is None or place == STANDARD_OUTPUT:
        return place
    folder = Path(place).parent
    if Path(place).is_dir() or not os.access(folder, os.W_OK):
        raise click.BadParameter(f"{place} cannot be written", context, option)
    return place


def seconds_text(seconds: float | None) -> str:
    """Seconds or milliseconds, three digits at least."""
    if seconds is None:
        return "not measured"
    if seconds < 0.9995:
        return f"{1000 * seconds:.3g} ms"
    return f"{seconds:.3g} s" if seconds < 999.5 else f"{seconds:.0f} s"


def spread_text(row: Row) -> str:
    """Median, and from least to most."""
    text = seconds_text(row["seconds"])
    if row["repeats"] == 1:
        return text
    return f"{text} ({seconds_text(row['seconds_least'])} to {seconds_text(row['seconds_most'])})"


def bytes_text(count: float | None) -> str:
    """Megabytes, whole."""
    return "not measured" if count is None else f"{count / 1e6:.0f} MB"


def ratio_text(ratio: float | None) -> str:
    """How many times."""
    return "" if ratio is None else f"{ratio:.3g}x"
