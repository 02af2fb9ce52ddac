"""Groups of options that several commands share; each comes to a command as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photodrag.drag.settings import METHODS, OFFICIAL, PRECISIONS, PRESETS, TRACKINGS
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS
from photodrag.inversion.settings import SPACES, InversionSettings

from ..composite.settings import COMPOSITES
from ..option_settings import ChangeOptions, edit_settings
from ..settings import DEFAULTS, EditSettings
from . import shell_values as completing
from .options import FILE, checkpoint_option, gathered, movie_option, seed_option

if TYPE_CHECKING:
    from ..request.adjustments import Adjust
    from ..request.drag_spec import DragSpec
    from .outputs import Outputs


def _of_each_preset(steps: Callable[[InversionSettings], int]) -> str:
    """Steps of the presets as the help shows them: "60, quick 20"."""
    usual = steps(INVERSION_PRESETS["default"])
    each = {name: steps(preset) for name, preset in INVERSION_PRESETS.items()}
    others = [f"{name} {number}" for name, number in each.items() if number != usual]
    return ", ".join([str(usual), *others])


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


inversion_options = gathered(
    InversionOptions,
    "inversion",
    checkpoint_option,
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
    seed_option,
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
    click.option(
        "--mask",
        metavar="FILE|NAMES",
        shell_complete=completing.mask,
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
        "--no-guide",
        is_flag=True,
        help="Drag landmarks by features like all other points, not by what faces have in "
        "common; so do --preset official, --method and --tracking.",
    ),
    click.option(
        "--precision",
        type=click.Choice(PRECISIONS),
        show_default=f"{DEFAULTS.drag.precision}, preset official {OFFICIAL.precision}",
        help="Of the features that drag: tf32 is faster on NVIDIA's GPUs and float32 elsewhere; "
        "bfloat16 may be faster on a GPU and is slower on most CPUs.",
    ),
    click.option(
        "--compile",
        "compiled",
        is_flag=True,
        help="Compile the steps of a drag by features, for CUDA to CUDA graphs: for many drags on "
        "such a GPU. The first step waits, for minutes perhaps; on a CPU there is no gain. Needs a "
        "C++ compiler.",
    ),
)
drag_options = gathered(DragOptions, "what", *_DRAG_OPTIONS)
edit_options = gathered(
    EditOptions,
    "what",
    click.option(
        "--adjust",
        "adjustments",
        multiple=True,
        metavar="NAME=NUMBER",
        shell_complete=completing.adjustment,
        help="An adjustment by name, any number of times: smile=0.6, yaw=8; `photodrag "
        "adjustments` lists them.",
    ),
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
    click.option(
        "--keep-best",
        is_flag=True,
        help="A first Ctrl-C while it drags ends the drag and saves the best so far; a second "
        "one leaves nothing.",
    ),
)
