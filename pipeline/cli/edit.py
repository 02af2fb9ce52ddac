"""`photodrag edit`: a photo in, the dragged photo out."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import click

from .failing import say
from .finishing import follow, save_extras, summary
from .options import (
    adjust_option,
    cache_option,
    change_options,
    change_settings,
    checkpoint_option,
    device_option,
    edit_settings,
    faces_option,
    inversion_options,
    output_option,
    overwrite_option,
    photo_argument,
    point_options,
    quiet_option,
    result_options,
    seed_option,
)
from .outputs import Outputs
from .progress import ProgressBars, fetch_checkpoint


@click.command()
@photo_argument
@output_option("FILE", "The edited photo, of its size: .jpg, .png, .tif, .webp, .avif or .heic.")
@adjust_option
@point_options
@change_options
@faces_option
@checkpoint_option
@inversion_options
@device_option
@seed_option
@cache_option
@result_options
@overwrite_option
@quiet_option
def edit(
    *,
    photo: Path,
    output: Path,
    drags: tuple[str, ...],
    points_file: Path | None,
    adjustments: tuple[str, ...],
    mask: str | None,
    preset: str,
    method: str | None,
    tracking: str | None,
    drag_steps: int | None,
    no_guide: bool,
    composite: str,
    movie: Path | None,
    face: str,
    checkpoint: str,
    inversion: str,
    space: str | None,
    pivot_steps: int | None,
    tune_steps: int | None,
    device: str,
    seed: int,
    no_cache: bool,
    report: Path | None,
    compare: Path | None,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Drag points in a photo, or adjust its face by name, and save the result.

    A drag is HANDLE->TARGET, in quotes. The handle is X,Y in photo pixels, or the name or number
    of a landmark, as `photodrag landmarks` shows them. The target is X,Y in photo pixels, or with
    signs the way from the handle: +10,-4 in pixels, +5%,-4% of the distance between the eyes.
    x goes right, y goes down.

    \b
    Examples:
      photodrag edit me.jpg -o out.jpg --adjust smile=0.6 --adjust yaw=8
      photodrag edit me.jpg -o out.jpg --drag '310,420->325,412'
      photodrag edit me.jpg -o smile.jpg --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'
      photodrag edit us.jpg -o out.jpg --face 2 --points points.json --mask mask.png
      photodrag edit us.jpg -o smiles.jpg --face all --drag 'mouth_left->-4%,-4%'
      photodrag edit me.jpg -o out.jpg --drag 'chin->+0,+12' --report report.json --movie steps.gif
    """
    # Loading PyTorch takes a second, opening a large photo a quarter of one: both at once.
    loading = Thread(target=import_module, args=("torch",))
    loading.start()
    try:
        from photodrag.alignment import open_photo
        from photodrag.alignment.writing import EXTENSIONS

        from ..masks import choose_mask, mask_file

        outputs = Outputs([photo, mask_file(mask), points_file], overwrite)
        outputs.add(output, EXTENSIONS)
        outputs.add(report, [".json"])
        outputs.add(compare, EXTENSIONS)
        source = open_photo(photo)
    finally:
        loading.join()  # Python must not end while it loads

    from ..adjustments import check_adjustments, parse_adjustment
    from ..device import choose_device
    from ..face_choice import parse_face
    from ..faces_run import FacesRun, PlannedEdit
    from ..inversion_cache import users_cache
    from ..memory import keep_freed_memory
    from ..movie import MOVIE_EXTENSIONS, Movie
    from ..points import parse_drag, read_points

    outputs.add(movie, MOVIE_EXTENSIONS)
    choice = parse_face(face)
    settings = edit_settings(
        checkpoint=checkpoint,
        inversion=inversion,
        space=space,
        pivot_steps=pivot_steps,
        tune_steps=tune_steps,
        seed=seed,
    )
    settings = change_settings(
        settings,
        preset=preset,
        drag_steps=drag_steps,
        method=method,
        tracking=tracking,
        no_guide=no_guide,
        composite=composite,
    )
    points = [parse_drag(text) for text in drags]
    if points_file is not None:
        points += read_points(points_file)
    adjust = check_adjustments(parse_adjustment(text) for text in adjustments)
    cache = None if no_cache else users_cache(photo.name)
    target_device = choose_device(device)
    chosen_mask = choose_mask(mask, source.size)
    source.check_saves(output)
    fetch_checkpoint(checkpoint, quiet)

    keep_freed_memory()
    frames = None if movie is None else Movie()
    with ProgressBars(quiet) as bars:
        with bars.waiting("looking at the photo"):
            edits = [PlannedEdit(tuple(points), chosen_mask, adjust=adjust)]
            run = FacesRun(source, edits, choice, settings, target_device, cache=cache)
        follow(run, bars, frames)
    with outputs.writing() as place:
        run.photo.save(place(output))
        save_extras(run.results, output, [place(p) for p in (report, compare) if p is not None])
        if movie is not None and frames is not None:
            frames.save(place(movie))
    if not quiet:
        for line in summary(run.results, output):
            say(line)
