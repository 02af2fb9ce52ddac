"""What a batch is to do: one photo, one recipe, one output each, all checked before the work."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from photodrag.alignment.face_choice import parse_face
from photodrag.alignment.photos.writing import EXTENSIONS
from photodrag.errors import BatchError, PhotodragError

from ..recipe.recipe import Recipe
from ..recipe.recipe_file import read_recipe, recipe_to_values

_COLUMNS = ("photo", "recipe", "output", "face")
_FALLBACK = ".png"  # for photos in a format that can only be read


@dataclass(frozen=True)
class BatchTask:
    """One photo to edit: its file, what to do, and the name of the result in the folder."""

    photo: Path
    recipe: Recipe
    output: str
    mark: bool = True
    """Whether the result's XMP says that it was edited."""

    @property
    def recipe_digest(self) -> str:
        """SHA-256 of the recipe and of the masks that it names, in hexadecimal.

        Of a task without a mark it is another one: results with it are not what is wanted.
        """
        values = json.dumps(recipe_to_values(self.recipe), sort_keys=True)
        digest = hashlib.sha256(values.encode())
        for edit in self.recipe.edits:
            if isinstance(edit.mask, Path) and edit.mask.is_file():
                digest.update(Path(edit.mask).read_bytes())
        if not self.mark:
            digest.update(b"no mark")
        return digest.hexdigest()


def plan_batch(
    recipe: Recipe | str | Path | None,
    photos: Sequence[str | Path],
    manifest: str | Path | None = None,
) -> tuple[BatchTask, ...]:
    """The tasks of a list of photos, or of a manifest's rows, or of both.

    `recipe` is one, or its file, for all photos that have none of their own.
    A manifest is a CSV file with a header: a column `photo`, and if wanted `recipe`, `output` (the
    name of the result) and `face`; paths count from its own folder. BatchError where two results
    would have one name, a row cannot be read, or there is nothing to do; a photo that cannot be
    read is no error here.
    """
    common = read_recipe(recipe) if isinstance(recipe, str | Path) else recipe
    tasks = []
    for photo in photos:
        if common is None:
            raise BatchError(f"{photo}: there is no recipe for it; give one")
        tasks.append(BatchTask(Path(photo), common, _result_name(Path(photo))))
    if manifest is not None:
        tasks += _rows(Path(manifest), common)
    if not tasks:
        raise BatchError("there is no photo to edit; name some, or give a manifest")
    taken: dict[str, Path] = {}
    for task in tasks:
        other = taken.setdefault(task.output.casefold(), task.photo)
        if other is not task.photo:
            raise BatchError(
                f"{other} and {task.photo} would both become {task.output}; give them names in "
                "the column output of a manifest"
            )
    return tuple(tasks)


def check_folder(folder: Path, tasks: Sequence[BatchTask]) -> None:
    """BatchError unless results can be written to the folder without replacing an input."""
    if folder.exists() and not folder.is_dir():
        raise BatchError(f"{folder}: this is a file; name a folder for the results")
    if not folder.exists() and not folder.parent.is_dir():
        raise BatchError(f"{folder}: the folder {folder.parent} does not exist; make it first")
    inputs = {task.photo.resolve() for task in tasks}
    for task in tasks:
        if (folder / task.output).resolve() in inputs:
            raise BatchError(
                f"{folder / task.output}: the result would replace a photo of the batch; name "
                "another folder"
            )


def _rows(path: Path, common: Recipe | None) -> list[BatchTask]:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file, strict=True)
            columns, rows = reader.fieldnames or [], list(reader)
    except OSError as error:
        raise BatchError(f"{path}: cannot be read: {error.strerror or error}") from error
    except (csv.Error, ValueError) as error:
        raise BatchError(f"{path}: not a CSV file in UTF-8: {error}") from error
    unknown = [name for name in columns if name not in _COLUMNS]
    if unknown or "photo" not in columns:
        wrong = f"has a column {unknown[0]!r}" if unknown else "has no column photo"
        raise BatchError(f"{path}: {wrong}; its first line names {', '.join(_COLUMNS)}")
    recipes: dict[str, Recipe] = {}
    tasks = []
    for number, row in enumerate(rows, start=2):
        try:
            tasks.append(_row(row, path.parent, common, recipes))
        except PhotodragError as error:
            raise BatchError(f"{path}: line {number}: {error}") from error
    return tasks


def _row(
    row: dict[str, str | None], folder: Path, common: Recipe | None, recipes: dict[str, Recipe]
) -> BatchTask:
    photo, name, output, face = ((row.get(column) or "").strip() for column in _COLUMNS)
    if None in row or not photo:
        raise BatchError("there is no photo, or more values than columns")
    if name and name not in recipes:
        recipes[name] = read_recipe(folder / name)
    recipe = recipes[name] if name else common
    if recipe is None:
        raise BatchError(f"{photo} has no recipe; give one for all, or in the column recipe")
    if face:
        recipe = recipe.for_face(parse_face(face))
    place = folder / photo
    if output and (Path(output).name != output or Path(output).suffix.lower() not in EXTENSIONS):
        raise BatchError(
            f"the output {output!r} must be a file's name without a folder, with one of "
            f"{', '.join(EXTENSIONS)}"
        )
    return BatchTask(place, recipe, output or _result_name(place))


def _result_name(photo: Path) -> str:
    """The photo's own name, in a format that can be written."""
    if photo.suffix.lower() in EXTENSIONS:
        return photo.name
    return photo.name + _FALLBACK
