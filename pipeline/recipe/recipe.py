"""A recipe: edits told so that they can be done on any photo."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.alignment import Photo
from photodrag.alignment.face_choice import FaceChoice
from photodrag.errors import MaskError, PointError, RecipeError

from ..edit.values import PlannedEdit
from ..request.adjustments import Adjust, check_adjustments
from ..request.face_drag import FaceDrag
from ..request.mask_names import check_mask_names, is_mask_name
from ..request.masks import read_mask
from ..settings import DEFAULTS, EditSettings


@dataclass(frozen=True)
class RecipeEdit:
    """One edit: drags in the face's own frame, adjustments and a mask by name, or a mask's file.

    `adjust` holds pairs of a name and a number. `mask` is names joined by "+", or the path of a
    picture of the photo's size. Of the `settings` those of guide, drag and composite
    count; None: the recipe's.
    """

    drags: tuple[FaceDrag, ...] = ()
    adjust: Adjust = ()
    mask: str | None = None
    settings: EditSettings | None = None

    def __post_init__(self) -> None:
        if not self.drags and not self.adjust:
            raise RecipeError('an edit has nothing to do; give it a "drag" or an "adjust"')
        try:
            object.__setattr__(self, "adjust", check_adjustments(self.adjust))
        except PointError as error:
            raise RecipeError(f"adjust: {error}") from error
        try:
            if self.mask_names:
                check_mask_names("+".join(self.mask_names))
        except MaskError as error:
            raise RecipeError(f"mask: {error}; a file needs its extension") from error

    @property
    def mask_names(self) -> tuple[str, ...]:
        """The names that the mask is made of; empty where it is a file or there is none."""
        return tuple(self.mask.split("+")) if self.mask and is_mask_name(self.mask) else ()


@dataclass(frozen=True)
class Recipe:
    """Edits of one face or of several, one after the other, each going on from the last.

    `settings` are those of all of it; its `face` counts for nothing here, `choice` does.
    """

    edits: tuple[RecipeEdit, ...]
    choice: FaceChoice = field(default_factory=lambda: FaceChoice(1))
    settings: EditSettings = DEFAULTS

    def __post_init__(self) -> None:
        if not self.edits:
            raise RecipeError('a recipe has nothing to do; give it a "drag"')


def plan_recipe(recipe: Recipe, photo: Photo) -> tuple[PlannedEdit, ...]:
    """The edits of a recipe for a photo, for a `FacesRun`; MaskError where a mask does not fit."""
    return tuple(_plan(edit, photo) for edit in recipe.edits)


def _plan(edit: RecipeEdit, photo: Photo) -> PlannedEdit:
    mask = edit.mask if edit.mask_names or not edit.mask else read_mask(edit.mask, photo.size)
    return PlannedEdit(edit.drags, mask, edit.settings, edit.adjust)
