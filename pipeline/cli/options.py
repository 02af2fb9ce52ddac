"""Options that several commands share, each with its default from the settings themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from photodrag.drag.settings import OFFICIAL, PRESETS, DragSettings
from photodrag.inversion.settings import SPACES

from ..settings import DEFAULTS, EditSettings

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)

photo_argument = click.argument("photo", type=FILE)

face_option = click.option(
    "--face",
    type=int,
    default=DEFAULTS.face,
    show_default=True,
    metavar="N",
    help="Which face, as `photodrag landmarks` numbers them: 1 is the largest.",
)
checkpoint_option = click.option(
    "--checkpoint",
    default=DEFAULTS.checkpoint,
    show_default=True,
    metavar="NAME_OR_PATH",
    help="The generator: a name of `photodrag checkpoints list`, or a .safetensors or .pkl file.",
)
device_option = click.option(
    "--device",
    default="auto",
    show_default=True,
    metavar="auto|cpu|cuda|mps",
    help="Where to compute; auto takes a GPU where there is one.",
)
seed_option = click.option(
    "--seed",
    type=int,
    default=DEFAULTS.project.seed,
    show_default=True,
    help="Of the random numbers; the same seed gives the same picture on the same machine.",
)
cache_option = click.option(
    "--no-cache",
    is_flag=True,
    help="Do not take the face's inversion from the cache, and keep none there.",
)
quiet_option = click.option("--quiet", is_flag=True, help="Show no progress, only errors.")
overwrite_option = click.option(
    "--overwrite", is_flag=True, help="Allow an output that replaces the input."
)


def output_option(metavar: str, text: str, required: bool = True) -> Callable[[Command], Command]:
    """-o, --output."""
    return click.option("-o", "--output", type=FILE, required=required, metavar=metavar, help=text)


def inversion_options(command: Command) -> Command:
    """How the photo is turned into a latent."""
    return _all(
        command,
        click.option(
            "--space",
            type=click.Choice(SPACES),
            default=DEFAULTS.project.space,
            show_default=True,
            help="w keeps the face easy to drag; w+ follows the photo more closely.",
        ),
        click.option(
            "--pivot-steps",
            type=int,
            default=DEFAULTS.project.steps,
            show_default=True,
            metavar="N",
            help="Steps of looking for the face.",
        ),
        click.option(
            "--tune-steps",
            type=int,
            default=DEFAULTS.tune.steps,
            show_default=True,
            metavar="N",
            help="Most steps of tuning the generator to the photo; 0 leaves it as it is.",
        ),
    )


def point_options(command: Command) -> Command:
    """What is dragged where."""
    return _all(
        command,
        click.option(
            "--drag",
            "drags",
            multiple=True,
            metavar="HANDLE->TARGET",
            help="A drag, any number of times: 'X,Y->X,Y' in pixels, or 'mouth_left->+5%,-4%'.",
        ),
        click.option(
            "--points",
            "points_file",
            type=FILE,
            metavar="FILE.json",
            help="Drags from a file: a list of such texts.",
        ),
        click.option(
            "--mask",
            "mask_file",
            type=FILE,
            metavar="FILE",
            help="A picture of the same size: white may move, black stays.",
        ),
        click.option(
            "--preset",
            type=click.Choice(tuple(PRESETS)),
            default="default",
            show_default=True,
            help="Settings of the drag; official does as the published DragGAN code.",
        ),
        click.option(
            "--drag-steps",
            type=int,
            metavar="N",
            show_default=f"{DEFAULTS.drag.max_steps}, official {OFFICIAL.max_steps}",
            help="Most steps of dragging.",
        ),
        click.option(
            "--movie", type=FILE, metavar="FILE.gif", help="The face on its way: .gif or .webp."
        ),
    )


def edit_settings(
    *, checkpoint: str, face: int, space: str, pivot_steps: int, tune_steps: int, seed: int
) -> EditSettings:
    """The settings that these options stand for."""
    return replace(
        DEFAULTS,
        checkpoint=checkpoint,
        face=face,
        project=replace(DEFAULTS.project, space=space, steps=pivot_steps, seed=seed),
        tune=replace(DEFAULTS.tune, steps=tune_steps, seed=seed),
    )


def drag_settings(preset: str, drag_steps: int | None) -> DragSettings:
    """The settings that these options stand for."""
    settings = DEFAULTS.drag if preset == "default" else PRESETS[preset]
    return settings if drag_steps is None else replace(settings, max_steps=drag_steps)


def _all(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
