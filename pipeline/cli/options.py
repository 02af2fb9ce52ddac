"""Options that several commands share, each with its default from the settings themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from ..settings import DEFAULTS
from . import shell_values as completing

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(path_type=Path)
FILE_FORMATS = ("jpeg", "png", "webp", "tiff", "avif", "heic")  # the library's, as a test checks
photo_argument = click.argument("photo", type=FILE)
recipe_argument = click.argument("recipe", type=FILE, metavar="RECIPE.json")
session_argument = click.argument("session", type=FILE, shell_complete=completing.folders)
_FACE_HELP = "Which face: N as `photodrag landmarks` draws it (1 is the largest), largest, "
face_option = click.option(
    "--face",
    default="1",
    show_default=True,
    metavar="FACE",
    shell_complete=completing.face,
    help=f"{_FACE_HELP}or nearest:X,Y.",
)
faces_option = click.option(
    "--face",
    default="1",
    show_default=True,
    metavar="FACE",
    shell_complete=completing.faces,
    help=f"{_FACE_HELP}nearest:X,Y, or all.",
)
INVERSION_HELP = (
    "How near the inverted face comes: auto, as near as the edit needs; or always the same way: "
    "default, thorough in twice its time, quick in a tenth, instant in less."
)
CHECKPOINT_HELP = (
    "The generator: a name of `photodrag checkpoints list`, or a .safetensors or .pkl file."
)
checkpoint_option = click.option(
    "--checkpoint",
    default=DEFAULTS.checkpoint,
    show_default=True,
    metavar="NAME_OR_PATH",
    shell_complete=completing.checkpoint,
    help=CHECKPOINT_HELP,
)
device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda|mps",
    shell_complete=completing.device,
    help="Where to compute; auto takes a GPU where there is one.",
)
cache_option = click.option(
    "--no-cache",
    is_flag=True,
    help="Do not take the face's inversion from the cache, and keep none there.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress, only errors.")
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
dry_run_option = click.option(
    "--dry-run",
    is_flag=True,
    help="Check everything and print the plan; change nothing, write nothing.",
)
format_option = click.option(
    "--format",
    "file_format",
    type=click.Choice(FILE_FORMATS, case_sensitive=False),
    help="Of a picture for the standard output, -o -; unless given the photo's own.",
)
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Allow an output that replaces the input."
)


def output_option(metavar: str, text: str, required: bool = True) -> Callable[[Command], Command]:
    """-o, --output."""
    return click.option("-o", "--output", type=FILE, required=required, metavar=metavar, help=text)


no_mark_option = click.option(
    "--no-mark",
    is_flag=True,
    help="Leave out what the file's XMP says of an edit: IPTC's digital source type \"composite "
    "with trained algorithmic media\", and the history's entry.",
)
movie_option = click.option(
    "--movie",
    type=FILE,
    metavar="FILE",
    help="The face on its way: .gif, .webp, or .mp4 with the extra movie.",
)


def gathered(
    kind: type[Any], name: str, *options: Callable[[Command], Command]
) -> Callable[[Command], Command]:
    """Options that come as one value: a command gets `name`, a `kind`, with a field for each."""
    own = [field.name for field in fields(kind)]

    def decorate(command: Command) -> Command:
        @wraps(command)
        def call(*args: Any, **given: Any) -> Any:
            value = kind(**{field: given.pop(field) for field in own})
            return command(*args, **{name: value}, **given)

        gathering = cast(Command, call)
        for option in reversed(options):
            gathering = option(gathering)
        return gathering

    return decorate
