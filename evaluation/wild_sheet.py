"""Try every kind of edit on other people's photos, look at all of it, and be told where to look.

    python -m evaluation.wild_sheet FOLDER WORK [--inversion quick] [--only NAME,NAME]
        [--edits NAME,NAME] [--json FILE]

FOLDER holds photos; each one's largest face is changed by every adjustment in both directions, four
fifths of the way, and by five looks (wild_edits.py), all from one inversion, which the user's cache
keeps. WORK gets each face as it is done, so that a run that was stopped goes on, and at the end
sheets of them, the photo first. The table counts alarms (wild_alarms.py); what each edit measured
is written to WORK/alarms.json and, as text, to WORK/alarms.txt, anew in each run and of its photos
and edits alone. Take a new WORK after a change of the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import click
import torch

from benchmarks.measuring import environment
from benchmarks.results import (
    Column,
    Row,
    Table,
    json_option,
    keep,
    make_result,
    make_table,
    show,
)
from photodrag.checkpoints import load_generator
from photodrag.errors import FaceError, PhotoError
from photodrag.inversion import PRESETS
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .inversion_settings import SETTINGS
from .sheets import ContactSheets, Tile
from .wild_alarms import LIMITS, judge
from .wild_edits import FaceView, Trial, WildEdit, WildFolder, every_edit, try_photo

_SUFFIXES = {".jpg", ".jpeg", ".png", ".webp", ".tif", ".tiff", ".avif", ".heic"}
_TILE, _COLUMNS, _LINES = 512, 3, 3


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("work", type=click.Path(path_type=Path, file_okay=False))
@click.option("--inversion", type=click.Choice(tuple(PRESETS)), default="quick", show_default=True)
@click.option("--only", default="", metavar="NAME,NAME", help="Only these photos.")
@click.option("--edits", default="", metavar="NAME,NAME", help="Only these edits.")
@json_option
def main(
    folder: Path, work: Path, inversion: str, only: str, edits: str, json_place: str | None
) -> None:
    """Print how often each edit of the photos of FOLDER raises an alarm."""
    keep_freed_memory()
    photos = find_photos(folder, only)
    chosen = find_edits(edits)
    about = {**environment(torch.device("cpu")), "inversion": inversion}
    generator, cache = load_generator(), users_cache("the wild")
    kept = WildFolder(work, inversion)
    rows: list[dict[str, Any]] = []
    for path in photos:
        trials = try_photo(path, chosen, SETTINGS[inversion], kept, (generator, cache))
        try:
            rows += judge_photo(path, trials, work)
        except (PhotoError, FaceError) as error:
            click.echo(f"{path.name} is left out: {error}", err=True)
            continue
        keep(str(work / "alarms.json"), make_result("wild_sheet", about, rows))
        (work / "alarms.txt").write_text(as_text(rows), "utf-8")
    if not rows:
        raise click.ClickException(f"no photo of {folder} has a face that can be edited")
    show(make_result("wild_sheet", about, rows), tabulate(rows), json_place)


def find_photos(folder: Path, only: str = "") -> list[Path]:
    """The photos of a folder, or those of them whose names, without suffix, are listed."""
    every = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    names = _listed(only)
    if missing := names - {path.stem for path in every}:
        raise click.BadParameter(f"{folder} has no photo {min(missing)}")
    if not every:
        raise click.BadParameter(f"{folder} has no photo")
    return [path for path in every if not names or path.stem in names]


def find_edits(only: str = "") -> tuple[WildEdit, ...]:
    """Every edit, or those whose names are listed."""
    every, names = every_edit(), _listed(only)
    if missing := names - {edit.name for edit in every}:
        known = ", ".join(edit.name for edit in every)
        raise click.BadParameter(f"there is no edit {min(missing)!r}; choose among {known}")
    return tuple(edit for edit in every if not names or edit.name in names)


def judge_photo(
    path: Path, trials: Iterable[tuple[FaceView, Trial]], work: Path
) -> list[dict[str, Any]]:
    """A row for each edit of a photo, and its sheets, written into a folder."""
    rows: list[dict[str, Any]] = []
    tiles: list[Tile] = []
    for before, trial in trials:
        tiles = tiles or [Tile(before.pixels, label=f"{path.stem} as it is")]
        row: dict[str, Any] = {"photo": path.stem, "edit": trial.edit.name}
        if trial.view is None:
            rows.append({**row, "refused": trial.refused})
            continue
        found = judge(before, trial)
        rows.append({**row, **found.as_row(), "seconds": trial.seconds})
        tiles.append(Tile(trial.view.pixels, label=": ".join(_label(rows[-1]))))
        click.echo(f"{path.stem} {': '.join(_label(rows[-1]))}", err=True)
    sheet = ContactSheets(work / "sheets", path.stem, (), _TILE, _LINES)
    for first in range(0, len(tiles), _COLUMNS):
        sheet.add(tiles[first : first + _COLUMNS])
    sheet.finish()
    return rows


def as_text(rows: Sequence[Row]) -> str:
    """A line for each edit that raised an alarm or was refused, those with most alarms first."""
    lines = []
    for row in sorted(rows, key=lambda row: -len(row.get("alarms", ()))):
        if "refused" in row:
            lines.append(f"{row['photo']} {row['edit']}: refused, {row['refused']}")
        elif row["alarms"]:
            numbers = ", ".join(f"{name} {row[name]:.2f}" for name in LIMITS)
            lines.append(f"{row['photo']} {': '.join(_label(row))} ({numbers})")
    return "".join(f"{line}\n" for line in lines)


def tabulate(rows: Sequence[Row]) -> Table:
    """How many photos raised which alarm, edit by edit."""
    edits = list(dict.fromkeys(str(row["edit"]) for row in rows))
    together = [{"edit": edit, **_counted(rows, edit)} for edit in edits]
    columns = (
        Column("edit", lambda row: str(row["edit"])),
        Column("photos", lambda row: str(row["photos"])),
        *(_count_column(name) for name in (*LIMITS, "asked", "refused")),
    )
    return make_table(together, columns)


def _count_column(name: str) -> Column:
    return Column(name, lambda row: str(row[name] or ""))


def _counted(rows: Sequence[Row], edit: str) -> dict[str, int]:
    mine = [row for row in rows if row["edit"] == edit]
    done = [row for row in mine if "refused" not in row]
    counts = {name: sum(name in row["alarms"] for row in done) for name in LIMITS}
    counts["asked"] = sum(any(alarm not in LIMITS for alarm in row["alarms"]) for row in done)
    return {"photos": len(done), **counts, "refused": len(mine) - len(done)}


def _label(row: Row) -> tuple[str, ...]:
    """The edit's name, and its alarms where there are some."""
    return (str(row["edit"]), ", ".join(row["alarms"])) if row["alarms"] else (str(row["edit"]),)


def _listed(names: str) -> set[str]:
    return {name.strip() for name in names.split(",") if name.strip()}


if __name__ == "__main__":
    main()
