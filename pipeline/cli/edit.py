"""`photodrag edit`: a photo in, the dragged photo out."""

from __future__ import annotations

import math
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

import click

from .failing import say
from .options import (
    FILE,
    cache_option,
    checkpoint_option,
    device_option,
    drag_settings,
    edit_settings,
    face_option,
    inversion_options,
    output_option,
    overwrite_option,
    photo_argument,
    point_options,
    quiet_option,
    seed_option,
)
from .outputs import Outputs
from .progress import ProgressBars, fetch_checkpoint

if TYPE_CHECKING:
    from photodrag.alignment import Photo

    from ..editing import EditRun
    from ..movie import Movie
    from ..values import EditResult


@click.command()
@photo_argument
@output_option("FILE", "The edited photo: .jpg, .png, .webp or .tif, of the photo's size.")
@point_options
@face_option
@checkpoint_option
@inversion_options
@device_option
@seed_option
@cache_option
@click.option("--report", type=FILE, metavar="FILE.json", help="What was done, and how well.")
@click.option("--compare", type=FILE, metavar="FILE", help="A picture of before and after.")
@overwrite_option
@quiet_option
def edit(
    *,
    photo: Path,
    output: Path,
    drags: tuple[str, ...],
    points_file: Path | None,
    mask_file: Path | None,
    preset: str,
    drag_steps: int | None,
    movie: Path | None,
    face: int,
    checkpoint: str,
    space: str,
    pivot_steps: int,
    tune_steps: int,
    device: str,
    seed: int,
    no_cache: bool,
    report: Path | None,
    compare: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Drag points in a photo and save the result.

    A drag is HANDLE->TARGET, in quotes. The handle is X,Y in photo pixels, or the name or number
    of a landmark, as `photodrag landmarks` shows them. The target is X,Y in photo pixels, or with
    signs the way from the handle: +10,-4 in pixels, +5%,-4% of the distance between the eyes.
    x goes right, y goes down.

    \b
    Examples:
      photodrag edit me.jpg -o out.jpg --drag '310,420->325,412'
      photodrag edit me.jpg -o smile.jpg --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'
      photodrag edit us.jpg -o out.jpg --face 2 --points points.json --mask mask.png
      photodrag edit me.jpg -o out.jpg --drag 'chin->+0,+12' --report report.json --movie steps.gif
    """
    # Loading PyTorch takes a second, opening a large photo a quarter of one: both at once.
    loading = Thread(target=import_module, args=("torch",))
    loading.start()
    try:
        from photodrag.alignment import open_photo
        from photodrag.alignment.writing import EXTENSIONS

        outputs = Outputs([photo, mask_file, points_file], overwrite)
        outputs.add(output, EXTENSIONS)
        outputs.add(report, [".json"])
        outputs.add(compare, EXTENSIONS)
        source = open_photo(photo)
    finally:
        loading.join()  # Python must not end while it loads

    from ..device import choose_device
    from ..editing import EditRun
    from ..inversion_cache import users_cache
    from ..masks import read_mask
    from ..memory import keep_freed_memory
    from ..movie import MOVIE_EXTENSIONS, Movie
    from ..points import parse_drag, read_points

    outputs.add(movie, MOVIE_EXTENSIONS)
    settings = edit_settings(
        checkpoint=checkpoint,
        face=face,
        space=space,
        pivot_steps=pivot_steps,
        tune_steps=tune_steps,
        seed=seed,
    )
    settings = replace(settings, drag=drag_settings(preset, drag_steps))
    points = [parse_drag(text) for text in drags]
    if points_file is not None:
        points += read_points(points_file)
    cache = None if no_cache else users_cache(photo.name)
    target_device = choose_device(device)
    mask = None if mask_file is None else read_mask(mask_file, source.size)
    _check_holds(outputs, source, output)
    fetch_checkpoint(checkpoint, quiet)

    keep_freed_memory()
    frames = None if movie is None else Movie()
    with ProgressBars(quiet) as bars:
        with bars.waiting("looking at the photo"):
            run = EditRun(source, points, mask, settings, target_device, cache=cache)
        result = _follow(run, bars, frames)
    with outputs.writing() as place:
        result.photo.save(place(output))
        _save_extras(result, output, {place(p): p for p in (report, compare) if p is not None})
        if movie is not None and frames is not None:
            frames.save(place(movie))
    if not quiet:
        say(_summary(result, output))


def _follow(run: EditRun, bars: ProgressBars, frames: Movie | None) -> EditResult:
    """Do the work, showing it."""
    for step in run:
        bars.show(step)
        if frames is not None and step.stage == "drag" and frames.is_due():
            frames.add(run.preview())
    if frames is not None:
        frames.add(run.preview())
    return run.result


def _check_holds(outputs: Outputs, photo: Photo, path: Path) -> None:
    """Find out before the work, not after it, that a format cannot hold this photo."""
    if photo.alpha is not None or max(photo.size) > 16_000:  # WebP and JPEG end at such sizes
        with outputs.trying(path) as place:
            photo.save(place)


def _save_extras(result: EditResult, output: Path, places: dict[Path, Path]) -> None:
    """The report and the comparison, each to its place for now."""
    from photodrag.alignment import Photo

    from ..compare import compare_picture
    from ..report import make_report, write_report

    for place in places:
        if place.suffix.lower() == ".json":
            write_report(place, make_report(result, output))
        else:
            Photo(pixels=compare_picture(result)).save(place)


def _summary(result: EditResult, output: Path) -> str:
    """What was reached, in one line."""
    left = max(
        math.dist(reached, point.target)
        for reached, point in zip(result.reached, result.points, strict=True)
    )
    percent = 100 * left / result.crop.face.eye_distance
    cached = ", the face was in the cache" if result.cached else ""
    count = len(result.points)
    points = "the point" if count == 1 else f"the {count} points"
    verb = "arrived" if result.arrived else "did not all arrive" if count > 1 else "did not arrive"
    return (
        f"{output}: {points} {verb}, at most {left:.1f} px from the target ({percent:.1f} % of the "
        f"eye distance); {sum(result.seconds.values()):.0f} s{cached}"
    )
