"""`photodrag apply`: a recipe done on a photo."""

from __future__ import annotations

from pathlib import Path

import click

from .. import shell_values as completing
from ..help_pages import TitledCommand
from ..one_photo import OnePhoto, edit_one_photo
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
from ..pipes import read_photo


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

    from ...recipe.recipe_file import read_recipe

    outputs = Outputs([photo, recipe], overwrite)
    outputs.add_picture(output, EXTENSIONS, file_format)
    extras.add_to(outputs)
    steps = read_recipe(recipe)
    if face is not None:
        steps = steps.for_face(parse_face(face))
    target_device = choose_device(device)
    one = OnePhoto(photo, read_photo(photo), output, file_format, outputs, extras)
    edit_one_photo(
        one,
        steps.edits,
        steps.settings,
        target_device,
        no_cache=no_cache,
        dry_run=dry_run,
        quiet=quiet,
    )
