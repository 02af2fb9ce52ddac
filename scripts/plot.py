"""Pictures of how cost grows and how near edits come, from what benchmarks wrote with --json.

    python -m scripts.plot RESULT.json... --into FOLDER

Each picture is made where the results hold two or more places on its axis: drag-resolution.svg
(time and memory of a drag step against the image's side), drag-points.svg (against the number of
points), photo-size.svg (seconds of a whole edit against the photo's megapixels). truth-pairs.svg
(every pair, and the medians) and paper-points.svg (beside what others published) are made of the
results of truth_pairs.py and paper_points.py. Needs matplotlib: pip install
'photodrag[benchmarks]'.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from benchmarks.results import Row, describe, read_result
from evaluation.published import LANDMARK_COUNTS, LANDMARKS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Okabe and Ito's colours, told apart by everybody; each line has its own marker too.
_STYLES = (("#000000", "o"), ("#0072B2", "s"), ("#D55E00", "^"), ("#009E73", "D"))
_OTHERS = "#888888"
_MEASURES = {
    "landmarks": "landmarks, % of the eye distance",
    "lpips": "LPIPS of the face",
    "identity": "identity distance",
    "sharpness": "sharpness over the photo's",
}
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
    return _draw_drag(
        rows, "resolution", "side of the image, px", _note(results, "drag_step"), path
    )


def draw_points(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Time and memory of a step against the number of points, for the largest StyleGAN2."""
    rows = [
        row
        for row in _rows(results, "drag_step")
        if row["generator"].startswith(_RANDOM) and not row["mask"]
    ]
    counted = {row["resolution"] for row in rows if row["points"] > 1}
    rows = [row for row in rows if counted and row["resolution"] == max(counted)]
    return _draw_drag(rows, "points", "points", _note(results, "drag_step"), path)


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

    return _several([lines]) and _save(1, draw, _note(results, "end_to_end"), path)


def draw_truth_pairs(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """How near each system's results are to the truth: a dot for each pair, a bar the median."""
    rows = _rows(results, "truth_pairs")
    most = max((row["pairs"] for row in rows), default=0)
    rows = [row for row in rows if row["pairs"] == most][::-1]
    if len(rows) < 2:
        return False

    def draw(axes: Sequence[Axes]) -> None:
        for axis, (key, title) in zip(axes, _MEASURES.items(), strict=True):
            for y, row in enumerate(rows):
                values = [one[key] for one in row["each"].values()]
                color = _color(row["system"])
                axis.plot(values, [y] * len(values), "o", color=color, markersize=4, alpha=0.5)
                axis.plot([row[key]] * 2, [y - 0.35, y + 0.35], color=color, linewidth=2.5)
            axis.set_xlabel(title)
            axis.set_xlim(left=0)
            axis.grid(visible=True, axis="x", linewidth=0.3)
            axis.set_yticks(range(len(rows)), [""] * len(rows))
        axes[0].set_yticklabels([row["system"] for row in rows])

    return _save(len(_MEASURES), draw, _note(results, "truth_pairs"), path, 3.2)


def draw_paper_points(results: Sequence[Mapping[str, Any]], path: Path) -> bool:
    """Distance left against the number of landmarks, beside what others published."""
    rows = [row for row in _rows(results, "paper_points") if row["points"]]
    if not rows:
        return False
    positions = {count: x for x, count in enumerate(LANDMARK_COUNTS)}
    known = dict.fromkeys(row["method"] for row in LANDMARKS)
    own = list(dict.fromkeys(row["method"] for row in rows))

    def draw(axes: Sequence[Axes]) -> None:
        (axis,) = axes
        for method, marker in zip(known, "vPX*<", strict=True):
            line = [(positions[row["points"]], row["distance"]) for row in _by(LANDMARKS, method)]
            axis.plot(*zip(*line, strict=True), f"{marker}:", color=_OTHERS, label=method)
        for (color, marker), method in zip(_STYLES, own, strict=False):
            mine = sorted(_by(rows, method), key=lambda row: int(row["points"]))
            axis.errorbar(
                [positions[row["points"]] for row in mine],
                [row["distance"] for row in mine],
                yerr=[row["distance_error"] or 0.0 for row in mine],
                marker=marker,
                color=color,
                label=method,
                capsize=3,
            )
        axis.set_yscale("log")
        axis.set_xticks(list(positions.values()), [str(count) for count in positions])
        axis.set_xlabel("landmarks that are dragged")
        axis.set_ylabel("mean distance left, px of 512")
        axis.grid(visible=True, which="both", linewidth=0.3)
        axis.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))

    return _save(1, draw, _note(results, "paper_points"), path, 8.5)


def _by(rows: Sequence[Row], method: str) -> list[Row]:
    return [row for row in rows if row["method"] == method]


def _color(system: str) -> str:
    """Ours stands out, and what looks at the answer stands back."""
    if "true" in system:
        return _OTHERS
    return _STYLES[2][0] if system == "photodrag" else _STYLES[1][0]


FIGURES: dict[str, Callable[[Sequence[Mapping[str, Any]], Path], bool]] = {
    "drag-resolution": draw_resolution,
    "drag-points": draw_points,
    "photo-size": draw_photo_size,
    "truth-pairs": draw_truth_pairs,
    "paper-points": draw_paper_points,
}


def _rows(results: Sequence[Mapping[str, Any]], benchmark: str) -> list[Row]:
    return [row for result in _of(results, benchmark) for row in result["rows"]]


def _of(results: Sequence[Mapping[str, Any]], benchmark: str) -> list[Mapping[str, Any]]:
    return [result for result in results if result["benchmark"] == benchmark]


def _note(results: Sequence[Mapping[str, Any]], benchmark: str) -> str:
    """Where the first of a benchmark's results was measured; "" where there is none."""
    return next((describe(one["environment"]) for one in _of(results, benchmark)), "")


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
            positions = sorted({x for line in lines.values() for x, _ in line})
            axis.set_xscale("log", base=2)
            axis.set_xticks(positions, [f"{place:g}" for place in positions])
            axis.set_yscale("log")

    return _several([seconds, memory]) and _save(2, draw, note, path)


def _lines(
    axis: Axes, lines: Mapping[str, Sequence[tuple[float, float]]], across: str, up: str
) -> None:
    for (name, positions), (color, marker) in zip(lines.items(), _STYLES, strict=False):
        line = dict(sorted(dict(positions).items()))  # of a place measured twice, the later result
        axis.plot(list(line), list(line.values()), marker=marker, color=color, label=name)
    axis.set_xlabel(across)
    axis.set_ylabel(up)
    axis.grid(visible=True, which="both", linewidth=0.3)
    axis.legend(frameon=False)


def _several(every: Sequence[Mapping[str, Sequence[tuple[float, float]]]]) -> bool:
    """Whether there are two places or more on the axis."""
    return len({x for lines in every for line in lines.values() for x, _ in line}) > 1


def _save(
    panels: int,
    draw: Callable[[Sequence[Axes]], None],
    note: str,
    path: Path,
    width: float = 5.0,
) -> bool:
    """Draw and write a picture of panels so many inches wide."""
    try:
        from matplotlib.figure import Figure  # noqa: PLC0415 (an extra; the rest works without)
    except ImportError as error:
        raise click.ClickException(
            "matplotlib is not installed; run pip install 'photodrag[benchmarks]'"
        ) from error
    figure = Figure(figsize=(width * panels, 4.2), layout="constrained")
    axes = figure.subplots(1, panels, squeeze=False)[0]
    draw(list(axes))
    figure.supxlabel(textwrap.fill(note, round(18 * width * panels)), fontsize=6)
    figure.savefig(path, dpi=150)
    return True


if __name__ == "__main__":
    main()
