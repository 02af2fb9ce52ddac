"""A recipe told by options, as `photodrag batch` takes one in the place of a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from photodrag.errors import BatchError

from ..option_settings import AUTO, INVERSIONS, with_inversion
from ..settings import DEFAULTS
from . import shell_values as completing
from .option_groups import ADJUST_OPTION, MASK_OPTION
from .options import CHECKPOINT_HELP, INVERSION_HELP, gathered

if TYPE_CHECKING:
    from ..recipe.recipe import Recipe
    from .set_option import SetOptions


@dataclass(frozen=True)
class RecipeOptions:
    """What is to be done on many photos."""

    adjustments: tuple[str, ...]
    drags: tuple[str, ...]
    mask: str | None
    face: str | None
    inversion: str | None
    checkpoint: str | None

    def choose(
        self, recipe: Path | None, photos: tuple[Path, ...], given: SetOptions
    ) -> tuple[Recipe | None, tuple[Path, ...]]:
        """The recipe for all photos, told by a file or by these options, and the photos.

        BatchError where both tell one, and where the options have nothing to do.
        """
        from photodrag.alignment.face_choice import parse_face
        from photodrag.alignment.photos.writing import EXTENSIONS

        from ..recipe.recipe_file import read_recipe

        if self.adjustments or self.drags or self.mask:
            if recipe is not None and recipe.suffix.lower() == ".json":
                raise BatchError(
                    f"{recipe} is a recipe, and --adjust, --drag or --mask tell another one; use "
                    "the file or the options"
                )
            return self._told(given), (photos if recipe is None else (recipe, *photos))
        if self.inversion is not None or self.checkpoint is not None or given.texts:
            raise BatchError(
                "--inversion, --checkpoint and --set go with --adjust and --drag; a recipe has its "
                "own settings"
            )
        if recipe is None:
            if self.face is not None:
                raise BatchError("--face needs a recipe for all photos, or --adjust or --drag")
            return None, photos
        if recipe.suffix.lower() in EXTENSIONS:
            raise BatchError(
                f"{recipe} is a photo; tell what to do by a recipe before it, or by --adjust or "
                "--drag"
            )
        found = read_recipe(recipe)
        return (found if self.face is None else found.for_face(parse_face(self.face))), photos

    def _told(self, given: SetOptions) -> Recipe:
        from ..edit.edit_request import EditRequest
        from ..recipe.recipe import Recipe
        from ..request.adjustments import parse_adjustment
        from ..request.face_drag import parse_face_drag

        base = replace(DEFAULTS, checkpoint=self.checkpoint or DEFAULTS.checkpoint)
        settings = with_inversion(base, self.inversion or AUTO)
        request = EditRequest(
            [parse_face_drag(text) for text in self.drags],
            [parse_adjustment(text) for text in self.adjustments],
            self.mask,
            face=self.face or "1",
        )
        return Recipe((request,), given.on(settings))


recipe_options = gathered(
    RecipeOptions,
    "told",
    ADJUST_OPTION,
    click.option(
        "--drag",
        "drags",
        multiple=True,
        metavar="HANDLE->TARGET",
        shell_complete=completing.landmark,
        help="A drag, any number of times: a landmark and its way in percent of the distance "
        "between the eyes, as 'mouth_left->-5%,-4%'.",
    ),
    MASK_OPTION,
    click.option(
        "--face",
        metavar="FACE",
        shell_complete=completing.faces,
        help="Which face, if not the recipe's: N, largest, nearest:X,Y, or all.",
    ),
    click.option(
        "--inversion",
        type=click.Choice(INVERSIONS),
        help=INVERSION_HELP,
    ),
    click.option(
        "--checkpoint",
        metavar="NAME_OR_PATH",
        shell_complete=completing.checkpoint,
        help=CHECKPOINT_HELP,
    ),
)
