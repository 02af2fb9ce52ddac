"""How soon the face moves on the page: from the request to the first changed frame.

    export GOMP_SPINCOUNT=10000 OPENBLAS_NUM_THREADS=1
    python -m benchmarks.studio_frames PHOTO [--repeats N] [--json FILE]

The engine behind the page, without the browser: the face is looked at (or its inversion is in the
cache), then both corners of the mouth are dragged, again and again, each time from the beginning.
`first frame` is from the request to the moment when the page is told of it, `frames` how many come
in all, `a second` how many of them while the face is dragged, `longest` the longest time without
one until the drag ends, `drag` from its first step to its last, `edit` the whole edit with the
finished photo. Medians. The variables are what `photodrag studio` sets for itself.
"""

from __future__ import annotations

import statistics
import time
from itertools import pairwise
from pathlib import Path

import click
import torch

from photodrag.errors import PhotodragError
from photodrag.pipeline import ChangeOptions
from photodrag.pipeline.runtime.memory import keep_freed_memory
from photodrag.pipeline.studio import (
    Done,
    Event,
    Frame,
    PageEdit,
    PointRequest,
    Progress,
    Studio,
    StudioSettings,
    Ticket,
    Workspace,
)

from .measuring import environment
from .results import Column, Row, json_option, make_result, make_table, seconds_text, show

_WAY = 0.12  # of the mouth's width: how far its corners are dragged
_COLUMNS = (
    Column("drag", lambda row: str(row["drag"])),
    Column("first frame", lambda row: seconds_text(row["first_frame_seconds"])),
    Column("slowest", lambda row: seconds_text(row["slowest_first_frame_seconds"])),
    Column("frames", lambda row: str(row["frames"])),
    Column("a second", lambda row: f"{row['frames_per_second']:.1f}"),
    Column("longest", lambda row: seconds_text(row["longest_gap_seconds"])),
    Column("dragged", lambda row: seconds_text(row["drag_seconds"])),
    Column("edit", lambda row: seconds_text(row["edit_seconds"])),
)


@click.command()
@click.argument("photo", type=click.Path(path_type=Path, exists=True))
@click.option("--repeats", default=5, show_default=True, type=click.IntRange(1))
@json_option
def main(photo: Path, repeats: int, json_place: str | None) -> None:
    """Print a table of the times to the first frame."""
    keep_freed_memory()
    about = environment(torch.device("cpu"))
    told: list[tuple[float, Event]] = []
    with Studio(StudioSettings(device="cpu")) as studio:
        workspace = studio.open_desk(lambda event: told.append((time.perf_counter(), event)))
        finish(workspace.open_photo(photo))
        finish(workspace.choose_face(1))
        rows = [
            measure(name, workspace, told, options, repeats)
            for name, options in (
                ("landmarks, by the guide", ChangeOptions()),
                ("by features", ChangeOptions(no_guide=True)),
            )
        ]
    rows = [{"photo": photo.name, "repeats": repeats, **row} for row in rows]
    result = make_result("studio_frames", about, rows)
    show(result, make_table(rows, _COLUMNS), json_place)


def measure(
    name: str,
    workspace: Workspace,
    told: list[tuple[float, Event]],
    options: ChangeOptions,
    repeats: int,
) -> Row:
    """Drag so often, and undo it each time."""
    firsts, counts, edits = [], [], []
    rates, gaps, drags = [], [], []
    for _ in range(repeats):
        told.clear()
        begin = time.perf_counter()
        finish(workspace.edit(smile(workspace, options)))
        edits.append(time.perf_counter() - begin)
        frames = [moment for moment, event in told if isinstance(event, Frame)]
        steps = [
            moment
            for moment, event in told
            if isinstance(event, Progress) and event.stage in ("guide", "drag")
        ]
        shown = [moment for moment in frames if moment < steps[-1]]
        if not shown:
            raise click.ClickException(f"{name}: no frame before the last step; take another photo")
        firsts.append(frames[0] - begin)
        counts.append(len(frames))
        drags.append(steps[-1] - steps[0])
        rates.append(len(shown) / (steps[-1] - frames[0]))
        gaps.append(max(after - one for one, after in pairwise([*shown, steps[-1]])))
        finish(workspace.undo())
    return {
        "drag": name,
        "first_frame_seconds": statistics.median(firsts),
        "slowest_first_frame_seconds": max(firsts),
        "frames": round(statistics.median(counts)),
        "frames_per_second": statistics.median(rates),
        "longest_gap_seconds": statistics.median(gaps),
        "drag_seconds": statistics.median(drags),
        "edit_seconds": statistics.median(edits),
    }


def smile(workspace: Workspace, options: ChangeOptions) -> PageEdit:
    """Both corners of the mouth outwards and up."""
    positions = {one.name: one.place for one in workspace.landmarks}
    left, right = positions["mouth_left"], positions["mouth_right"]
    way = _WAY * (right[0] - left[0])
    return PageEdit(
        (
            PointRequest("mouth_left", (left[0] - way, left[1] - way)),
            PointRequest("mouth_right", (right[0] + way, right[1] - way)),
        ),
        change=options,
    )


def finish(ticket: Ticket) -> None:
    """Wait for a job; an error where it fails."""
    end = ticket.wait()
    if not isinstance(end, Done):
        raise PhotodragError(f"the {ticket.job} ended with {end}")


if __name__ == "__main__":
    main()
