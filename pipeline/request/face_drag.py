"""A drag told in the face's own frame, so that it means the same on another photo."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from photodrag.alignment import LANDMARK_NAMES, Face, landmark_index
from photodrag.alignment.face_measures import face_axes
from photodrag.drag import DragPoint
from photodrag.errors import FaceError, PointError

Pair = tuple[float, float]
_NUMBER = r"[+-](?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_WAY = rf"({_NUMBER})%,({_NUMBER})%"
_TEXT = re.compile(rf"([a-z_]+|[0-9]+)(?:{_WAY})?(?:->|→){_WAY}")
_DIGITS = 4  # of percent of the eye distance, as text: far below what a pixel could show


@dataclass(frozen=True)
class FaceDrag:
    """A drag of a place near a landmark, by a displacement, on any face.

    `offset` from the landmark to the handle and `displacement` from the handle to the target are in
    percent of the distance between the eyes, along the face's own axes: right along the line from
    the eye on the viewer's left to the other, down at a right angle to it. They follow a tilted
    head.
    """

    landmark: str
    displacement: Pair
    offset: Pair = (0.0, 0.0)

    def __post_init__(self) -> None:
        try:
            landmark_index(self.landmark)
        except FaceError as error:
            raise PointError(str(error)) from error
        for name in ("displacement", "offset"):
            object.__setattr__(self, name, _checked(name, getattr(self, name)))
        if self.displacement == (0.0, 0.0):
            raise PointError(f"the drag of {self.handle} goes nowhere; give it a way to go")

    @property
    def handle(self) -> str:
        """The handle as text: "mouth_left", or "mouth_left+3%,-2%"."""
        return self.landmark if self.offset == (0.0, 0.0) else self.landmark + _text(self.offset)

    def __str__(self) -> str:
        """As `parse_face_drag` reads it."""
        return f"{self.handle}->{_text(self.displacement)}"

    def place(self, face: Face) -> DragPoint:
        """The drag on a face, in photo pixels."""
        axes = face_axes(face.landmarks) / 100
        handle = face.landmarks[landmark_index(self.landmark)] + np.array(self.offset) @ axes
        target = handle + np.array(self.displacement) @ axes
        return DragPoint((handle[0], handle[1]), (target[0], target[1]))


def parse_face_drag(text: str) -> FaceDrag:
    """Read 'mouth_left->-4%,-4%' or 'mouth_left+3%,-2%->-4%,-4%'; PointError for anything else."""
    found = _TEXT.fullmatch(re.sub(r"\s+", "", text))
    if found is None:
        raise PointError(
            f"the drag {text!r:.80} cannot be used on any photo: write LANDMARK->WAY in percent of "
            "the eye distance, with signs, as 'mouth_left->-4%,-4%', or with an offset from the "
            "landmark, 'mouth_left+3%,-2%->-4%,-4%'"
        )
    landmark, offset_x, offset_y, way_x, way_y = found.groups()
    offset = (float(offset_x), float(offset_y)) if offset_x else (0.0, 0.0)
    return FaceDrag(landmark, (float(way_x), float(way_y)), offset)


def describe_drag(point: DragPoint, face: Face) -> FaceDrag:
    """A drag of this photo, told for any: relative to the landmark that is nearest to its handle.

    A handle within a thousandth of a percent of the eye distance is the landmark itself.
    """
    handle, target = np.array(point.handle), np.array(point.target)
    names = {index: name for name, index in LANDMARK_NAMES.items()}
    nearest = int(np.hypot(*(face.landmarks - handle).T).argmin())
    to_face = np.linalg.inv(face_axes(face.landmarks) / 100)
    offset = (handle - face.landmarks[nearest]) @ to_face
    displacement = (target - handle) @ to_face
    if np.hypot(*offset) < 1e-3:
        offset = np.zeros(2)
    rounded = [
        (round(float(x), _DIGITS) + 0.0, round(float(y), _DIGITS) + 0.0)
        for x, y in (displacement, offset)
    ]
    return FaceDrag(names.get(nearest, str(nearest)), *rounded)


def _text(pair: Pair) -> str:
    return ",".join(f"{value:+.{_DIGITS}f}".rstrip("0").rstrip(".") + "%" for value in pair)


def _checked(name: str, value: Any) -> Pair:
    try:
        x, y = (float(number) for number in value)
    except (TypeError, ValueError) as error:
        raise PointError(f"the {name} is {value!r:.80}; it must be two numbers") from error
    if not (math.isfinite(x) and math.isfinite(y)):
        raise PointError(f"the {name} is ({x}, {y}); its numbers must be finite")
    return x, y
