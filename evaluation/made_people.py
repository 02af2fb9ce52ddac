"""Pairs for truth_pairs.py of people whom nobody knows: ten synthetic ones, neutral and happy.

    python -m pip download --no-deps openpeople==0.1.2
    python -m evaluation.made_people openpeople-0.1.2-py3-none-any.whl FOLDER [--second N]

The package (MIT) has a sheet of sixteen expressions of each person, painted by another generator
than photodrag's. The first two of a sheet, neutral and happy, become NAME_neutral.png and
NAME_smiling.png in FOLDER; --second takes another expression than the happy one. Nothing of the
package is installed or run.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import Face, Photo, find_faces

NAMES = ("neutral", "smiling")  # as truth.read_pairs has them, whatever is shown
_SHEET = re.compile(r".*/(P\d+)/assets/emotions_sheet\.jpg")
_FRAME = 225  # of 255: the frames around the pictures are at least as bright
_MARGIN = 4  # px inside a frame
_REACH = 2.0  # of the face's box: no picture is larger to any side of it

Pixels = NDArray[np.uint8]


@click.command()
@click.argument("package", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--second",
    type=click.IntRange(2),
    default=2,
    show_default=True,
    help="Number of the other expression.",
)
def main(package: Path, folder: Path, second: int) -> None:
    """Cut pairs of pictures out of PACKAGE into FOLDER."""
    found = list(sheets(package))
    if not found:
        raise click.ClickException(f"{package.name} has no sheet of expressions")
    folder.mkdir(parents=True, exist_ok=True)
    for name, sheet in found:
        faces = in_reading_order(find_faces(Photo(pixels=sheet)))
        if len(faces) < second:
            raise click.ClickException(
                f"{name}: {len(faces)} face(s) found in its sheet, and number {second} is wanted"
            )
        for face, what in zip((faces[0], faces[second - 1]), NAMES, strict=True):
            Image.fromarray(picture_of(face, sheet)).save(folder / f"{name}_{what}.png")
        click.echo(f"{name}: {len(faces)} faces in its sheet")


def sheets(package: Path) -> Iterator[tuple[str, Pixels]]:
    """Each person's name and sheet (H, W, 3)."""
    with zipfile.ZipFile(package) as wheel:
        for member in sorted(wheel.namelist()):
            if found := _SHEET.fullmatch(member):
                with Image.open(io.BytesIO(wheel.read(member))) as image:
                    yield found[1], np.asarray(image.convert("RGB"), np.uint8)


def in_reading_order(faces: Sequence[Face]) -> list[Face]:
    """Faces row by row, each from the left."""
    rows: list[list[Face]] = []
    for face in sorted(faces, key=lambda one: one.box[1]):
        _, top, _, bottom = face.box
        if rows and rows[-1][0].box[1] + (bottom - top) / 2 > top:
            rows[-1].append(face)
        else:
            rows.append([face])
    return [face for row in rows for face in sorted(row, key=lambda one: one.box[0])]


def picture_of(face: Face, sheet: Pixels) -> Pixels:
    """What lies around a face within its frame."""
    left, top, right, bottom = (round(edge) for edge in face.box)
    reach = round(_REACH * (bottom - top))
    bright = sheet.min(axis=2) >= _FRAME
    row, column = bright[(top + bottom) // 2], bright[:, (left + right) // 2]
    x0 = _last(row[max(left - reach, 0) : left]) + max(left - reach, 0) + _MARGIN
    x1 = right + _first(row[right : right + reach]) - _MARGIN
    y0 = _last(column[max(top - reach, 0) : top]) + max(top - reach, 0) + _MARGIN
    # Below the middle there is a shirt, as bright as a frame; beside it the grey wall.
    y1 = bottom + _first(bright[bottom : bottom + reach, x0]) - _MARGIN
    return sheet[y0:y1, x0:x1]


def _first(line: NDArray[np.bool_]) -> int:
    """Where a line is first true, or its length."""
    return int(line.argmax()) if line.any() else len(line)


def _last(line: NDArray[np.bool_]) -> int:
    """Where a line is last true, or 0."""
    return len(line) - 1 - int(line[::-1].argmax()) if line.any() else 0


if __name__ == "__main__":
    main()
