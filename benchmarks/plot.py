"""Pictures of how cost grows, from what the benchmarks wrote with --json.

    python benchmarks/plot.py RESULT.json... --into FOLDER

Each picture is made where the results hold two or more places on its axis: drag-resolution.svg
(time and memory of a drag step against the image's side), drag-points.svg (against the number of
points), photo-size.svg (seconds of a whole edit against the photo's megapixels). Needs
matplotlib: pip install 'photodrag[benchmarks]'.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from results import Row, describe, read_result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by everybody; each line has its own marker too.
_STYLES = (("#000000", "o"), ("#0072B2", "s"), ("#D55E00", "^"), ("#009E73", "D"))
_RANDOM = "stylegan2-"  # the generators of drag_step.py that differ in nothing but size


@click.command()
@click.argument("results", nargs=-1, required=True, type=click.File("r", "utf-8"))
@click.option("--into", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--format", "kind", type=click.Choice(("svg", "png")), default="svg")
def main(results: tuple[IO[str], ...], into: Path, kind: str) -> None:
    """Draw RESULTS into a folder."""
    read = [read_result(file) for file in results]
    into.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        path = into / f"{name}.{kind}"
        if draw(read, path):
            click.echo(str(path))


def draw_resolution(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Time and memory of a step of dragging one point, for StyleGAN2 of several sizes."""
    rows = [
        row
        for row in _rows(results, "drag_step")
        if row["generator"].startswith(_RANDOM) and row["points"] == 1 and not row["mask"]
    ]
    return _draw_drag(rows, "resolution", "side of the image, px", _note(results), path)


def draw_points(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Time and memory of a step against the number of points, for the largest StyleGAN2."""
    rows = [
        row
        for row in _rows(results, "drag_step")
        if row["generator"].startswith(_RANDOM) and not row["mask"]
    ]
    counted = {row["resolution"] for row in rows if row["points"] > 1}
    rows = [row for row in rows if counted and row["resolution"] == max(counted)]
    return _draw_drag(rows, "points", "points", _note(results), path)


def draw_photo_size(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Seconds of the first and of a second edit against the photo's size."""
    rows = _rows(results, "end_to_end")
    lines = {
        edit: [(row["megapixels"], row["seconds"]) for row in rows if row["edit"] == edit]
        for edit in dict.fromkeys(row["edit"] for row in rows)
    }

    def draw(axes: Sequence[Axes]) -> None:
        _lines(axes[0], lines, "photo, megapixels", "seconds from start to end")
        axes[0].set_ylim(bottom=0)

    return _save([lines], 1, draw, _note(results), path)


FIGURES: dict[str, Callable[[Sequence[Mapping[str, Any]], Path], bool]] = {
    "drag-resolution": draw_resolution,
    "drag-points": draw_points,
    "photo-size": draw_photo_size,
}


def _rows(results: Sequence[Mapping[str, Any]], benchmark: str) -> list[Row]:
    return [row for result in results if result["benchmark"] == benchmark for row in result["rows"]]


def _note(results: Sequence[Mapping[str, Any]]) -> str:
    return describe(results[0]["environment"])


def _draw_drag(rows: Sequence[Row], name: str, label: str, note: str, path: Path) -> bool:
    variants = list(dict.fromkeys(row["variant"] for row in rows))
    seconds = {
        variant: [(row[name], row["seconds"]) for row in rows if row["variant"] == variant]
        for variant in variants
    }
    memory = {
        variant: [
            (row[name], row["memory"] / 1e6)
            for row in rows
            if row["variant"] == variant and row["memory"]
        ]
        for variant in variants
    }

    def draw(axes: Sequence[Axes]) -> None:
        for axis, lines, unit in zip(
            axes, (seconds, memory), ("seconds per step", "memory of the steps, MB"), strict=True
        ):
            _lines(axis, lines, label, unit)
            places = sorted({x for line in lines.values() for x, _ in line})
            axis.set_xscale("log", base=2)
            axis.set_xticks(places, [f"{place:g}" for place in places])
            axis.set_yscale("log")

    return _save([seconds, memory], 2, draw, note, path)


def _lines(
    axis: Axes, lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str
) -> None:
    for (name, places), (color, marker) in zip(lines.items(), _STYLES, strict=False):
        line = dict(sorted(dict(places).items()))  # of a place measured twice, the later result
        axis.plot(list(line), list(line.values()), marker=marker, color=color, label=name)
    axis.set_xlabel(across)
    axis.set_ylabel(up)
    axis.grid(visible=True, which="both", linewidth=0.3)
    axis.legend(frameon=False)


def _save(
    every: Sequence[Mapping[str, Sequence[tuple[float, float]]]],
    panels: int,
    draw: Callable[[Sequence[Axes]], None],
    note: str,
    path: Path,
) -> bool:
    """Draw and write a picture, unless there is only one place on its axis."""
    if len({x for lines in every for line in lines.values() for x, _ in line}) < 2:
        return False
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra; the rest works without)
    except ImportError as error:
        raise click.ClickException(
            "matplotlib is not installed; run pip install 'photodrag[benchmarks]'"
        ) from error
    figure = Figure(figsize=(5.0 * panels, 4.2), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    draw(list(axes))
    figure.supxlabel(textwrap.fill(note, 90 * panels), fontsize=6)
    figure.savefig(path, dpi=150)
    return True


if __name__ == "__main__":
    main()
