"""What every command that edits does around it: show the work, write report and comparison."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .interrupts import Interrupts
from .progress import ProgressBars

if TYPE_CHECKING:
    from ..edit.edit_run import EditRun
    from ..edit.faces_run import FacesRun
    from ..edit.values import EditResult
    from ..results.film import FilmRun
    from ..results.movie import Movie
    from .option_groups import ResultOptions


@dataclass(frozen=True, eq=False)
class Followed:
    """Every edit of a run that is finished, and the movie where one was wanted."""

    results: tuple[EditResult, ...]
    movie: Movie | None


def follow(
    run: FacesRun | EditRun, bars: ProgressBars, interrupts: Interrupts, extras: ResultOptions
) -> Followed:
    """Do the work, showing it."""
    from ..edit.faces_run import FacesRun
    from ..results.film import FILM_FRAMES, FilmRun
    from ..runtime.memory import give_back_memory

    faces, edits = (len(run.faces), run.edit_count) if isinstance(run, FacesRun) else (1, 1)
    results: list[EditResult] = []
    films: list[FilmRun] = []
    filming = () if extras.movie is None else (("film", FILM_FRAMES * edits),)
    interrupts.watch(run)
    bars.expect(lambda: (*run.stages, *filming))
    way, told = [], False
    for step in run:
        edit = run.current if isinstance(run, FacesRun) else run
        bars.show(step, f"face {edit.start.face.index}" if faces > 1 else "")
        if interrupts.ending and not told:
            told = True
            bars.say("ending with the best so far; Ctrl-C again leaves nothing")
        if step.stage in ("guide", "drag"):
            if step.index == 1 and not edit.invert.cached:
                give_back_memory()  # what the inversion has used; a large photo needs it
            way.append(step.latent)
        elif step.stage == "composite":
            results.append(edit.result)
            films += [FilmRun(edit.result, way)] if filming else []
            way = []
    return Followed(tuple(results), _make_movie(films, bars) if filming else None)


def _make_movie(films: Sequence[FilmRun], bars: ProgressBars) -> Movie:
    from ..results.movie import Movie

    movie, total = Movie(), sum(len(film) for film in films)
    for index, frame in enumerate((frame for film in films for frame in film), start=1):
        if movie.is_due() or index == total:
            movie.add(frame)
        bars.advance("film", index, total, f"{index}/{total}")
    return movie


def save_extras(
    extras: ResultOptions,
    results: Sequence[EditResult],
    movie: Movie | None,
    output: Path | None,
    place: Callable[[Path], Path],
) -> None:
    """Report, comparison and movie, each to its place for now."""
    from photodrag.alignment import Photo

    from ..results.compare import compare_pictures
    from ..results.report import make_reports, write_report

    if extras.report is not None:
        report = make_reports(results, output, mark=not extras.no_mark)
        write_report(place(extras.report), report)
    if extras.compare is not None:
        Photo(pixels=compare_pictures(results)).save(place(extras.compare))
    if extras.movie is not None and movie is not None:
        movie.save(place(extras.movie))


def summary(results: Sequence[EditResult], output: Path | None) -> list[str]:
    """What was reached, in one line for each edit of each face."""
    faces = [result.start.face.index for result in results]
    lines = []
    for number, (face, result) in enumerate(zip(faces, results, strict=True)):
        names = [] if output is None else [str(output)]
        names += [f"face {face}"] if len(set(faces)) > 1 else []
        own = faces[:number].count(face) + 1
        names += [f"edit {own}"] if faces.count(face) > 1 else []
        lines.append(": ".join([*names, _line(result)]))
    return lines


def _line(result: EditResult) -> str:
    from ..edit.reached import reached_adjustments

    parts = [
        f"{one.name} {one.reached:.2g} of {one.asked:g}{' ' * bool(one.unit)}{one.unit}"
        for one in reached_adjustments(result)
    ]
    count = len(result.points) - len(result.adjusted)
    if count:
        parts.append(_arrival(result, count))
    if result.stopped_early:
        parts.append("stopped early")
    known = "at hand" if result.start.inversion is not None else "in the cache"
    cached = f", the face was {known}" if result.cached else ""
    return "; ".join([*parts, f"{sum(result.seconds.values()):.0f} s{cached}"])


def _arrival(result: EditResult, count: int) -> str:
    """How near the first points came, those that are no adjustment's."""
    from photodrag.alignment.tolerances import ARRIVED

    pairs = list(zip(result.reached, result.points, strict=True))[:count]
    left = max(math.dist(reached, point.target) for reached, point in pairs)
    percent = 100 * left / result.crop.face.eye_distance
    points = "the point" if count == 1 else f"the {count} points"
    missing = "did not all arrive" if count > 1 else "did not arrive"
    verb = "arrived" if percent <= 100 * ARRIVED else missing
    return (
        f"{points} {verb}, at most {left:.1f} px from the target "
        f"({percent:.1f} % of the eye distance)"
    )
