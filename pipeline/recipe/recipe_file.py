"""A recipe as a JSON file: what it must look like, and what is said where it does not."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from photodrag.alignment.face_choice import LARGEST, FaceChoice, parse_face
from photodrag.errors import ContentError, MaskError, PhotodragError, PointError, RecipeError
from photodrag.files import write_whole
from photodrag.json_values import JsonValue, read_json

from ..edit.edit_request import EditRequest
from ..request.adjustments import Adjust, check_adjustments
from ..request.face_drag import parse_face_drag
from ..request.mask_names import check_mask_names, is_mask_name
from ..settings import DEFAULTS, EditSettings
from ..settings_json import EDIT_STAGES, settings_from_values, settings_to_values
from .recipe import Recipe

RECIPE_VERSION = 1
_MARK = "photodrag_recipe"
_EDIT_KEYS = ("drag", "adjust", "mask")
_A_DRAG = "a drag as 'mouth_left->-4%,-4%'"
_DRAGS = 'a list as ["mouth_left->-4%,-4%"]'
_KEYS = (_MARK, "face", "settings", "edits", *_EDIT_KEYS)


def read_recipe(path: str | Path) -> Recipe:
    """Read a recipe; RecipeError with the file's name for anything that is none.

    The path of a mask counts from the recipe's folder.
    """
    path = Path(path)
    try:
        recipe = recipe_from_values(read_json(path, f"a recipe as {_begin()}"))
    except (ContentError, RecipeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    edits = tuple(
        replace(edit, mask=path.parent / edit.mask) if isinstance(edit.mask, Path) else edit
        for edit in recipe.edits
    )
    return replace(recipe, edits=edits)


def write_recipe(path: str | Path, recipe: Recipe) -> None:
    """Write a recipe as JSON, whole or not at all; OutputError if that is impossible."""
    text = json.dumps(recipe_to_values(recipe), indent=2, ensure_ascii=False, allow_nan=False)
    write_whole(Path(path), f"{text}\n".encode())


def recipe_to_values(recipe: Recipe) -> dict[str, Any]:
    """A recipe as plain values: settings only where they are not the defaults."""
    values: dict[str, Any] = {_MARK: RECIPE_VERSION, "face": str(recipe.face)}
    if settings := settings_to_values(recipe.settings):
        values["settings"] = settings
    edits = [edit_to_values(edit, recipe.settings) for edit in recipe.edits]
    if len(edits) == 1 and "settings" not in edits[0]:
        return values | edits[0]
    return values | {"edits": edits}


def recipe_from_values(values: Any) -> Recipe:
    """The recipe of plain values; RecipeError says what cannot be used."""
    _check_keys(values, _KEYS, "a recipe")
    if _MARK not in values:
        raise RecipeError(f'not a recipe: it has no "{_MARK}"; a recipe begins with {_begin()}')
    version = values[_MARK]
    if version != RECIPE_VERSION or isinstance(version, bool):
        raise RecipeError(
            f'"{_MARK}" is {version!r:.40}; this version of photodrag reads {RECIPE_VERSION}'
        )
    try:
        settings = settings_from_values(values.get("settings", {}))
        face = parse_face(str(values.get("face", 1)))
    except PhotodragError as error:
        raise RecipeError(str(error)) from error
    own = {name: values[name] for name in _EDIT_KEYS if name in values}
    if "edits" not in values:
        return Recipe((edit_from_values(own, settings, face),), settings)
    if own:
        raise RecipeError(f'"edits" and {json.dumps(next(iter(own)))} are both there; use one')
    if not isinstance(values["edits"], list):
        raise RecipeError('"edits" must be a list')
    edits = []
    for number, edit in enumerate(values["edits"], start=1):
        try:
            edits.append(edit_from_values(edit, settings, face))
        except RecipeError as error:
            raise RecipeError(f"edit {number}: {error}") from error
    return Recipe(tuple(edits), settings)


def edit_to_values(edit: EditRequest, settings: EditSettings = DEFAULTS) -> dict[str, Any]:
    """One edit as plain values, with its settings where they are not those given."""
    values: dict[str, Any] = {}
    if edit.points:
        values["drag"] = [str(drag) for drag in edit.points]
    if edit.adjust:
        values["adjust"] = dict(edit.adjust)
    if edit.mask is not None:
        values["mask"] = str(edit.mask)
    if edit.settings is not None:
        own = settings_to_values(edit.settings, settings)
        if own := {name: own[name] for name in EDIT_STAGES if name in own}:
            values["settings"] = own
    return values


def edit_from_values(
    values: Any, settings: EditSettings = DEFAULTS, face: FaceChoice = LARGEST
) -> EditRequest:
    """One edit of plain values; `settings` and `face` are the recipe's. RecipeError if wrong."""
    _check_keys(values, (*_EDIT_KEYS, "settings"), "an edit")
    edit = JsonValue(values)
    mask, own = edit.get("mask"), edit.get("settings")
    try:
        if own.value is not None:
            own.only(EDIT_STAGES, "the settings of an edit")
        request = EditRequest(
            [parse_face_drag(one.text(_A_DRAG)) for one in edit.get("drag", []).items(_DRAGS)],
            _adjust(edit.get("adjust", {})),
            None if mask.value is None else _mask(mask.text("a name or a file, as text")),
            None if own.value is None else settings_from_values(own.value, settings),
            face,
        )
    except RecipeError:
        raise
    except PhotodragError as error:
        raise RecipeError(str(error)) from error
    if request.is_empty:
        raise RecipeError('an edit has nothing to do; give it a "drag" or an "adjust"')
    return request


def _mask(mask: str) -> str | Path:
    """A mask by name, or the path of its file."""
    if not is_mask_name(mask):
        return Path(mask)
    try:
        check_mask_names(mask)
    except MaskError as error:
        raise RecipeError(f"mask: {error}; a file needs its extension") from error
    return mask


def _adjust(values: JsonValue) -> Adjust:
    if not isinstance(values.value, Mapping):
        raise values.refusal('as {"smile": 0.6}')
    try:
        return check_adjustments((name, one.number()) for name, one in values.members().items())
    except PointError as error:
        raise RecipeError(f"adjust: {error}") from error


def _check_keys(values: Any, known: tuple[str, ...], what: str) -> None:
    if not isinstance(values, Mapping):
        raise RecipeError(f"{values!r:.60} is not {what}; {what} is an object as {_begin()}")
    try:
        JsonValue(values).only(known, what)
    except ContentError as error:
        raise RecipeError(str(error)) from error


def _begin() -> str:
    return f'{{"{_MARK}": {RECIPE_VERSION}, "drag": ["mouth_left->-4%,-4%"]}}'
