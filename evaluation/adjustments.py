"""Adjust faces by name, and see what the landmarks of the results show.

    python -m evaluation.adjustments PHOTO... [--ask NAME=NUMBER]... [--work FOLDER] [--json FILE]

Each adjustment is tried alone on each photo's largest face. `right way` counts the photos on which
the landmarks went the right way, `reached` is the part of what was asked (turns: by the head fitted
to the landmarks), both measured on the finished photo. `identity` is dlib's distance between photo
and result; below 0.6 its authors call two photos one person. Medians over the photos.

A folder keeps each trial's numbers and face as soon as it is done, and a sheet of the faces for
each adjustment; a run that was cut off goes on from there. Empty it after a change of the code.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from PIL import Image

from benchmarks.measuring import environment
from benchmarks.results import (
    Column,
    Row,
    Table,
    json_option,
    make_result,
    make_table,
    seconds_text,
    show,
)
from photodrag.alignment import Photo, align, identity_distance, open_photo
from photodrag.alignment.landmarks_again import shown_face
from photodrag.checkpoints import Generator, load_generator
from photodrag.errors import PhotodragError
from photodrag.pipeline import (
    ADJUSTMENTS,
    EditRequest,
    EditResult,
    EditRun,
    InversionCache,
    parse_adjustment,
    reached_adjustments,
)
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .sheets import ContactSheets, Tile

_HALF, _YAW = 0.5, 8.0  # what is asked of each, unless said: half of its range; of yaw 8 degrees
_FACE, _TILE = 640, 400  # px: side of a face that is kept, and of one on a sheet
_PAIRS, _LINES = 2, 5  # photo and result side by side, so often in a line; lines of a sheet

Ask = tuple[str, float]


def usual_asks() -> tuple[Ask, ...]:
    """Every adjustment with a middling value."""
    return tuple(
        (one.name, _YAW if one.name == "yaw" else _HALF * one.most) for one in ADJUSTMENTS.values()
    )


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--ask", "asks", multiple=True, metavar="NAME=NUMBER", help="Instead of all.")
@click.option("--work", type=click.Path(path_type=Path, file_okay=False), help="Folder to keep.")
@json_option
def main(
    photos: tuple[Path, ...], asks: tuple[str, ...], work: Path | None, json_place: str | None
) -> None:
    """Print a table of how far each adjustment comes."""
    keep_freed_memory()
    about = environment(torch.device("cpu"))
    generator, cache = load_generator(), users_cache("the adjustments")
    tried = tuple(parse_adjustment(text) for text in asks) or usual_asks()
    with tempfile.TemporaryDirectory() as passing:
        folder = work or Path(passing)
        folder.mkdir(parents=True, exist_ok=True)
        for path in photos:
            try_all(path, tried, folder, generator, cache)
        rows = [
            summarize(*ask, [read_trial(folder, path, ask) for path in photos]) for ask in tried
        ]
        if work is not None:
            for ask in tried:
                make_sheets(work, photos, ask)
    show(make_result("adjustments", about, rows), tabulate(rows), json_place)


def try_all(
    path: Path,
    asks: Sequence[Ask],
    folder: Path,
    generator: Generator,
    cache: InversionCache,
) -> None:
    """Try what a folder does not yet know of a photo."""
    missing = [ask for ask in asks if not _place(folder, path, ask, "json").exists()]
    if not missing:
        return
    photo = open_photo(path)
    _save_face(photo, photo, cache, _place(folder, path, None, "png"))
    for ask in missing:
        found, result = try_one(photo, ask, generator, cache)
        if result is not None:
            _save_face(result.photo, photo, cache, _place(folder, path, ask, "png"))
        text = json.dumps({"photo": path.name, **found})
        _place(folder, path, ask, "json").write_text(text, "utf-8")
        click.echo(f"{path.stem} {_asked(ask)} {text}", err=True)


def try_one(
    photo: Photo, ask: Ask, generator: Generator, cache: InversionCache | None
) -> tuple[dict[str, Any], EditResult | None]:
    """What one adjustment of a photo's largest face reached; its reason where it cannot be done."""
    begin = time.perf_counter()
    try:
        run = EditRun(photo, EditRequest(adjust=[ask]), generator=generator, cache=cache)
    except PhotodragError as error:
        return {"refused": str(error)}, None
    for _ in run:
        pass
    result = run.result
    seconds = time.perf_counter() - begin
    (reached,) = reached_adjustments(result)
    before, after = (shown_face(one, result.start.face) for one in (photo, result.photo))
    pictures = (photo.srgb(), result.photo.srgb())
    found = {
        "reached": reached.reached / reached.asked,
        "identity": identity_distance(pictures[0], before.landmarks, pictures[1], after.landmarks),
        "seconds": seconds,
    }
    return found, result


def read_trial(folder: Path, path: Path, ask: Ask) -> dict[str, Any]:
    """What a folder keeps of one adjustment of a photo."""
    found: dict[str, Any] = json.loads(_place(folder, path, ask, "json").read_text("utf-8"))
    return found


def summarize(name: str, value: float, each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One line of the table."""
    done = [one for one in each if "refused" not in one]
    row: dict[str, Any] = {
        "adjustment": _asked((name, value)),
        "photos": len(done),
        "each": [*each],
    }
    if done:
        row["direction"] = sum(one["reached"] > 0 for one in done)
        for key in ("reached", "identity", "seconds"):
            row[key] = statistics.median(one[key] for one in done)
        row["least"], row["most"] = (pick(one["reached"] for one in done) for pick in (min, max))
        row["farthest"] = max(one["identity"] for one in done)
    return row


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    done = [row for row in rows if row["photos"]]
    columns = (
        Column("adjustment", lambda row: str(row["adjustment"])),
        Column("right way", lambda row: f"{row['direction']} of {row['photos']}"),
        Column("reached, of what was asked", lambda row: f"{100 * row['reached']:.0f} %"),
        Column("from", lambda row: f"{100 * row['least']:.0f} %"),
        Column("to", lambda row: f"{100 * row['most']:.0f} %"),
        Column("identity", lambda row: f"{row['identity']:.3f}"),
        Column("at most", lambda row: f"{row['farthest']:.3f}"),
        Column("seconds", lambda row: seconds_text(row["seconds"])),
    )
    return make_table(done, columns)


def make_sheets(folder: Path, photos: Sequence[Path], ask: Ask) -> None:
    """Every photo's face beside what an adjustment made of it, into sheets in the folder."""
    positions = [
        (_place(folder, path, None, "png"), _place(folder, path, ask, "png")) for path in photos
    ]
    tiles = [
        Tile(np.asarray(Image.open(place)))
        for before, after in positions
        if after.exists()
        for place in (before, after)
    ]
    sheet = ContactSheets(
        folder, f"sheet-{_asked(ask)}", ("photo", _asked(ask)) * _PAIRS, _TILE, _LINES
    )
    for first in range(0, len(tiles), 2 * _PAIRS):
        sheet.add(tiles[first : first + 2 * _PAIRS])
    sheet.finish()


def _asked(ask: Ask) -> str:
    return f"{ask[0]}={ask[1]:g}"


def _place(folder: Path, path: Path, ask: Ask | None, suffix: str) -> Path:
    """Where a folder keeps what was found of a photo; without an adjustment, of itself."""
    return folder / f"{path.stem}-{'photo' if ask is None else _asked(ask)}.{suffix}"


def _save_face(shown: Photo, photo: Photo, cache: InversionCache, place: Path) -> None:
    """Write the largest face of `photo` as `shown` has it."""
    face = align(Photo(pixels=shown.srgb()), cache.faces(photo)[0], _FACE).pixels
    Image.fromarray(face).save(place)


if __name__ == "__main__":
    main()
