"""A recipe made ready for a photo: the one place where its parts become points and a mask."""

from __future__ import annotations

from photodrag.alignment import Photo

from .faces_run import PlannedEdit
from .masks import read_mask
from .recipe import Recipe, RecipeEdit


def plan_recipe(recipe: Recipe, photo: Photo) -> tuple[PlannedEdit, ...]:
    """The edits of a recipe for a photo, for a `FacesRun`; MaskError where a mask does not fit."""
    return tuple(_plan(edit, photo) for edit in recipe.edits)


def _plan(edit: RecipeEdit, photo: Photo) -> PlannedEdit:
    mask = edit.mask if edit.mask_names or not edit.mask else read_mask(edit.mask, photo.size)
    return PlannedEdit(edit.drags, mask, edit.settings, edit.adjust)
