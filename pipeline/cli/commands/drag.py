"""`photodrag drag`: points dragged in an inverted face, without the photo."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors_as_lines import say
from ..help_pages import TitledCommand
from ..option_groups import DragOptions, drag_options
from ..options import FILE, device_option, movie_option, output_option, quiet_option
from ..outputs import Outputs
from ..progress import ProgressBars
from ..set_option import OF_DRAG, SetOptions, set_option


@click.command(cls=TitledCommand, short_help="Drag points in the face that `invert` found.")
@click.argument("latent", type=FILE)
@output_option("FILE", "The dragged face: .png, .jpg, .webp or .tif.")
@drag_options
@set_option(*OF_DRAG)
@movie_option
@device_option
@quiet_option
def drag(
    *,
    latent: Path,
    output: Path,
    what: DragOptions,
    given: SetOptions,
    movie: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Drag points in the face of a latent that `photodrag invert` made.

    Points are in pixels of the generator's picture, or landmarks, found in that picture. The mask
    has the picture's size. Landmarks are dragged by what faces have in common, which moves all of
    the picture; with a mask, by features.

    \b
    Examples:
      photodrag drag me.safetensors -o face.png --drag '400,690->385,675'
      photodrag drag me.safetensors -o face.png --drag 'mouth_left->-4%,-4%' --movie steps.gif
    """
    from photodrag.alignment import Photo
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.device import choose_device
    from photodrag.inversion import read_inversion

    from ...edit.inverted_drag_run import InvertedDragRun
    from ...guide.painting import paint
    from ...request.masks import choose_mask
    from ...results.movie import MOVIE_EXTENSIONS, Movie, check_movie
    from ...runtime.memory import keep_freed_memory

    outputs = Outputs([latent, *what.files])
    outputs.add(output, EXTENSIONS)
    outputs.add(movie, MOVIE_EXTENSIONS)
    if movie is not None:
        check_movie(movie)
    settings, specs = given.on(what.settings()), what.points()
    target_device = choose_device(device)
    inversion = read_inversion(latent)
    size = (inversion.generator.resolution, inversion.generator.resolution)
    mask = choose_mask(what.mask, size)

    keep_freed_memory()
    frames = None if movie is None else Movie()
    with ProgressBars(quiet) as bars:
        run = InvertedDragRun(inversion, specs, mask, settings, target_device)
        bars.expect(lambda: run.stages)
        for step in run:
            bars.show(step)
            if frames is not None and frames.is_due():
                frames.add(paint(run.generator, step.latent))
        picture = paint(run.generator, run.latent)
        if frames is not None:
            frames.add(picture)
    with outputs.writing() as place:
        Photo(pixels=picture).save(place(output))
        if movie is not None and frames is not None:
            frames.save(place(movie))
    if not quiet:
        arrived = "arrived" if run.arrived else "did not all arrive"
        say(f"{output}: the points {arrived}, at most {run.distance:.1f} px from the target")
