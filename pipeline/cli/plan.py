"""`--dry-run`: what a command would do, in a few lines, after all the checks before the work."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photodrag.errors import CheckpointError, PhotodragError

from ..runtime.time_left import as_text, usual_seconds
from .errors_as_lines import say
from .pipes import PIPE

if TYPE_CHECKING:
    from photodrag.alignment import Face

    from ..batch.task import BatchTask
    from ..batch.worker import BatchSettings
    from ..edit.faces_run import FacesRun

_NOTHING = "a dry run: nothing was written"


def check_checkpoint(name_or_path: str) -> None:
    """CheckpointError unless a generator is here: a dry run fetches none."""
    from photodrag.checkpoints import locate

    if locate(name_or_path) is None:
        raise CheckpointError(
            f"the generator {name_or_path} is not here yet, and a dry run fetches nothing; "
            f"`photodrag checkpoints fetch {name_or_path}` does"
        )


def tell_plan(run: FacesRun, photo: Path, outputs: Sequence[Path]) -> None:
    """Print what a run would do, and that nothing was written."""
    for name, text in _lines(run, photo, outputs):
        click.echo(f"{name:<11}{text}")
    click.echo(_NOTHING)


def tell_batch_plan(tasks: Sequence[BatchTask], folder: Path, settings: BatchSettings) -> bool:
    """Print what a batch would do, a line for a photo; whether all of them can be done."""
    from ..batch.log import BatchLog
    from ..batch.run import done_before
    from ..batch.task import check_folder
    from ..batch.worker import Worker

    check_folder(folder, tasks)
    log, worker = BatchLog(folder), Worker(settings)
    seconds, failed = 0.0, 0
    for task in tasks:
        result = folder / task.output
        if done_before(task, folder, log) is not None:
            click.echo(f"{task.photo} -> {result}: done before")
            continue
        try:
            run = worker.prepare(task, only_read=True)
        except PhotodragError as error:
            failed += 1
            say(f"{task.photo} would fail: {' '.join(str(error).split())}")
            continue
        seconds += usual_seconds(run.stages)
        faces = ", ".join(f"face {face.index}" for face in run.faces)
        width, height = run.source.size
        click.echo(f"{task.photo} -> {result}: {width}x{height}, {faces}, inversion {_known(run)}")
    click.echo(f"{len(tasks) - failed} of {len(tasks)} photos can be done; {_time(seconds)}")
    click.echo(_NOTHING)
    return failed == 0


def _known(run: FacesRun) -> str:
    return "at hand, in the cache" if run.current.invert.cached else "to be made"


def _time(seconds: float) -> str:
    return f"about {as_text(seconds)} with the default generator on 2 cores; a GPU is faster"


def _lines(run: FacesRun, photo: Path, outputs: Sequence[Path]) -> Iterator[tuple[str, str]]:
    source = run.source
    name = "standard input" if photo == PIPE else str(photo)
    yield "photo", f"{name}, {source.width}x{source.height}, {source.bit_depth} bit {source.format}"
    for face in run.faces:
        x, y = face.landmarks.mean(axis=0)
        size = f"{face.eye_distance:.0f} px from eye to eye"
        yield f"face {face.index}", f"around {x:.0f},{y:.0f}, {size}"
        yield from _points(run, face)
    for edit in run.requests:
        if edit.adjust:
            yield "adjust", ", ".join(f"{one}={number:g}" for one, number in edit.adjust)
        if isinstance(edit.mask, str | Path):
            yield "mask", str(edit.mask)
        elif edit.mask is not None:
            yield "mask", f"{100 * edit.mask.mean():.1f} % of the photo may change"
    for path in outputs:
        there = ", which is there and would be replaced" if path != PIPE and path.exists() else ""
        yield "output", "standard output" if path == PIPE else f"{path}{there}"
    first = f" (of face {run.faces[0].index})" if len(run.faces) > 1 else ""
    yield "inversion", f"{_known(run)}{first}, by {run.settings.checkpoint}"
    yield "time", _time(usual_seconds(run.stages))


def _points(run: FacesRun, face: Face) -> Iterator[tuple[str, str]]:
    """Every drag in photo pixels, those of later edits as the photo is now."""
    from ..request.drag_spec import resolve_points

    for edit in run.requests:
        for point in resolve_points(edit.points, face, run.source.size) if edit.points else ():
            (x, y), (to_x, to_y) = point.handle, point.target
            yield "drag", f"{x:.1f},{y:.1f} -> {to_x:.1f},{to_y:.1f} px"
