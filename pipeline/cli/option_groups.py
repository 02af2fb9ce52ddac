"""Groups of options that several commands share; each comes to a command as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photodrag.drag.settings import METHODS, PRECISIONS, PRESETS, TRACKINGS
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS
from photodrag.inversion.settings import SPACES

from ..composite.settings import COMPOSITES
from ..option_settings import AUTO, INVERSIONS, ChangeOptions, edit_settings
from ..settings import DEFAULTS, EditSettings
from . import shell_values as completing
from .options import (
    FILE,
    INVERSION_HELP,
    Command,
    checkpoint_option,
    gathered,
    movie_option,
    no_mark_option,
)

if TYPE_CHECKING:
    from ..request.adjustments import Adjust
    from ..request.drag_spec import DragSpec
    from .outputs import Outputs


@dataclass(frozen=True)
class InversionOptions:
    """How the photo is turned into a latent, and by which generator."""

    checkpoint: str
    inversion: str
    space: str | None
    pivot_steps: int | None
    tune_steps: int | None
    seed: int

    def settings(self) -> EditSettings:
        """The settings that these options stand for."""
        return edit_settings(
            checkpoint=self.checkpoint,
            inversion=self.inversion,
            space=self.space,
            pivot_steps=self.pivot_steps,
            tune_steps=self.tune_steps,
            seed=self.seed,
        )


@dataclass(frozen=True)
class DragOptions:
    """What is dragged where, and how."""

    drags: tuple[str, ...]
    points_file: Path | None
    mask: str | None
    preset: str
    method: str | None
    tracking: str | None
    drag_steps: int | None
    no_guide: bool
    precision: str | None
    compiled: bool

    @property
    def change(self) -> ChangeOptions:
        """How the change is made."""
        return ChangeOptions(
            self.preset, self.drag_steps, self.method, self.tracking, self.no_guide
        )

    @property
    def files(self) -> tuple[Path | None, ...]:
        """The files that are read."""
        from ..request.masks import mask_file

        return mask_file(self.mask), self.points_file

    def points(self) -> list[DragSpec]:
        """The drags, those of the file last."""
        from ..request.drag_spec import parse_drag, read_points

        points = [parse_drag(text) for text in self.drags]
        return points if self.points_file is None else [*points, *read_points(self.points_file)]

    def settings(self, before: EditSettings = DEFAULTS) -> EditSettings:
        """The settings with what these options stand for."""
        settings = self.change.settings(before)
        precision = self.precision or settings.drag.precision
        drag = replace(settings.drag, precision=precision, compiled=self.compiled)
        return replace(settings, drag=drag)


@dataclass(frozen=True)
class EditOptions(DragOptions):
    """What is dragged or adjusted, and how the change comes into the photo."""

    adjustments: tuple[str, ...]
    composite: str

    def adjust(self) -> Adjust:
        """The adjustments."""
        from ..request.adjustments import check_adjustments, parse_adjustment

        return check_adjustments(parse_adjustment(text) for text in self.adjustments)

    @property
    def change(self) -> ChangeOptions:
        """How the change is made."""
        return replace(super().change, composite=self.composite)


@dataclass(frozen=True)
class ResultOptions:
    """What is told and shown of an edit, and what an interrupt means to it."""

    report: Path | None
    compare: Path | None
    movie: Path | None
    keep_best: bool
    no_mark: bool

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are written."""
        return tuple(path for path in (self.report, self.compare, self.movie) if path is not None)

    def add_to(self, outputs: Outputs) -> None:
        """Check the files; OutputError says what is wrong."""
        from photodrag.alignment.photos.writing import EXTENSIONS

        from ..results.movie import MOVIE_EXTENSIONS, check_movie

        outputs.add(self.report, [".json"])
        outputs.add(self.compare, EXTENSIONS)
        outputs.add(self.movie, MOVIE_EXTENSIONS)
        if self.movie is not None:
            check_movie(self.movie)


def _inversion_options(
    names: tuple[str, ...], default: str, help_text: str
) -> Callable[[Command], Command]:
    return gathered(
        InversionOptions,
        "inversion",
        checkpoint_option,
        click.option(
            "--inversion",
            type=click.Choice(names),
            default=default,
            show_default=True,
            help=help_text,
        ),
        # Of scripts written before there was --set.
        click.option(
            "--space", type=click.Choice(SPACES), hidden=True, help="--set project.space."
        ),
        click.option("--pivot-steps", type=int, hidden=True, help="--set project.steps."),
        click.option("--tune-steps", type=int, hidden=True, help="--set tune.steps."),
        click.option(
            "--seed",
            type=int,
            default=DEFAULTS.project.seed,
            hidden=True,
            help="--set seed: of the random numbers.",
        ),
    )


inversion_options = _inversion_options(INVERSIONS, AUTO, INVERSION_HELP)
invert_options = _inversion_options(
    tuple(INVERSION_PRESETS),
    "default",
    "How near the inverted face comes: thorough takes twice the time of default; quick a tenth, "
    "instant less, both for an edit of the photo and not for the latent's own picture.",
)
ADJUST_OPTION = click.option(
    "--adjust",
    "adjustments",
    multiple=True,
    metavar="NAME=NUMBER",
    shell_complete=completing.adjustment,
    help="An adjustment by name, any number of times: smile=0.6, yaw=8; `photodrag "
    "adjustments` lists them.",
)
MASK_OPTION = click.option(
    "--mask",
    metavar="FILE|NAMES",
    shell_complete=completing.mask,
    help="What may move: a picture of the same size, white may, black stays; or parts of "
    "the face, as mouth+eyes.",
)
_DRAG_OPTIONS = (
    click.option(
        "--drag",
        "drags",
        multiple=True,
        metavar="HANDLE->TARGET",
        shell_complete=completing.landmark,
        help="A drag, any number of times: 'X,Y->X,Y' in pixels, or 'mouth_left->-5%,-4%'.",
    ),
    click.option(
        "--points",
        "points_file",
        type=FILE,
        metavar="FILE.json",
        help="Drags from a file: a list of such texts.",
    ),
    MASK_OPTION,
    click.option(
        "--preset",
        type=click.Choice(tuple(PRESETS)),
        default="default",
        show_default=True,
        help="Settings of the drag; official drags by features as the published DragGAN code does.",
    ),
    # Of scripts written before there was --set.
    click.option(
        "--method", type=click.Choice(tuple(METHODS)), hidden=True, help="--set drag.method."
    ),
    click.option(
        "--tracking", type=click.Choice(TRACKINGS), hidden=True, help="--set drag.tracking."
    ),
    click.option("--drag-steps", type=int, hidden=True, help="--set drag.max_steps."),
    click.option("--no-guide", is_flag=True, hidden=True, help="--set guide.steps=0."),
    click.option(
        "--precision", type=click.Choice(PRECISIONS), hidden=True, help="--set drag.precision."
    ),
    click.option(
        "--compile", "compiled", is_flag=True, hidden=True, help="--set drag.compiled=true."
    ),
)
drag_options = gathered(DragOptions, "what", *_DRAG_OPTIONS)
edit_options = gathered(
    EditOptions,
    "what",
    ADJUST_OPTION,
    *_DRAG_OPTIONS,
    click.option(
        "--composite",
        type=click.Choice(COMPOSITES),
        default=DEFAULTS.composite.method,
        show_default=True,
        help="detail moves the photo's own pixels; paste shows the generator's, poisson fits "
        "their tone to the photo.",
    ),
)
result_options = gathered(
    ResultOptions,
    "extras",
    click.option("--report", type=FILE, metavar="FILE.json", help="What was done, and how well."),
    click.option("--compare", type=FILE, metavar="FILE", help="A picture of before and after."),
    movie_option,
    no_mark_option,
    click.option(
        "--keep-best",
        is_flag=True,
        help="A first Ctrl-C while it drags ends the drag and saves the best so far; a second "
        "one leaves nothing.",
    ),
)
