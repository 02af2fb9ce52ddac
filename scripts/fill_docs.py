"""Put the tables of stored results where a page of the docs has its marks for them.

    python -m scripts.fill_docs RESULT.json... [--page PAGE]

A mark is a line `<!-- table: NAME -->` with `<!-- end -->` after it; NAME is the name of the
result's file without .json. What stands between is replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import click

from benchmarks import drag_step, end_to_end, inversion, precision
from benchmarks.results import Row, Table, describe, read_result
from evaluation import (
    adjustments,
    frame_pairs,
    inversion_settings,
    paper_paired,
    paper_points,
    there_and_back,
    truth_pairs,
)

DOCS = Path(__file__).resolve().parents[1] / "docs" / "research"
TABLES: Mapping[str, Callable[[Sequence[Row]], Table]] = {
    "adjustments": adjustments.tabulate,
    "drag_step": drag_step.tabulate,
    "end_to_end": end_to_end.tabulate,
    "frame_pairs": frame_pairs.tabulate,
    "inversion": inversion.tabulate,
    "inversion_settings": inversion_settings.tabulate,
    "paper_paired": paper_paired.tabulate,
    "paper_points": paper_points.tabulate,
    "precision": precision.tabulate,
    "there_and_back": there_and_back.tabulate,
    "truth_pairs": truth_pairs.tabulate,
}


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.File("r", "utf-8"))
@click.option(
    "--page",
    type=click.Path(path_type=Path, exists=True),
    help="The page to fill.  [default: the one of docs/research/ that has the mark]",
)
def main(results: tuple[IO[str], ...], page: Path | None) -> None:
    """Fill the tables of the docs from RESULTS."""
    for file in results:
        name = Path(file.name).stem
        place = page or page_of(name, DOCS)
        table = as_markdown(read_result(file))
        place.write_text(fill(place.read_text("utf-8"), name, table), "utf-8")


def page_of(name: str, folder: Path) -> Path:
    """The page of a folder with the mark for a result."""
    for page in sorted(folder.glob("*.md")):
        if mark_of(name) in page.read_text("utf-8"):
            return page
    raise click.ClickException(
        f"no page in {folder} has a place for {name}.json: it needs a line {mark_of(name)}"
    )


def mark_of(name: str) -> str:
    """The line before a table."""
    return f"<!-- table: {name} -->"


def as_markdown(result: Mapping[str, Any]) -> str:
    """A result's table, where it was measured, and what was skipped for which reason."""
    table = TABLES[result["benchmark"]](result["rows"])
    where = result["environment"]
    lines = [f"{describe(where)}."]
    lines += [f"{name}: skipped, {why}." for name, why in where.get("skipped", {}).items()]
    return "\n".join([table.markdown(), "", *lines])


def fill(text: str, name: str, table: str) -> str:
    """The text with a table between its marks."""
    mark, end = mark_of(name), "<!-- end -->"
    pattern = re.compile(f"{re.escape(mark)}\n.*?{re.escape(end)}", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        raise click.ClickException(
            f"the page has no place for {name}.json: it needs one line {mark} and, after it, {end}"
        )
    return pattern.sub(lambda _: f"{mark}\n{table}\n{end}", text)


if __name__ == "__main__":
    main()
