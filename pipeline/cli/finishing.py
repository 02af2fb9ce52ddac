"""What every command that edits does around it: show the work, write report and comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from .interrupts import Interrupts
from .progress import ProgressBars

if TYPE_CHECKING:
    from ..editing import EditRun
    from ..faces_run import FacesRun
    from ..film import FilmRun
    from ..movie import Movie
    from ..values import EditResult
    from .groups import ResultOptions


def follow(
    run: FacesRun | EditRun, bars: ProgressBars, interrupts: Interrupts, extras: ResultOptions
) -> Movie | None:
    """Do the work, showing it; its movie, where one is wanted."""
    from ..faces_run import FacesRun
    from ..film import FILM_FRAMES, FilmRun
    from ..memory import give_back_memory

    many = isinstance(run, FacesRun) and len(run.faces) > 1
    films: list[FilmRun] = []
    filming = () if extras.movie is None else (("film", FILM_FRAMES),)
    interrupts.watch(run)
    bars.expect(lambda: (*run.stages, *filming))
    way, told = [], False
    for step in run:
        edit = run.current if isinstance(run, FacesRun) else run
        bars.show(step, f"face {edit.start.face.index}" if many else "")
        if interrupts.ending and not told:
            told = True
            bars.say("ending with the best so far; Ctrl-C again leaves nothing")
        if step.stage in ("guide", "drag") and step.index == 1:
            give_back_memory()  # what the inversion has used; a large photo needs it
        if filming and step.stage in ("guide", "drag"):
            way.append(step.latent)
        elif filming and step.stage == "composite":
            films.append(FilmRun(edit.result, way))
            way = []
    return _make_movie(films, bars) if filming else None


def _make_movie(films: Sequence[FilmRun], bars: ProgressBars) -> Movie:
    from ..movie import Movie

    movie, total = Movie(), sum(len(film) for film in films)
    for index, frame in enumerate((frame for film in films for frame in film), start=1):
        if movie.is_due() or index == total:
            movie.add(frame)
        bars.advance("film", index, total, f"{index}/{total}")
    return movie


def save_extras(
    extras: ResultOptions,
    results: Sequence[EditResult],
    frames: Movie | None,
    output: Path | None,
    place: Callable[[Path], Path],
) -> None:
    """Report, comparison and movie, each to its place for now."""
    from photodrag.alignment import Photo

    from ..compare import compare_pictures
    from ..report import make_reports, write_report

    if extras.report is not None:
        write_report(place(extras.report), make_reports(results, output))
    if extras.compare is not None:
        Photo(pixels=compare_pictures(results)).save(place(extras.compare))
    if extras.movie is not None and frames is not None:
        frames.save(place(extras.movie))


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
    early = ", stopped early" if result.stopped_early else ""
    return (
        f"{adjusted}{points} {verb}{early}, at most {left:.1f} px from the target ({percent:.1f} % "
        f"of the eye distance); {sum(result.seconds.values()):.0f} s{cached}"
    )
