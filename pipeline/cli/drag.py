"""`photodrag drag`: points dragged in an inverted face, without the photo."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .failing import say
from .groups import DragOptions, drag_options
from .options import FILE, device_option, movie_option, output_option, quiet_option
from .outputs import Outputs
from .progress import ProgressBars

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from photodrag.drag import DragPoint
    from photodrag.inversion import Inversion

    from ..points import DragSpec


@click.command()
@click.argument("latent", type=FILE)
@output_option("FILE", "The dragged face: .png, .jpg, .webp or .tif.")
@drag_options
@movie_option
@device_option
@quiet_option
def drag(
    *,
    latent: Path,
    output: Path,
    what: DragOptions,
    movie: Path | None,
    device: str,
    quiet: bool,
) -> None:
    """Drag points in the face of a latent that `photodrag invert` made.

    Points are in pixels of the generator's picture, or landmarks, found in that picture. The mask
    has the picture's size.

    \b
    Examples:
      photodrag drag me.safetensors -o face.png --drag '400,690->385,675'
      photodrag drag me.safetensors -o face.png --drag 'mouth_left->-4%,-4%' --movie steps.gif
    """
    from photodrag.alignment import Photo
    from photodrag.alignment.writing import EXTENSIONS
    from photodrag.drag import DragRun
    from photodrag.inversion import read_inversion

    from ..device import choose_device
    from ..masks import choose_mask
    from ..memory import keep_freed_memory
    from ..movie import MOVIE_EXTENSIONS, Movie, check_movie
    from ..picture import paint

    outputs = Outputs([latent, *what.files])
    outputs.add(output, EXTENSIONS)
    outputs.add(movie, MOVIE_EXTENSIONS)
    if movie is not None:
        check_movie(movie)
    settings, specs = what.drag_settings(), what.points()
    target_device = choose_device(device)
    inversion = read_inversion(latent)
    generator = inversion.generator.to(target_device)
    size = (generator.resolution, generator.resolution)
    chosen_mask = choose_mask(what.mask, size)

    keep_freed_memory()
    frames = None if movie is None else Movie()
    with ProgressBars(quiet) as bars:
        points, seen_mask = _place(specs, chosen_mask, inversion)
        run = DragRun(generator, inversion.latent, points, settings, seen_mask)
        bars.expect(lambda: [("drag", len(run))])
        for step in run:
            bars.show(step)
            if frames is not None and frames.is_due():
                frames.add(paint(generator, step.latent))
        best = run.best
        assert best is not None
        picture = paint(generator, best.latent)
        if frames is not None:
            frames.add(picture)
    with outputs.writing() as place:
        Photo(pixels=picture).save(place(output))
        if movie is not None and frames is not None:
            frames.save(place(movie))
    if not quiet:
        arrived = "arrived" if best.arrived else "did not all arrive"
        say(f"{output}: the points {arrived}, at most {best.distance:.1f} px from the target")


def _place(
    specs: Sequence[DragSpec], mask: NDArray[np.bool_] | str | None, inversion: Inversion
) -> tuple[tuple[DragPoint, ...], NDArray[np.bool_] | None]:
    """Drags and mask in pixels of the generator's picture; a face is looked for where needed."""
    from photodrag.alignment import Photo, find_faces, select_face

    from ..named_masks import named_mask
    from ..picture import paint
    from ..points import resolve_points

    size = (inversion.generator.resolution, inversion.generator.resolution)
    face = None
    if any(spec.needs_face for spec in specs) or isinstance(mask, str):
        picture = Photo(pixels=paint(inversion.generator, inversion.latent))
        face = select_face(find_faces(picture), 1, size)
    points = resolve_points(specs, face, size)
    if isinstance(mask, str):
        assert face is not None
        mask = named_mask(mask, face, size)
    return points, mask
