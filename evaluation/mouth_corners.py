"""Drag both corners of the mouth out and up in each photo, and measure what came of it.

    python -m evaluation.mouth_corners PHOTO... [--percent 5] [--cached] [--sheets FOLDER]

For each photo: how far the landmarks, found again in the finished photo, lie from their targets
(in percent of the distance between the eyes), dlib's identity distance between the photo and the
finished one (0.6 is where it takes two photos for two people), whether all pixels outside the
change are the same, and seconds. With --sheets, a picture of crop, inverted face, dragged face
and finished crop each. With --cached, inversions are taken from the user's cache and kept there;
the seconds are those of what was left to do.
"""

from __future__ import annotations

import statistics
from pathlib import Path

import click
import numpy as np

from photodrag.alignment import Photo, align, find_faces, identity_distance
from photodrag.checkpoints import Generator, load_generator
from photodrag.pipeline import EditRequest, EditResult, EditRun, InversionCache
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.guide.painting import paint
from photodrag.pipeline.runtime.memory import keep_freed_memory

CORNERS = [48, 54]
ROW = "{:<36} {:>7} {:>7} {:>9} {:>8} {:>7} {:>8}"


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--percent", default=5.0, show_default=True, help="Length of each drag.")
@click.option("--cached", is_flag=True, help="Use the user's cache.")
@click.option("--sheets", type=click.Path(path_type=Path, file_okay=False), help="Folder.")
def main(photos: tuple[Path, ...], percent: float, cached: bool, sheets: Path | None) -> None:
    """Print a table of how well the drags arrived."""
    keep_freed_memory()
    generator = load_generator()
    cache = users_cache("the mouth's corners") if cached else None
    errors, distances, seconds = [], [], []
    print(ROW.format("photo", "left %", "right %", "identity", "changed", "same", "seconds"))
    for path in photos:
        result = _edit(path, percent, generator, cache)
        error, distance = _measure(result)
        errors += error
        distances.append(distance)
        seconds.append(sum(result.seconds.values()))
        outside = ~result.changed
        same = np.array_equal(result.photo.pixels[outside], result.source.pixels[outside])
        print(
            ROW.format(
                path.stem[:36],
                *(f"{value:.2f}" for value in error),
                f"{distance:.3f}",
                f"{result.changed.mean():.1%}",
                "yes" if same else "NO",
                f"{seconds[-1]:.0f}",
            ),
            flush=True,
        )
        if sheets is not None:
            sheets.mkdir(parents=True, exist_ok=True)
            _sheet(result).save(sheets / f"{path.stem}.png")
    print(
        f"median of {len(photos)}: landmarks {statistics.median(errors):.2f} %, "
        f"identity {statistics.median(distances):.3f}, {statistics.median(seconds):.0f} s; "
        f"worst: {max(errors):.2f} %, {max(distances):.3f}, {max(seconds):.0f} s"
    )


def mouth_drags(percent: float) -> list[str]:
    """Both corners out and up; each drag is so many percent of the eye distance long."""
    across, up = 0.8 * percent, 0.6 * percent
    return [f"mouth_left->-{across}%,-{up}%", f"mouth_right->+{across}%,-{up}%"]


def _edit(
    path: Path, percent: float, generator: Generator, cache: InversionCache | None
) -> EditResult:
    run = EditRun(path, EditRequest(mouth_drags(percent)), generator=generator, cache=cache)
    for _ in run:
        pass
    return run.result


def _measure(result: EditResult) -> tuple[list[float], float]:
    """Landmark errors in percent of the eye distance, and the identity distance."""
    face = result.crop.face
    again = min(
        find_faces(result.photo),
        key=lambda found: float(np.linalg.norm(found.landmarks - face.landmarks)),
    )
    targets = np.array([point.target for point in result.points])
    error = np.linalg.norm(again.landmarks[CORNERS] - targets, axis=1) / face.eye_distance
    distance = identity_distance(
        result.source.srgb(), face.landmarks, result.photo.srgb(), again.landmarks
    )
    return [100 * float(value) for value in error], distance


def _sheet(result: EditResult) -> Photo:
    generator = result.inversion.generator
    faces = [paint(generator, latent) for latent in (result.inversion.latent, result.dragged)]
    after = align(result.photo, result.crop.face, result.crop.size)
    return Photo(pixels=np.hstack([result.crop.pixels, *faces, after.pixels]))


if __name__ == "__main__":
    main()
