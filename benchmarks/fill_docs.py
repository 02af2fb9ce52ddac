"""Put the tables of stored results where a page of the docs has its marks for them.

    python benchmarks/fill_docs.py RESULT.json... [--page docs/performance.md]

A mark is a line `<!-- table: NAME -->` with `<!-- end -->` after it; NAME is the name of the
result's file without .json. What stands between is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import click

import drag_step
import end_to_end
import inversion
from results import Row, Table, describe, read_result

PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
TABLES: Mapping[str, Callable[[Sequence[Row]], Table]] = {
    "drag_step": drag_step.tabulate,
    "end_to_end": end_to_end.tabulate,
    "inversion": inversion.tabulate,
}


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.File("r", "utf-8"))
@click.option("--page", type=click.Path(path_type=Path, exists=True), default=PAGE)
def main(results: tuple[IO[str], ...], page: Path) -> None:
    """Fill the tables of a page from RESULTS."""
    text = page.read_text("utf-8")
    for file in results:
        text = fill(text, Path(file.name).stem, as_markdown(read_result(file)))
    page.write_text(text, "utf-8")


def as_markdown(result: Mapping[str, Any]) -> str:
    """A result's table, and the line that says where it was measured."""
    table = TABLES[result["benchmark"]](result["rows"])
    return f"{table.markdown()}\n\n{describe(result['environment'])}."


def fill(text: str, name: str, table: str) -> str:
    """The text with a table between its marks."""
    mark, end = f"<!-- table: {name} -->", "<!-- end -->"
    pattern = re.compile(f"{re.escape(mark)}\n.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise click.ClickException(
            f"the page has no place for {name}.json: it needs one line {mark} and, after it, {end}"
        )
    return pattern.sub(lambda _: f"{mark}\n{table}\n{end}", text)


if __name__ == "__main__":
    main()
