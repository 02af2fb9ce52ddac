"""`photodrag session edit`: the next edit of a session."""

from __future__ import annotations

from pathlib import Path

import click

from .failing import say
from .finishing import follow, save_extras, summary
from .options import (
    adjust_option,
    change_options,
    change_settings,
    device_option,
    output_option,
    point_options,
    quiet_option,
    result_options,
    session_argument,
)
from .outputs import Outputs
from .progress import ProgressBars, fetch_checkpoint


@click.command("edit")
@session_argument
@output_option("FILE", "The photo as it looks now; it can be had later, too.", required=False)
@adjust_option
@point_options
@change_options
@device_option
@result_options
@quiet_option
def edit_session(
    *,
    session: Path,
    output: Path | None,
    drags: tuple[str, ...],
    points_file: Path | None,
    adjustments: tuple[str, ...],
    mask: str | None,
    preset: str,
    method: str | None,
    tracking: str | None,
    drag_steps: int | None,
    no_guide: bool,
    composite: str,
    movie: Path | None,
    device: str,
    report: Path | None,
    compare: Path | None,
    quiet: bool,
) -> None:
    """Drag points in the photo as the session has it now, or adjust its face by name.

    Places and landmarks are those of the photo as it looks after the edits so far. What was undone
    before is given up. Interrupted, the session stays as it was.

    \b
    Examples:
      photodrag session edit me.session --adjust smile=0.6 --mask mouth+eyes
      photodrag session edit me.session --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'
      photodrag session edit me.session --drag '310,420->+0,-9' --mask brows.png -o now.jpg
    """
    from photodrag.alignment.writing import EXTENSIONS

    from ..adjustments import check_adjustments, parse_adjustment
    from ..device import choose_device
    from ..masks import choose_mask, mask_file
    from ..memory import keep_freed_memory
    from ..movie import MOVIE_EXTENSIONS, Movie
    from ..points import parse_drag, read_points
    from ..session_folder import SessionFolder
    from ..session_work import SessionWork

    folder = SessionFolder(session)
    outputs = Outputs([folder.photo_path, mask_file(mask), points_file])
    outputs.add(output, EXTENSIONS)
    outputs.add(report, [".json"])
    outputs.add(compare, EXTENSIONS)
    outputs.add(movie, MOVIE_EXTENSIONS)
    for path in (output, report, compare, movie):
        folder.check_outside(path)
    points = [parse_drag(text) for text in drags]
    if points_file is not None:
        points += read_points(points_file)
    adjust = check_adjustments(parse_adjustment(text) for text in adjustments)
    target_device = choose_device(device)
    settings = change_settings(
        folder.session.settings,
        preset=preset,
        drag_steps=drag_steps,
        method=method,
        tracking=tracking,
        no_guide=no_guide,
        composite=composite,
    )
    fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    frames = None if movie is None else Movie()
    with folder.changing():
        with ProgressBars(quiet) as bars:
            with bars.waiting("opening the session"):
                work = SessionWork(folder, target_device)
                if output is not None:
                    work.photo.check_saves(output)
                run = work.edit(points, choose_mask(mask, work.photo.size), settings, adjust)
            follow(run, bars, frames)
        result = run.result
        with outputs.writing() as place:
            if output is not None:
                result.photo.save(place(output))
            extras = [place(path) for path in (report, compare) if path is not None]
            save_extras([result], output, extras)
            if movie is not None and frames is not None:
                frames.save(place(movie))
            work.record(result)
    if not quiet:
        (line,) = summary([result], None)
        say(f"{session}: edit {work.session.position}: {line}")
