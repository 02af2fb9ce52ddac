"""Which settings of the inversion leave a face that can be dragged and is still the person.

    python -m evaluation.inversion_settings PHOTO... [--setting NAME]... [--json FILE]

Inverts every photo with every named setting and measures how near the image is to the photo, then
drags the corners of the mouth (inversion_quality.py). With --json every finished row is written at
once, and rows that the file already has for the same settings are not made again: a run that was
stopped goes on. Settings that share a projection share its result and are charged for it. With
--cached, inversions that lie in the user's cache are taken from there, without their seconds, which
are not known, and others are kept there.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.measuring import environment, load, prepare
from benchmarks.results import (
    Column,
    Row,
    Table,
    earlier_rows,
    json_option,
    keep,
    make_result,
    make_table,
    seconds_text,
    show,
)
from photodrag.alignment import Photo, align
from photodrag.checkpoints import Generator, load_generator
from photodrag.inversion import PRESETS, load_perceptual
from photodrag.pipeline import EditResult, EditSettings, InvertRun
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.guide.painting import paint
from photodrag.pipeline.option_settings import with_inversion
from photodrag.pipeline.settings import DEFAULTS

from .inversion_quality import Judge
from .inversion_stages import Inverter


def _settings(**stages: Mapping[str, Any]) -> EditSettings:
    """The defaults with some values of some stages replaced."""
    changed = {name: replace(getattr(DEFAULTS, name), **kw) for name, kw in stages.items()}
    return replace(DEFAULTS, depth="set", **changed)


SETTINGS: Mapping[str, EditSettings] = {
    "no tuning": _settings(tune={"steps": 0}),
    "20 steps of tuning": _settings(tune={"steps": 20}),
    **{name: with_inversion(DEFAULTS, name) for name in PRESETS},
    "half step size": _settings(tune={"step_size": DEFAULTS.tune.step_size / 2}),
    "more pixels": _settings(
        tune={
            **{"pixel_weight": 4.0, "sharp_weight": 1.2, "background": 1.0},
            **{"full_every": 3, "full_part": 0.1},
        }
    ),
    "W+": _settings(project={"space": "w+"}),
    "strong prior": _settings(project={"prior": 5 * DEFAULTS.project.prior}),
    "even weight": _settings(loss={"background": 1.0}),
    "full size": _settings(tune={"full_part": 1.0}),
    "locality": _settings(tune={"locality_weight": 1.0}),
}
_NUMBERS = (
    *("core_seconds", "lpips_256_face", "lpips_256", "l2_256", "l2_full", "identity", "landmarks"),
    *("sharpness", "drag_error", "drag_own_error", "drag_identity"),
    *("photo_error", "photo_identity"),
)


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--setting", "names", type=click.Choice(tuple(SETTINGS)), multiple=True)
@click.option("--percent", default=5.0, show_default=True, help="Length of each drag.")
@click.option("--checkpoint", default=DEFAULTS.checkpoint, show_default=True)
@click.option("--pivot-steps", type=int, help="Of every setting, to try the script quickly.")
@click.option("--tune-steps", type=int, help="Of every setting that tunes.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--threads", type=int, help="Of PyTorch.  [default: its own choice]")
@click.option("--cached", is_flag=True, help="Use the user's cache.")
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@json_option
def main(
    photos: tuple[Path, ...],
    names: tuple[str, ...],
    percent: float,
    checkpoint: str,
    pivot_steps: int | None,
    tune_steps: int | None,
    device: str,
    threads: int | None,
    cached: bool,
    sheets: Path | None,
    json_place: str | None,
) -> None:
    """Measure the inversions of PHOTOS."""
    place = prepare(device, threads)
    where = environment(place)
    generator = load_generator(checkpoint).to(place)
    chosen = {
        name: replace(_shortened(SETTINGS[name], pivot_steps, tune_steps), checkpoint=checkpoint)
        for name in names or SETTINGS
    }
    rows = earlier_rows(json_place)
    for photo in photos:
        missing = {
            name: settings
            for name, settings in chosen.items()
            if not _has(rows, photo, name, settings, percent)
        }
        for row, result in measure(photo, missing, generator, percent, cached):
            rows = [old for old in rows if _what(old) != _what(row)] + [row]
            keep(json_place, make_result("inversion_settings", where, rows))
            click.echo(f"{photo.stem}, {row['setting']}: done", err=True)
            if sheets is not None:
                sheets.mkdir(parents=True, exist_ok=True)
                _sheet(result).save(sheets / f"{photo.stem}-{row['setting']}.png")
    show(make_result("inversion_settings", where, rows), tabulate(rows), json_place)


def measure(
    photo: Path,
    chosen: Mapping[str, EditSettings],
    generator: Generator,
    percent: float,
    cached: bool,
) -> Iterator[tuple[dict[str, Any], EditResult]]:
    """A row and the finished edit for each of the settings."""
    if not chosen:
        return
    first = next(iter(chosen.values()))
    crop = InvertRun(photo, first, device=generator.device, generator=generator).crop
    perceptual = load_perceptual(DEFAULTS.loss.perceptual, generator.device)
    judge = Judge(photo, crop, generator, perceptual)
    inverter = Inverter(crop, generator, perceptual, users_cache() if cached else None)
    for name, settings in chosen.items():
        inversion, took = inverter.invert(settings)
        numbers, result = judge.editability(inversion, settings, percent)
        row = {
            "photo": photo.stem,
            "setting": name,
            "percent": percent,
            "settings": _inverting(settings),
            **asdict(took),
            **judge.nearness(inversion),
            **numbers,
            "load": load(),
        }
        yield row, result


def tabulate(rows: Sequence[Row]) -> Table:
    """Medians over the photos, a row for each setting."""
    columns = (
        Column("setting", lambda row: str(row["setting"])),
        Column("photos", lambda row: str(row["photos"])),
        Column("core seconds", lambda row: seconds_text(row["core_seconds"])),
        Column("LPIPS face / whole", lambda row: _pair(row, "lpips_256_face", "lpips_256", 4)),
        Column("L2 256 / full", lambda row: _pair(row, "l2_256", "l2_full", 4)),
        Column("identity", lambda row: _text(row["identity"], 3)),
        Column("landmarks %", lambda row: _text(row["landmarks"], 2)),
        Column("sharpness", lambda row: _text(row["sharpness"], 2)),
        Column("dragged: off % / own", lambda row: _pair(row, "drag_error", "drag_own_error", 2)),
        Column("dragged: identity", lambda row: _text(row["drag_identity"], 3)),
        Column("photo: off %", lambda row: _text(row["photo_error"], 2)),
        Column("photo: identity", lambda row: _text(row["photo_identity"], 3)),
    )
    return make_table([_median_row(name, rows) for name in _named(rows)], columns)


def _named(rows: Sequence[Row]) -> list[str]:
    return sorted({row["setting"] for row in rows}, key=list(SETTINGS).index)


def _median_row(setting: str, rows: Sequence[Row]) -> dict[str, Any]:
    same = [row for row in rows if row["setting"] == setting]
    medians: dict[str, Any] = {"setting": setting, "photos": len(same)}
    for name in _NUMBERS:
        values = [row[name] for row in same if row[name] is not None]
        medians[name] = statistics.median(values) if values else None
    return medians


def _shortened(settings: EditSettings, pivot: int | None, tune: int | None) -> EditSettings:
    project, tuning = settings.project, settings.tune
    if pivot is not None:
        project = replace(project, steps=pivot, plus_steps=min(pivot, project.plus_steps))
    if tune is not None:
        tuning = replace(tuning, steps=min(tune, tuning.steps))
    return replace(settings, project=project, tune=tuning)


def _inverting(settings: EditSettings) -> dict[str, Any]:
    """What decides on an inversion, as JSON gives it back."""
    values: dict[str, Any] = asdict(settings)
    return {name: values[name] for name in ("checkpoint", "loss", "project", "tune")}


def _what(row: Row) -> tuple[Any, ...]:
    return row["photo"], row["setting"]


def _has(
    rows: Sequence[Row], photo: Path, name: str, settings: EditSettings, percent: float
) -> bool:
    wanted = (photo.stem, name), _inverting(settings), percent
    return any((_what(row), row["settings"], row["percent"]) == wanted for row in rows)


def _sheet(result: EditResult) -> Photo:
    generator = result.inversion.generator
    faces = [paint(generator, latent) for latent in (result.inversion.latent, result.dragged)]
    after = align(result.photo, result.crop.face, result.crop.size)
    return Photo(pixels=np.hstack([result.crop.pixels, *faces, after.pixels]))


def _text(value: float | None, digits: int) -> str:
    return "no face" if value is None else f"{value:.{digits}f}"


def _pair(row: Row, first: str, second: str, digits: int) -> str:
    return f"{_text(row[first], digits)} / {_text(row[second], digits)}"


if __name__ == "__main__":
    main()
