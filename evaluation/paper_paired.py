"""DragGAN's paired reconstruction: from one image to another whose latent lies nearby.

    python -m evaluation.paper_paired [--pairs 30] [--sheets FOLDER]

A random face w1 is perturbed to w2: the rows that shape the face go a part of the way (--strength)
towards another random face's, the others stay. The motion between the two images is approximated
by dense optical flow (DIS), 32 random pixels of it are the drag, and the image dragged from w1 is
compared with that of w2 at 512 px: mean square error in -1..1 and ST-LPIPS (--lpips takes another
network). The paper does not say how it perturbs, in which range its MSE is, or at which size, and
its images are no faces, so its rows give the order of size and no more.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.measuring import environment, prepare, seconds_of
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
from photodrag.checkpoints import DEFAULT_CHECKPOINT, Generator, Latent, load_generator
from photodrag.drag import DragPoint
from photodrag.inversion import PerceptualDistance, load_perceptual
from photodrag.inversion.perceptual import PERCEPTUAL_NETWORKS
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics, find_statistics

from .drag_choice import DragVariant, drag_options, variants
from .driven import Driven, drive
from .faces import PAPER_SIZE, TRUNCATION, paint_face, rescaled
from .images import compare_images
from .published import PAIRED
from .sheets import ContactSheets, Tile

POINTS = 32
STRENGTH = 0.3
NO_EDIT = "no edit"
_SEEDS_APART = 1_000_000


@dataclass(frozen=True, eq=False)
class Pair:
    """Two latents, their images (R, R, 3) uint8, and the drag from the first to the second."""

    start: Latent
    before: NDArray[np.uint8]
    wanted: NDArray[np.uint8]
    points: tuple[DragPoint, ...]


@click.command()
@click.option("--pairs", type=click.IntRange(1), default=30, show_default=True)
@click.option("--points", default=POINTS, show_default=True, help="Random pixels of the flow.")
@click.option("--strength", default=STRENGTH, show_default=True, help="Part of the way, 0 to 1.")
@drag_options
@click.option("--checkpoint", default=DEFAULT_CHECKPOINT, show_default=True)
@click.option("--truncation", default=TRUNCATION, show_default=True, help="Of the random faces.")
@click.option("--lpips", type=click.Choice(PERCEPTUAL_NETWORKS), default="st-alex")
@click.option("--seed", default=1, show_default=True)
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--threads", type=int, help="Of PyTorch.  [default: its own choice]")
@json_option
def main(
    pairs: int,
    points: int,
    strength: float,
    presets: tuple[str, ...],
    changes: tuple[str, ...],
    checkpoint: str,
    truncation: float,
    lpips: str,
    seed: int,
    sheets: Path | None,
    device: str,
    threads: int | None,
    json_place: str | None,
) -> None:
    """Drag random faces to perturbed ones."""
    tried = variants(presets, changes)
    place = prepare(device, threads)
    where = {
        **environment(place),
        "truncation": truncation,
        "seed": seed,
        "strength": strength,
        "points": points,
        "lpips": lpips,
    }
    generator = load_generator(checkpoint).to(place)
    distance = load_perceptual(lpips, place)
    statistics = find_statistics(generator)
    book = ContactSheets(sheets, "paired", ["first", "second", *(v.name for v in tried)])
    done: dict[str, list[dict[str, float]]] = {NO_EDIT: [], **{v.name: [] for v in tried}}
    for number in range(pairs):
        pair = make_pair(generator, seed * _SEEDS_APART + number, truncation, strength, points)
        done[NO_EDIT].append(compare_images(pair.before, pair.wanted, distance))
        tiles = [Tile(pair.before), Tile(pair.wanted)]
        for variant in tried:
            pixels, measured = reconstruct(generator, pair, variant, distance, statistics)
            done[variant.name].append(measured)
            tiles.append(Tile(pixels))
        book.add(tiles)
        said = ", ".join(f"{name} {found[-1]['mse']:.4f}" for name, found in done.items())
        click.echo(f"pair {number + 1}: {said}", err=True)
    book.finish()
    images = f"{generator.name}, {pairs} pairs"
    rows = [_row(name, images, lpips, found) for name, found in done.items()]
    show(make_result("paper_paired", where, rows), tabulate(rows), json_place)


def make_pair(
    generator: Generator, seed: int, truncation: float, strength: float, count: int
) -> Pair:
    """Two images and `count` pixels of the flow between them, all decided by the seed."""
    start = generator.sample(2 * seed, truncation)
    other = generator.sample(2 * seed + 1, truncation)
    rows = generator.geometry_rows
    w = torch.cat([start.w[:rows].lerp(other.w[:rows], strength), start.w[rows:]])
    before, wanted = (
        paint_face(generator, latent) for latent in (start, Latent(w, generator.name))
    )
    flow = _flow(before, wanted)
    positions = np.random.default_rng(seed).integers(0, PAPER_SIZE, (count, 2))
    points = []
    for x, y in positions:
        handle = np.array([x, y], np.float64)
        target = np.clip(handle + flow[y, x], 0, PAPER_SIZE - 1)
        if not np.array_equal(handle, target):  # a pixel that does not move drags nothing
            ends = rescaled(np.stack([handle, target]), PAPER_SIZE, generator.resolution)
            (a, b), (c, d) = ends.tolist()
            points.append(DragPoint((a, b), (c, d)))
    return Pair(start, before, wanted, tuple(points))


def reconstruct(
    generator: Generator,
    pair: Pair,
    variant: DragVariant,
    distance: PerceptualDistance,
    statistics: LandmarkStatistics | None = None,
) -> tuple[NDArray[np.uint8], dict[str, float]]:
    """Drag from the first image; the result beside the second."""
    done: list[Driven] = []
    seconds = seconds_of(
        lambda: done.append(drive(generator, pair.start, pair.points, variant, statistics)),
        generator.device,
    )
    (end,) = done
    pixels = paint_face(generator, end.latent)
    scale = PAPER_SIZE / generator.resolution
    measured = {
        **compare_images(pixels, pair.wanted, distance),
        "seconds": seconds,
        "tracked": end.mean_distance * scale,
    }
    return pixels, measured


def tabulate(rows: Sequence[Row]) -> Table:
    """The published rows, then ours, in the paper's units."""
    columns = (
        Column("method", lambda row: str(row["method"])),
        Column("images", lambda row: str(row["images"])),
        Column("MSE x 100", lambda row: _text(row, "mse")),
        Column("LPIPS x 10", lambda row: _text(row, "lpips")),
        Column("LPIPS of", lambda row: str(row.get("network", "not said"))),
        Column("seconds", lambda row: seconds_text(row["seconds"]) if "seconds" in row else ""),
    )
    return make_table([*PAIRED, *rows], columns)


def _flow(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(512, 512, 2): where each pixel of the first image, at 512 px, goes in the second."""
    size = (PAPER_SIZE, PAPER_SIZE)
    first, last = (
        cv2.cvtColor(cv2.resize(image, size, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
        for image in (before, after)
    )
    method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = np.zeros((*size, 2), np.float32)
    return np.asarray(method.calc(first, last, flow), np.float32)


def _row(name: str, images: str, network: str, found: Sequence[dict[str, float]]) -> dict[str, Any]:
    method = name if name == NO_EDIT else f"photodrag, {name}"
    row: dict[str, Any] = {"method": method, "images": images, "network": network}
    for measure, factor in (("mse", 100), ("lpips", 10)):
        values = [factor * one[measure] for one in found]
        row[measure] = statistics.fmean(values)
        row[f"{measure}_error"] = (
            statistics.stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
        )
    for measure in ("seconds", "tracked"):
        if measure in found[0]:
            row[measure] = statistics.median(one[measure] for one in found)
    return row


def _text(row: Row, name: str) -> str:
    error = row.get(f"{name}_error")
    return f"{row[name]:.2f}" + ("" if error is None else f" ± {error:.2f}")


if __name__ == "__main__":
    main()
