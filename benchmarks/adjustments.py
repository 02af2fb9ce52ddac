"""Adjust faces by name, and see what the landmarks of the results show.

    python benchmarks/adjustments.py PHOTO... [--ask NAME=NUMBER]... [--sheets FOLDER] [--json FILE]

Each adjustment is tried alone on each photo's largest face. `direction` counts the photos on which
the landmarks went the right way, `reached` is the part of what was asked (turns: by the head fitted
to the landmarks), both measured on the finished photo. `identity` is dlib's distance between photo
and result; below 0.6 its authors call two photos one person. Medians over the photos.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch

from measuring import environment
from photodrag.alignment import Photo, align, identity_distance, open_photo
from photodrag.checkpoints import Generator, load_generator
from photodrag.errors import PhotodragError
from photodrag.pipeline import (
    ADJUSTMENTS,
    EditResult,
    EditRun,
    InversionCache,
    parse_adjustment,
    reached_adjustments,
)
from photodrag.pipeline.continuing import shown_face
from photodrag.pipeline.inversion_cache import users_cache
from photodrag.pipeline.memory import keep_freed_memory
from results import Column, Row, Table, json_option, make_result, make_table, seconds_text, show
from sheets import ContactSheets, Tile

_SHARE, _DEGREES = 0.6, 8.0  # what is asked of each, unless said
_TILE = 320  # px: side of a face on the sheets


def usual_asks() -> tuple[tuple[str, float], ...]:
    """Every adjustment with an ordinary value."""
    return tuple((one.name, _DEGREES if one.is_pose else _SHARE) for one in ADJUSTMENTS.values())


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--ask", "asks", multiple=True, metavar="NAME=NUMBER", help="Instead of all.")
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@json_option
def main(
    photos: tuple[Path, ...], asks: tuple[str, ...], sheets: Path | None, json_place: str | None
) -> None:
    """Print a table of how far each adjustment comes."""
    keep_freed_memory()
    about = environment(torch.device("cpu"))
    generator, cache = load_generator(), users_cache("the adjustments")
    tried = tuple(parse_adjustment(text) for text in asks) or usual_asks()
    trials: dict[tuple[str, float], list[dict[str, Any]]] = {ask: [] for ask in tried}
    titles = ("photo", *(f"{name}={value:g}" for name, value in tried))
    sheet = ContactSheets(sheets, "adjustments", titles, _TILE)
    for path in photos:
        photo = open_photo(path)
        tiles = []
        for ask in tried:
            found, result = try_one(photo, ask, generator, cache)
            trials[ask].append({"photo": path.name, **found})
            tiles.append(Tile(_face(photo if result is None else result.photo, photo, cache)))
        sheet.add([Tile(_face(photo, photo, cache)), *tiles])
    sheet.finish()
    rows = [summarize(*ask, each) for ask, each in trials.items()]
    show(make_result("adjustments", about, rows), tabulate(rows), json_place)


def try_one(
    photo: Photo, ask: tuple[str, float], generator: Generator, cache: InversionCache | None
) -> tuple[dict[str, Any], EditResult | None]:
    """What one adjustment of a photo's largest face reached; its reason where it cannot be done."""
    begin = time.perf_counter()
    try:
        run = EditRun(photo, [], generator=generator, cache=cache, adjust=[ask])
    except PhotodragError as error:
        return {"refused": str(error)}, None
    for _ in run:
        pass
    result = run.result
    (reached,) = reached_adjustments(result)
    before, after = (shown_face(one, result.start.face) for one in (photo, result.photo))
    pictures = (photo.srgb(), result.photo.srgb())
    found = {
        "reached": reached.reached / reached.asked,
        "identity": identity_distance(pictures[0], before.landmarks, pictures[1], after.landmarks),
        "seconds": time.perf_counter() - begin,
    }
    return found, result


def summarize(name: str, value: float, each: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One line of the table."""
    done = [one for one in each if "refused" not in one]
    row: dict[str, Any] = {"adjustment": f"{name}={value:g}", "photos": len(done), "each": [*each]}
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


def _face(shown: Photo, photo: Photo, cache: InversionCache) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """The largest face of `photo` as `shown` has it, (S, S, 3)."""
    return align(Photo(pixels=shown.srgb()), cache.faces(photo)[0], _TILE).pixels


if __name__ == "__main__":
    main()
