"""`photodrag apply`: a recipe done on a photo."""

from __future__ import annotations

from pathlib import Path

import click

from .. import shell_values as completing
from ..errors_as_lines import say
from ..following import follow, save_extras, summary
from ..interrupts import Interrupts
from ..option_groups import ResultOptions, result_options
from ..options import (
    cache_option,
    device_option,
    output_option,
    overwrite_option,
    photo_argument,
    quiet_option,
    recipe_argument,
)
from ..outputs import Outputs
from ..progress import ProgressBars, fetch_checkpoint


@click.command("apply")
@recipe_argument
@photo_argument
@output_option("FILE", "The edited photo, of the photo's size.")
@click.option(
    "--face",
    show_default="the recipe's",
    metavar="FACE",
    shell_complete=completing.faces,
    help="Which face instead: N, largest, nearest:X,Y, or all.",
)
@device_option
@cache_option
@result_options
@overwrite_option
@quiet_option
def apply_recipe(
    *,
    recipe: Path,
    photo: Path,
    output: Path,
    face: str | None,
    device: str,
    no_cache: bool,
    extras: ResultOptions,
    overwrite: bool,
    quiet: bool,
) -> None:
    """Do what a recipe says on another photo.

    A recipe's drags follow the face: its landmarks, the distance between its eyes, and its tilt.
    `photodrag session recipe` makes one from edits that were done; docs/sessions.md tells how to
    write one.

    \b
    Examples:
      photodrag apply smile.json other.jpg -o other-smiles.jpg
      photodrag apply smile.json us.jpg -o us-smiling.jpg --face all
    """
    from photodrag.alignment import open_photo
    from photodrag.alignment.face_choice import parse_face
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.device import choose_device

    from ...cache.inversion_cache import users_cache
    from ...edit.faces_run import FacesRun
    from ...recipe.recipe_file import read_recipe
    from ...runtime.memory import keep_freed_memory

    outputs = Outputs([photo, recipe], overwrite)
    outputs.add(output, EXTENSIONS)
    extras.add_to(outputs)
    steps = read_recipe(recipe)
    if face is not None:
        steps = steps.for_face(parse_face(face))
    target_device = choose_device(device)
    source = open_photo(photo)
    cache = None if no_cache else users_cache(photo.name)
    source.check_saves(output)
    fetch_checkpoint(steps.settings.checkpoint, quiet)

    keep_freed_memory()
    with Interrupts(extras.keep_best) as interrupts:
        with ProgressBars(quiet) as bars:
            with bars.waiting("looking at the photo"):
                run = FacesRun(
                    source, steps.edits, steps.settings, device=target_device, cache=cache
                )
            done = follow(run, bars, interrupts, extras)
        with outputs.writing() as place:
            run.photo.save(place(output))
            save_extras(extras, run.results, done.movie, output, place)
    if not quiet:
        for line in summary(done.results, output):
            say(line)
