"""What every command that edits does around it: show the work, write report and comparison."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .progress import ProgressBars

if TYPE_CHECKING:
    from ..editing import EditRun
    from ..faces_run import FacesRun
    from ..movie import Movie
    from ..values import EditResult


def follow(run: FacesRun | EditRun, bars: ProgressBars, frames: Movie | None = None) -> None:
    """Do the work, showing it."""
    for step in run:
        bars.show(step)
        if frames is not None and step.stage in ("guide", "drag") and frames.is_due():
            frames.add(run.preview())
        if frames is not None and step.stage == "composite":
            frames.add(run.preview())


def save_extras(results: Sequence[EditResult], output: Path | None, places: Sequence[Path]) -> None:
    """The report and the comparison, each to its place for now."""
    from photodrag.alignment import Photo

    from ..compare import compare_pictures
    from ..report import make_reports, write_report

    for place in places:
        if place.suffix.lower() == ".json":
            write_report(place, make_reports(results, output))
        else:
            Photo(pixels=compare_pictures(results)).save(place)


def summary(results: Sequence[EditResult], output: Path | None) -> list[str]:
    """What was reached, in one line for each face."""
    lines = [_line(result) for result in results]
    if len(results) > 1:
        numbers = [f"face {result.start.face.index}: " for result in results]
        lines = [number + line for number, line in zip(numbers, lines, strict=True)]
    return lines if output is None else [f"{output}: {line}" for line in lines]


def _line(result: EditResult) -> str:
    from ..adjusting import reached_adjustments

    adjusted = "".join(
        f"{one.name} {one.reached:.2g} of {one.asked:g}{' ' * bool(one.unit)}{one.unit}; "
        for one in reached_adjustments(result)
    )
    left = max(
        math.dist(reached, point.target)
        for reached, point in zip(result.reached, result.points, strict=True)
    )
    percent = 100 * left / result.crop.face.eye_distance
    known = "at hand" if result.start.inversion is not None else "in the cache"
    cached = f", the face was {known}" if result.cached else ""
    count = len(result.points)
    points = "the point" if count == 1 else f"the {count} points"
    verb = "arrived" if result.arrived else "did not all arrive" if count > 1 else "did not arrive"
    return (
        f"{adjusted}{points} {verb}, at most {left:.1f} px from the target ({percent:.1f} % of the "
        f"eye distance); {sum(result.seconds.values()):.0f} s{cached}"
    )
