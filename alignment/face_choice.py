"""Which faces of a photo: by number, the largest, the nearest to a place, or all."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from photodrag.errors import FaceNumberError, PointError

from . import Face, select_face

Point = tuple[float, float]
_NUMBER = r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_NEAREST = re.compile(rf"nearest:\s*{_NUMBER}\s*,\s*{_NUMBER}")


@dataclass(frozen=True)
class FaceChoice:
    """One face by its `number` (1 is the largest), the one `nearest` to (x, y), or `every` one.

    `nearest` is in photo pixels. Exactly one of the three is set.
    """

    number: int | None = None
    nearest: Point | None = None
    every: bool = False

    def __post_init__(self) -> None:
        if [self.number is None, self.nearest is None, not self.every].count(False) != 1:
            raise FaceNumberError("a choice of faces is a number, a place, or all; give one")
        if self.number is not None and self.number < 1:
            raise FaceNumberError(f"face {self.number} was asked for; they are numbered from 1")

    def __str__(self) -> str:
        """As `parse_face` reads it."""
        if self.every:
            return "all"
        if self.nearest is not None:
            return f"nearest:{self.nearest[0]:g},{self.nearest[1]:g}"
        return str(self.number)


LARGEST = FaceChoice(1)


def parse_face(text: str) -> FaceChoice:
    """Read "2", "largest", "nearest:310,420" or "all"; FaceNumberError for anything else."""
    text = text.strip()
    if text == "all":
        return FaceChoice(every=True)
    if text == "largest":
        return FaceChoice(1)
    found = _NEAREST.fullmatch(text)
    if found is not None:
        return FaceChoice(nearest=(float(found[1]), float(found[2])))
    if re.fullmatch(r"-?[0-9]{1,9}", text):
        return FaceChoice(int(text))
    raise FaceNumberError(
        f"the face is {text!r:.80}; give a number as `photodrag landmarks` draws it, largest, "
        "nearest:X,Y or all"
    )


def choose_faces(
    faces: Sequence[Face], choice: FaceChoice, size: tuple[int, int]
) -> tuple[Face, ...]:
    """The chosen ones of a photo of (width, height); NoFaceError, FaceNumberError or PointError."""
    select_face(faces, 1, size)  # refuses a photo without a face
    if choice.every:
        return tuple(faces)
    if choice.nearest is None:
        assert choice.number is not None
        return (select_face(faces, choice.number, size),)
    x, y = choice.nearest
    if not (x <= size[0] - 0.5 and y <= size[1] - 0.5):
        raise PointError(
            f"the face nearest to ({x:g}, {y:g}): off the photo of {size[0]}x{size[1]}"
        )
    return (min(faces, key=lambda face: (math.dist(_middle(face), (x, y)), face.index)),)


def choose_face(faces: Sequence[Face], choice: FaceChoice, size: tuple[int, int]) -> Face:
    """The chosen one where there can be only one; FaceNumberError for all."""
    if choice.every:
        raise FaceNumberError("all faces were asked for, and here it must be one; give its number")
    return choose_faces(faces, choice, size)[0]


def _middle(face: Face) -> Point:
    left, top, right, bottom = face.box
    return (left + right) / 2, (top + bottom) / 2
