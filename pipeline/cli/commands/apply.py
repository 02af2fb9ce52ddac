"""`photodrag apply`: a recipe done on a photo."""

from __future__ import annotations

from pathlib import Path

import click

from .. import shell_values as completing
from ..errors_as_lines import say
from ..following import follow, save_extras, summary
from ..help_pages import TitledCommand
from ..interrupts import Interrupts
from ..option_groups import ResultOptions, result_options
from ..options import (
    cache_option,
    device_option,
    dry_run_option,
    format_option,
    output_option,
    overwrite_option,
    photo_argument,
    quiet_option,
    recipe_argument,
)
from ..outputs import Outputs
from ..pipes import PIPE, format_of_output, photo_label, read_photo
from ..plan import check_checkpoint, tell_plan
from ..progress import ProgressBars, fetch_checkpoint


@click.command("apply", cls=TitledCommand)
@recipe_argument
@photo_argument
@output_option("FILE", "The edited photo, of the photo's size.")
@format_option
@click.option(
    "--face",
    metavar="FACE",
    shell_complete=completing.faces,
    help="Which face, if not the recipe's: N, largest, nearest:X,Y, or all.",
)
@device_option
@cache_option
@result_options
@overwrite_option
@dry_run_option
@quiet_option
def apply_recipe(
    *,
    recipe: Path,
    photo: Path,
    output: Path,
    file_format: str | None,
    face: str | None,
    device: str,
    no_cache: bool,
    extras: ResultOptions,
    overwrite: bool,
    dry_run: bool,
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
    from photodrag.alignment.face_choice import parse_face
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.device import choose_device

    from ...cache.inversion_cache import users_cache
    from ...edit.faces_run import FacesRun
    from ...recipe.recipe_file import read_recipe
    from ...runtime.memory import keep_freed_memory

    outputs = Outputs([photo, recipe], overwrite)
    outputs.add_picture(output, EXTENSIONS, file_format)
    extras.add_to(outputs)
    steps = read_recipe(recipe)
    if face is not None:
        steps = steps.for_face(parse_face(face))
    target_device = choose_device(device)
    source = read_photo(photo)
    cache = None if no_cache else users_cache(photo_label(photo), only_read=dry_run)
    file_format = format_of_output(output, file_format, source)
    source.check_saves(output, file_format)
    if dry_run:
        check_checkpoint(steps.settings.checkpoint)
    else:
        fetch_checkpoint(steps.settings.checkpoint, quiet)

    keep_freed_memory()
    with Interrupts(extras.keep_best) as interrupts:
        with ProgressBars(quiet) as bars:
            with bars.waiting("looking at the photo"):
                run = FacesRun(
                    source, steps.edits, steps.settings, device=target_device, cache=cache
                )
            if dry_run:
                tell_plan(run, photo, (output, *extras.files))
                return
            done = follow(run, bars, interrupts, extras)
        with outputs.writing() as place:
            run.photo.save(place(output), file_format, mark=not extras.no_mark)
            save_extras(extras, run.results, done.movie, output, place)
    if not quiet:
        for line in summary(done.results, None if output == PIPE else output):
            say(line)
