"""Edit one photo of a person into another one that exists, and compare.

    python -m evaluation.truth_pairs FOLDER [--systems NAME,NAME] [--sheets FOLDER]
        [--json FILE [--continue]]

FOLDER holds pairs NAME_neutral.jpg and NAME_smiling.jpg. The landmarks of the first photo are
dragged to where the second one has them, once its head lies on the first one's (eyes and bridge of
the nose). Each system's result is compared with the second photo: landmarks in percent of the
distance between the eyes, PSNR, SSIM and LPIPS over the face, dlib's identity distance, sharpness
over the first photo's, pixels that changed where none may. Medians over the pairs. A system whose
weights are missing is left out with the reason. "inversion: NAME" is photodrag after another
inversion, one of inversion_settings.py; these are not among the usual systems. With --continue,
pairs that FILE already has of a system are not tried again, and what else it has is kept.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
import torch

from benchmarks.measuring import environment
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
from photodrag.checkpoints import load_generator
from photodrag.errors import CheckpointError
from photodrag.inversion import load_perceptual
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .inversion_settings import SETTINGS
from .scored_pairs import Facts, medians, run_system
from .truth import read_pairs
from .truth_oracles import true_light, true_motion
from .truth_systems import System, edited_by, landmark_warp, no_edit, variants

BASELINES: Mapping[str, System] = {
    "no edit": no_edit,
    "landmark warp": landmark_warp,
    "true motion": true_motion,
}
LIT = "photodrag + true light"
USUAL = (*BASELINES, LIT, *variants())
INVERTED = {f"inversion: {name}": settings for name, settings in SETTINGS.items()}
NAMES = (*USUAL, *INVERTED)
_LPIPS = "st-alex"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--systems", default=",".join(USUAL), show_default=True, metavar="NAME,NAME")
@click.option("--only", default="", metavar="NAME,NAME", help="Only these pairs.")
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--continue", "goes_on", is_flag=True, help="Keep what the JSON file has.")
@json_option
def main(
    folder: Path,
    systems: str,
    only: str,
    sheets: Path | None,
    goes_on: bool,
    json_place: str | None,
) -> None:
    """Print a table of how near each system's result is to the truth."""
    keep_freed_memory()
    names = [name.strip() for name in systems.split(",")]
    if unknown := [name for name in names if name not in NAMES]:
        raise click.BadParameter(f"there is no {unknown[0]!r}; choose among {', '.join(NAMES)}")
    about = environment(torch.device("cpu"))
    pairs = [pair for pair in read_pairs(folder) if not only or pair.name in only.split(",")]
    if not pairs:
        raise click.BadParameter(f"{folder} has no pair of {only}")
    perceptual = load_perceptual(_LPIPS)
    known = {row["system"]: row["each"] for row in earlier_rows(json_place)} if goes_on else {}
    for name, system in _systems(names).items():
        missing = [pair for pair in pairs if pair.name not in known.get(name, {})]
        try:
            measured = run_system(name, system, missing, perceptual, sheets)
        except CheckpointError as error:
            click.echo(f"{name} is left out: {error}", err=True)
            continue
        known[name] = {**known.get(name, {}), **measured}
        keep(json_place, make_result("truth_pairs", about, _rows(known)))
    if known:
        rows = _rows(known)
        show(make_result("truth_pairs", about, rows), tabulate(rows), json_place)


def _systems(names: Sequence[str]) -> dict[str, System]:
    generator, cache = load_generator(), users_cache("the pairs")
    edits = {
        name: edited_by(settings, generator, cache)
        for name, settings in (*variants().items(), *INVERTED.items())
    }
    lit = partial(true_light, edit=edits["photodrag"])
    every: dict[str, System] = {**BASELINES, LIT: lit, **edits}
    return {name: every[name] for name in names}


def _rows(known: Mapping[str, Mapping[str, Facts]]) -> list[dict[str, Any]]:
    """A row for each system: medians over its pairs, and what is known of each."""
    rows = []
    for name in sorted(known, key=NAMES.index):
        each = known[name]
        rows.append({"system": name, **medians(each), "each": each})
    return rows


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    columns = (
        Column("system", lambda row: str(row["system"])),
        Column("pairs", lambda row: str(row["pairs"])),
        Column("landmarks %", lambda row: f"{row['landmarks']:.2f}"),
        Column("mouth %", lambda row: f"{row['mouth']:.2f}"),
        Column("PSNR", lambda row: f"{row['psnr']:.2f}"),
        Column("SSIM", lambda row: f"{row['ssim']:.3f}"),
        Column("LPIPS", lambda row: f"{row['lpips']:.4f}"),
        Column("identity", lambda row: f"{row['identity']:.3f}"),
        Column("to the photo", lambda row: f"{row['identity_before']:.3f}"),
        Column("sharpness", lambda row: f"{row['sharpness']:.2f}"),
        Column("changed outside", lambda row: f"{row['outside']} px"),
        Column("seconds", lambda row: seconds_text(row["seconds"]) if row["seconds"] else "0"),
    )
    return make_table(rows, columns)


if __name__ == "__main__":
    main()
