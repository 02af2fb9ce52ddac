"""Options that several commands share, each with its default from the settings themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from photodrag.drag.settings import METHODS, OFFICIAL, PRESETS, TRACKINGS, DragSettings
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS
from photodrag.inversion.settings import SPACES, InversionSettings

from ..settings import COMPOSITES, DEFAULTS, EditSettings

Command = TypeVar("Command", bound=Callable[..., Any])

FILE = click.Path(path_type=Path)

photo_argument = click.argument("photo", type=FILE)
recipe_argument = click.argument("recipe", type=FILE, metavar="RECIPE.json")
session_argument = click.argument("session", type=FILE)

_FACE_HELP = "Which face: N as `photodrag landmarks` draws it (1 is the largest), largest, "
face_option = click.option(
    "--face",
    default=str(DEFAULTS.face),
    show_default=True,
    metavar="FACE",
    help=f"{_FACE_HELP}or nearest:X,Y.",
)
faces_option = click.option(
    "--face",
    default=str(DEFAULTS.face),
    show_default=True,
    metavar="FACE",
    help=f"{_FACE_HELP}nearest:X,Y, or all.",
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


def result_options(command: Command) -> Command:
    """What is told of a finished edit."""
    return _all(
        command,
        click.option(
            "--report", type=FILE, metavar="FILE.json", help="What was done, and how well."
        ),
        click.option("--compare", type=FILE, metavar="FILE", help="A picture of before and after."),
    )


def output_option(metavar: str, text: str, required: bool = True) -> Callable[[Command], Command]:
    """-o, --output."""
    return click.option("-o", "--output", type=FILE, required=required, metavar=metavar, help=text)


def inversion_options(command: Command) -> Command:
    """How the photo is turned into a latent."""
    return _all(
        command,
        click.option(
            "--inversion",
            type=click.Choice(tuple(INVERSION_PRESETS)),
            default="default",
            show_default=True,
            help="How near the inverted face comes: quick takes half the time, thorough twice.",
        ),
        click.option(
            "--space",
            type=click.Choice(SPACES),
            show_default=DEFAULTS.project.space,
            help="w keeps the face easy to drag; w+ follows the photo more closely.",
        ),
        click.option(
            "--pivot-steps",
            type=int,
            show_default=_of_each_preset(lambda preset: preset.project.steps),
            metavar="N",
            help="Steps of looking for the face.",
        ),
        click.option(
            "--tune-steps",
            type=int,
            show_default=_of_each_preset(lambda preset: preset.tune.steps),
            metavar="N",
            help="Most steps of tuning the generator to the photo; 0 leaves it as it is.",
        ),
    )


adjust_option = click.option(
    "--adjust",
    "adjustments",
    multiple=True,
    metavar="NAME=NUMBER",
    help="An adjustment by name, any number of times: smile=0.6, yaw=8; `photodrag adjustments` "
    "lists them.",
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
            metavar="FILE|NAMES",
            help="What may move: a picture of the same size, white may, black stays; or parts of "
            "the face, as mouth+eyes.",
        ),
        click.option(
            "--preset",
            type=click.Choice(tuple(PRESETS)),
            default="default",
            show_default=True,
            help="Settings of the drag; official does as the published DragGAN code.",
        ),
        click.option(
            "--method",
            type=click.Choice(tuple(METHODS)),
            show_default=f"{DEFAULTS.drag.method}, preset official {OFFICIAL.method}",
            help="How points are drawn on: to their first patch, as in DragGAN, or by FreeDrag.",
        ),
        click.option(
            "--tracking",
            type=click.Choice(TRACKINGS),
            show_default="the method's own",
            help="How points are found again; not for the method free, which needs none.",
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


def change_options(command: Command) -> Command:
    """How the change is made and put into the photo."""
    return _all(
        command,
        click.option(
            "--no-guide",
            is_flag=True,
            help="Drag landmarks by features like all other points, not by what faces have in "
            "common; so do --preset official, --method and --tracking.",
        ),
        click.option(
            "--composite",
            type=click.Choice(COMPOSITES),
            default=DEFAULTS.composite.method,
            show_default=True,
            help="detail moves the photo's own pixels; paste shows the generator's, poisson fits "
            "their tone to the photo.",
        ),
    )


def change_settings(
    settings: EditSettings,
    *,
    preset: str,
    drag_steps: int | None,
    method: str | None,
    tracking: str | None,
    no_guide: bool,
    composite: str,
) -> EditSettings:
    """The settings with what these options and those of the points stand for."""
    by_features = no_guide or preset != "default" or method is not None or tracking is not None
    return replace(
        settings,
        guide=replace(DEFAULTS.guide, steps=0) if by_features else DEFAULTS.guide,
        drag=drag_settings(preset, drag_steps, method, tracking),
        composite=replace(DEFAULTS.composite, method=composite),
    )


def edit_settings(
    *,
    checkpoint: str,
    inversion: str,
    space: str | None,
    pivot_steps: int | None,
    tune_steps: int | None,
    seed: int,
) -> EditSettings:
    """The settings that these options stand for; None leaves what the preset has."""
    preset = INVERSION_PRESETS[inversion]
    project, tune = replace(preset.project, seed=seed), replace(preset.tune, seed=seed)
    if space is not None:
        project = replace(project, space=space)
    if pivot_steps is not None:
        project = replace(project, steps=pivot_steps)
    if tune_steps is not None:
        tune = replace(tune, steps=tune_steps)
    return replace(DEFAULTS, checkpoint=checkpoint, loss=preset.loss, project=project, tune=tune)


def drag_settings(
    preset: str, drag_steps: int | None, method: str | None, tracking: str | None
) -> DragSettings:
    """The settings that these options stand for; None leaves what the preset has."""
    settings = DEFAULTS.drag if preset == "default" else PRESETS[preset]
    return replace(
        settings,
        max_steps=settings.max_steps if drag_steps is None else drag_steps,
        method=settings.method if method is None else method,
        tracking=settings.tracking if tracking is None else tracking,
    )


def _of_each_preset(steps: Callable[[InversionSettings], int]) -> str:
    """Steps of the presets as the help shows them: "60, quick 20"."""
    usual = steps(INVERSION_PRESETS["default"])
    each = {name: steps(preset) for name, preset in INVERSION_PRESETS.items()}
    others = [f"{name} {number}" for name, number in each.items() if number != usual]
    return ", ".join([str(usual), *others])


def _all(command: Command, *options: Callable[[Command], Command]) -> Command:
    for option in reversed(options):
        command = option(command)
    return command
