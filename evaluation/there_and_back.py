"""There and back, FreeDrag's test: drag, then drag the points back to where they began.

    python -m evaluation.there_and_back [PHOTO...] [--faces 20] [--sheets FOLDER]

How far the image is from the first one afterwards, by ST-LPIPS at 512 px (--lpips takes another
network), on random faces of the generator and on photos, these through their inversion and in the
generator's space: the composite has no part in it. Three edits: `smile` takes the corners of the
mouth out and up by 5 % of the distance between the eyes, `turn` the tip of the nose sideways by
20 %, and `face`, for random faces, five landmarks to those of another random face. The way back
begins where the drag's own tracking says that the points are. FreeDrag (CVPR 2024) reports LPIPS
0.083 for DragGAN and 0.035 for itself, on its own images.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
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
from photodrag.alignment.face_measures import eye_distance
from photodrag.checkpoints import DEFAULT_CHECKPOINT, Generator, Latent, load_generator
from photodrag.drag import DragPoint
from photodrag.inversion import PerceptualDistance, load_perceptual
from photodrag.inversion.perceptual import PERCEPTUAL_NETWORKS
from photodrag.pipeline import InvertRun
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics, find_statistics
from photodrag.pipeline.settings import DEFAULTS

from .drag_choice import DragVariant, drag_options, variants
from .driven import Driven, drive
from .faces import (
    LANDMARK_SETS,
    PAPER_SIZE,
    TRUNCATION,
    drag_points,
    paint_face,
    random_faces,
    rescaled,
)
from .images import compare_images
from .sheets import ContactSheets, Tile

_CORNERS, _NOSE = (48, 54), 30
_SMILE, _TURN = (0.04, -0.03), 0.2  # parts of the distance between the eyes


@dataclass(frozen=True, eq=False)
class Subject:
    """An image to drag: `image` names what it is, `edits` are drags by name."""

    image: str
    generator: Generator
    latent: Latent
    edits: Mapping[str, Sequence[DragPoint]]


@dataclass(frozen=True, eq=False)
class Journey:
    """The images at the start, at the farthest point and after the way back, and the measures."""

    start: NDArray[np.uint8]
    there: NDArray[np.uint8]
    back: NDArray[np.uint8]
    measures: Mapping[str, float]


@click.command()
@click.argument("photos", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--faces", default=20, show_default=True, help="Random faces.")
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
    photos: tuple[Path, ...],
    faces: int,
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
    """Drag random faces and PHOTOS there and back."""
    tried = variants(presets, changes)
    place = prepare(device, threads)
    where = {**environment(place), "truncation": truncation, "seed": seed, "lpips": lpips}
    generator = load_generator(checkpoint).to(place)
    distance = load_perceptual(lpips, place)
    statistics = find_statistics(generator)
    book = ContactSheets(sheets, "back", ["start", "there", "back"])
    done: dict[tuple[str, str, str], list[Journey]] = defaultdict(list)
    random = generated_subjects(generator, seed, truncation, faces)
    for subject in (*random, *(photo_subject(photo, generator) for photo in photos)):
        for edit, points in subject.edits.items():
            for variant in tried:
                journey = travel(subject, points, variant, distance, statistics)
                done[variant.name, subject.image, edit].append(journey)
                book.add([Tile(journey.start), Tile(journey.there), Tile(journey.back)])
                measures = ", ".join(f"{k} {v:.3f}" for k, v in journey.measures.items())
                click.echo(f"{subject.image}, {edit}, {variant.name}: {measures}", err=True)
    book.finish()
    rows = [_row(*key, lpips, journeys) for key, journeys in done.items()]
    show(make_result("there_and_back", where, rows), tabulate(rows), json_place)


def generated_subjects(
    generator: Generator, seed: int, truncation: float, count: int
) -> Iterator[Subject]:
    """Random faces with each edit."""
    faces = random_faces(generator, seed, truncation)
    for _ in range(count):
        face, goal = next(faces), next(faces)
        across = drag_points(face.landmarks, goal.landmarks, LANDMARK_SETS[5], generator)
        landmarks = rescaled(face.landmarks, PAPER_SIZE, generator.resolution)
        edits = {**named_edits(landmarks), "face": across}
        yield Subject(generator.name, generator, face.latent, edits)


def photo_subject(photo: Path, generator: Generator) -> Subject:
    """A photo through its inversion, with the edits that need no other face."""
    run = InvertRun(
        photo, DEFAULTS, device=generator.device, generator=generator, cache=users_cache()
    )
    for _ in run:
        pass
    assert run.inversion is not None
    crop = run.crop
    landmarks = crop.to_size(crop.to_crop(run.face.landmarks), generator.resolution)
    edits = named_edits(landmarks)
    return Subject("photos", run.inversion.generator, run.inversion.latent, edits)


def named_edits(landmarks: NDArray[np.float64]) -> dict[str, list[DragPoint]]:
    """`smile` and `turn` of landmarks (68, 2) in the generator's image."""
    unit = eye_distance(landmarks)

    def moved(number: int, right: float, down: float) -> DragPoint:
        x, y = landmarks[number].tolist()
        return DragPoint((x, y), (x + right * unit, y + down * unit))

    out, up = _SMILE
    left, right = _CORNERS
    return {
        "smile": [moved(left, -out, up), moved(right, out, up)],
        "turn": [moved(_NOSE, _TURN, 0.0)],
    }


def travel(
    subject: Subject,
    points: Sequence[DragPoint],
    variant: DragVariant,
    distance: PerceptualDistance,
    statistics: LandmarkStatistics | None = None,
) -> Journey:
    """Both drags, and the images on the way."""
    generator = subject.generator
    scale = PAPER_SIZE / generator.resolution
    out, seconds_out = _drag(generator, subject.latent, points, variant, statistics)
    back_points = [
        DragPoint(place, point.handle)
        for place, point in zip(out.positions, points, strict=True)
        if place != point.handle
    ]
    home, seconds_back = (
        _drag(generator, out.latent, back_points, variant, statistics)
        if back_points
        else (out, 0.0)
    )
    start, there, back = (
        paint_face(generator, latent) for latent in (subject.latent, out.latent, home.latent)
    )
    changed, left = (compare_images(image, start, distance)["lpips"] for image in (there, back))
    measures = {
        "lpips": left,
        "lpips_there": changed,
        "left_there": out.mean_distance * scale,
        "left_back": home.mean_distance * scale,
        "seconds": seconds_out + seconds_back,
    }
    return Journey(start, there, back, measures)


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    columns = (
        Column("drag", lambda row: str(row["variant"])),
        Column("images", lambda row: f"{row['images']} ({row['count']})"),
        Column("edit", lambda row: str(row["edit"])),
        Column("LPIPS back to the start", _lpips_text),
        Column("median", lambda row: f"{row['lpips_median']:.4f}"),
        Column("LPIPS of the edit", lambda row: f"{row['lpips_there']:.4f}"),
        Column("px left there", lambda row: f"{row['left_there']:.2f}"),
        Column("px left back", lambda row: f"{row['left_back']:.2f}"),
        Column("seconds", lambda row: seconds_text(row["seconds"])),
    )
    return make_table(rows, columns)


def _drag(
    generator: Generator,
    latent: Latent,
    points: Sequence[DragPoint],
    variant: DragVariant,
    statistics: LandmarkStatistics | None,
) -> tuple[Driven, float]:
    """The nearest step of a drag, and its seconds."""
    done: list[Driven] = []
    seconds = seconds_of(
        lambda: done.append(drive(generator, latent, points, variant, statistics)),
        generator.device,
    )
    return done[0], seconds


def _row(
    variant: str, images: str, edit: str, network: str, journeys: Sequence[Journey]
) -> dict[str, Any]:
    measured = [journey.measures for journey in journeys]
    lpips = [one["lpips"] for one in measured]
    return {
        "variant": variant,
        "images": images,
        "edit": edit,
        "network": network,
        "count": len(journeys),
        "lpips": statistics.fmean(lpips),
        "lpips_error": statistics.stdev(lpips) / len(lpips) ** 0.5 if len(lpips) > 1 else None,
        "lpips_median": statistics.median(lpips),
        "lpips_most": max(lpips),
        **{
            name: statistics.fmean(one[name] for one in measured)
            for name in ("lpips_there", "left_there", "left_back")
        },
        "seconds": statistics.median(one["seconds"] for one in measured),
    }


def _lpips_text(row: Row) -> str:
    error = row["lpips_error"]
    return f"{row['lpips']:.4f}" + ("" if error is None else f" ± {error:.4f}")


if __name__ == "__main__":
    main()
