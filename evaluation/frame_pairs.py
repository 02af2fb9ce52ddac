"""Edit a frame of a clip into another frame of it, and compare with what was there.

    python -m evaluation.frame_pairs FOLDER [--systems NAME,NAME] [--inversion quick]
        [--per-clip 2] [--seed 0] [--sheets FOLDER] [--json FILE [--continue]]

FOLDER holds clips of people. Some frames of each are looked at, and its first one is edited towards
those that lie farthest from it and from each other, of those no farther than --farthest: the mean
way of the landmarks, in percent of the eye distance. The handles are the first frame's landmarks,
the targets where they really went (flow_targets.py), the head's own motion included. Each system's
result is compared with the other frame as in truth_pairs.py, whose columns these are. A pair that
cannot be edited is counted as refused, and its reason is in the JSON file; medians are over the
pairs that no system refused. `worst` is the least gain in PSNR over no edit, and `nearer` counts
the pairs with a gain, both of all pairs that were edited. "inversion: NAME" is photodrag after
another inversion than that of --inversion. Commit no picture of the clips' people without their
leave.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
from photodrag.alignment import Photo, align
from photodrag.checkpoints import load_generator
from photodrag.errors import CheckpointError
from photodrag.inversion import PRESETS, load_perceptual
from photodrag.pipeline.cache.inversion_cache import InversionCache, users_cache
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .clips import Frame, farthest_frames, find_clips, landmarks_apart, some_frames
from .flow_targets import flow_targets
from .inversion_settings import SETTINGS
from .scored_pairs import REFUSED, Facts, medians, run_system
from .sheets import ContactSheets, Tile
from .truth import TruthPair
from .truth_score import FRAME
from .truth_systems import System, edited_by, landmark_warp, no_edit, variants

BASELINES: Mapping[str, System] = {"no edit": no_edit, "landmark warp": landmark_warp}
USUAL = (*BASELINES, "paste", "official preset", "photodrag")
INVERTED = {f"inversion: {name}": settings for name, settings in SETTINGS.items()}
NAMES = (*dict.fromkeys((*USUAL, *variants(), *INVERTED)),)
_LPIPS = "st-alex"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--systems", default=",".join(USUAL), show_default=True, metavar="NAME,NAME")
@click.option("--inversion", type=click.Choice(tuple(PRESETS)), default="default")
@click.option("--only", default="", metavar="NAME,NAME", help="Only these clips.")
@click.option("--per-clip", type=click.IntRange(1), default=2, show_default=True, help="Pairs.")
@click.option("--frames", type=click.IntRange(2), default=16, help="Looked at in each clip.")
@click.option("--farthest", type=float, default=60.0, show_default=True, metavar="PERCENT")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True)
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--continue", "goes_on", is_flag=True, help="Keep what the JSON file has.")
@json_option
def main(
    folder: Path,
    systems: str,
    inversion: str,
    only: str,
    per_clip: int,
    frames: int,
    farthest: float,
    seed: int,
    sheets: Path | None,
    goes_on: bool,
    json_place: str | None,
) -> None:
    """Print a table of how near each system's result is to the true frame."""
    keep_freed_memory()
    names = _listed(systems)
    if unknown := [name for name in names if name not in NAMES]:
        raise click.BadParameter(f"there is no {unknown[0]!r}; choose among {', '.join(NAMES)}")
    about = {**environment(torch.device("cpu")), "inversion": inversion, "seed": seed}
    earlier = earlier_rows(json_place) if goes_on else []
    if others := {row["inversion"] for row in earlier} - {inversion}:
        raise click.BadParameter(f"{json_place} was made with --inversion {min(others)}")
    known = {row["system"]: row["each"] for row in earlier}
    cache = users_cache("the clips")
    pairs: list[TruthPair] = []
    for path in find_clips(folder, _listed(only)):
        found = some_frames(path, frames, seed, cache.faces)
        pairs += clip_pairs(path.stem, found, per_clip, farthest / 100)
    if not pairs:
        raise click.ClickException(f"the clips of {folder} have no two frames with a face")
    show_targets(pairs, sheets)
    perceptual = load_perceptual(_LPIPS)
    # Every other system is compared with no edit.
    for name, system in _systems(dict.fromkeys(("no edit", *names)), inversion, cache).items():
        missing = [pair for pair in pairs if pair.name not in known.get(name, {})]
        try:
            measured = run_system(name, system, missing, perceptual, sheets)
        except CheckpointError as error:
            click.echo(f"{name} is left out: {error}", err=True)
            continue
        known[name] = {**known.get(name, {}), **measured}
        keep(json_place, make_result("frame_pairs", about, make_rows(known, inversion)))
    rows = make_rows(known, inversion)
    show(make_result("frame_pairs", about, rows), tabulate(rows), json_place)


def clip_pairs(clip: str, frames: Sequence[Frame], count: int, farthest: float) -> list[TruthPair]:
    """A clip's first frame, paired with those farthest from it and from each other.

    None of them is farther than `farthest`, the landmarks' mean way in eye distances.
    """
    if not frames:
        click.echo(f"{clip} is left out: no frame that was looked at has a face", err=True)
        return []
    first = frames[0]
    near = [one for one in frames if landmarks_apart(one, first, first) <= farthest]
    pairs = []
    for other in farthest_frames(near, count):
        targets = flow_targets(first.photo, first.face, other.photo, other.face)
        name = f"{clip} {first.number}-{other.number}"
        click.echo(f"{name}: {targets.by_flow.sum()} of 68 targets by flow", err=True)
        truth, landmarks = other.photo.srgb(), other.face.landmarks
        pairs.append(TruthPair(name, first.photo, first.face, truth, targets.places, landmarks))
    return pairs


def show_targets(pairs: Sequence[TruthPair], folder: Path | None) -> None:
    """A sheet of the handles on each photo and of their targets on the truth."""
    titles = ("handles", "targets (green), found (red)")
    sheet = ContactSheets(folder, "targets", titles, 768, 2)
    for pair in pairs:
        crop, other = (
            align(Photo(pixels=pixels), pair.face, FRAME)
            for pixels in (pair.photo.srgb(), pair.truth)
        )
        handles, targets, found = (
            crop.to_crop(places)
            for places in (pair.face.landmarks, pair.targets, pair.truth_landmarks)
        )
        photo = Tile(crop.pixels, dots=handles, label=pair.name)
        sheet.add([photo, Tile(other.pixels, targets, found)])
    sheet.finish()


def make_rows(known: Mapping[str, Mapping[str, Facts]], inversion: str) -> list[dict[str, Any]]:
    """A row for each system: medians, gains over no edit, and what is known of each pair."""
    refused = {pair for each in known.values() for pair, one in each.items() if REFUSED in one}
    rows = []
    for name in sorted(known, key=NAMES.index):
        each = known[name]
        done = {pair: one for pair, one in each.items() if REFUSED not in one}
        gains = [one["psnr"] - known["no edit"][pair]["psnr"] for pair, one in done.items()]
        row: dict[str, Any] = {"system": name, "inversion": inversion}
        row |= medians({pair: one for pair, one in done.items() if pair not in refused})
        row |= {"edited": len(done), "refused": len(each) - len(done)}
        row |= {"worst": min(gains, default=0.0), "nearer": sum(gain > 0 for gain in gains)}
        rows.append({**row, "each": each})
    return rows


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    columns = (
        Column("system", lambda row: str(row["system"])),
        Column("pairs", lambda row: str(row["pairs"])),
        Column("refused", lambda row: str(row["refused"])),
        Column("PSNR", lambda row: f"{row['psnr']:.2f}"),
        Column("worst", lambda row: f"{row['worst']:+.2f}"),
        Column("nearer", lambda row: f"{row['nearer']} of {row['edited']}"),
        Column("SSIM", lambda row: f"{row['ssim']:.3f}"),
        Column("LPIPS", lambda row: f"{row['lpips']:.4f}"),
        Column("landmarks %", lambda row: f"{row['landmarks']:.2f}"),
        Column("identity", lambda row: f"{row['identity']:.3f}"),
        Column("to the photo", lambda row: f"{row['identity_before']:.3f}"),
        Column("sharpness", lambda row: f"{row['sharpness']:.2f}"),
        Column("seconds", lambda row: seconds_text(row["seconds"]) if row["seconds"] else "0"),
    )
    return make_table([row for row in rows if row["pairs"]], columns)


def _systems(names: Mapping[str, None], inversion: str, cache: InversionCache) -> dict[str, System]:
    generator = load_generator()
    chosen = {**variants(SETTINGS[inversion]), **INVERTED}
    edits = {name: edited_by(settings, generator, cache) for name, settings in chosen.items()}
    every: dict[str, System] = {**BASELINES, **edits}
    return {name: every[name] for name in names}


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]


if __name__ == "__main__":
    main()
