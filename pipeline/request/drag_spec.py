"""Drag points as people write them: pixels, landmark names, percent of the eye distance."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from photodrag.alignment import Face, landmark_index
from photodrag.alignment.tolerances import BEYOND_PHOTO
from photodrag.drag import DragPoint
from photodrag.errors import ContentError, FaceError, PointError
from photodrag.json_values import read_json

from .face_drag import FaceDrag

Point = tuple[float, float]
UNITS = ("absolute", "pixels", "percent")
_NUMBER = r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+"
_PAIR = re.compile(rf"([+-]?)({_NUMBER})(%?),([+-]?)({_NUMBER})(%?)")
_EXAMPLES = "'310,420->325,412' (pixels), '310,420->+15,-8' or 'mouth_left->-5%,-4%'"


@dataclass(frozen=True)
class DragSpec:
    """A drag before the face is known.

    `handle` is (x, y) in photo pixels, or a landmark's name or number. `target` is (x, y) in photo
    pixels where `unit` is "absolute"; otherwise it is the way from the handle, right and down, in
    "pixels" or in "percent" of the distance between the eyes.
    """

    handle: Point | str
    target: Point
    unit: str = "absolute"

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise PointError(f"the unit is {self.unit!r}; choose one of {', '.join(UNITS)}")
        if not isinstance(self.handle, str):
            object.__setattr__(self, "handle", _checked_pair("handle", self.handle))
        object.__setattr__(self, "target", _checked_pair("target", self.target))

    @property
    def needs_face(self) -> bool:
        """Whether it can be placed only on a face."""
        return isinstance(self.handle, str) or self.unit == "percent"

    @property
    def is_for_any_face(self) -> bool:
        """Whether it means the same on every face of a photo."""
        return isinstance(self.handle, str) and self.unit != "absolute"


PointInput = DragSpec | FaceDrag | DragPoint | str | tuple[Point, Point] | Mapping[str, Any]


def parse_drag(text: str) -> DragSpec:
    """Read 'HANDLE->TARGET'.

    The handle is 'X,Y' in pixels, a landmark's name or its number. The target is 'X,Y' in pixels;
    '+DX,-DY' with signs is the way from the handle in pixels; 'DX%,DY%' the same in percent of
    the distance between the eyes. PointError with an example for anything else.
    """
    pieces = re.split("->|→", re.sub(r"\s+", "", text))
    if len(pieces) != 2 or not all(pieces):
        raise PointError(f"the drag {text!r:.80} is not HANDLE->TARGET; write {_EXAMPLES}")
    handle = _parse_handle(pieces[0], text)
    target, unit = _parse_target(pieces[1], text)
    return DragSpec(handle, target, unit)


def read_points(path: str | Path) -> tuple[DragSpec, ...]:
    """Read a JSON file: a list of texts, as `parse_drag` reads them, or of objects.

    An object has a "handle" ([x, y] or a landmark) and a "target" ([x, y] or a text).
    """
    path = Path(path)
    try:
        entries = read_json(path, "a list of drags")
    except ContentError as error:
        raise PointError(f"{path}: {error}") from error
    if not isinstance(entries, list) or not entries:
        raise PointError(f'{path}: holds no list of drags; write ["mouth_left->-5%,-4%"]')
    specs = []
    for number, entry in enumerate(entries, start=1):
        try:
            specs.append(_entry(entry))
        except PointError as error:
            raise PointError(f"{path}: drag {number}: {error}") from error
    return tuple(specs)


def resolve_points(
    points: Sequence[PointInput], face: Face | None, size: tuple[int, int]
) -> tuple[DragPoint, ...]:
    """Place drags in a photo of (width, height); in pixels.

    A target may lie a little off the photo where a face is dragged: a mouth that is thrown open, a
    head that leaves the picture. PointError for a place further off, a handle that equals its
    target, one handle given twice, and where a landmark or percent is used without a face.
    """
    if not points:
        raise PointError(f"there is no point to drag; give at least one, as {_EXAMPLES}")
    resolved: list[DragPoint] = []
    for point in points:
        spec = as_spec(point)
        if isinstance(spec, FaceDrag):
            found = spec.place(_needed(face, spec))
        else:
            handle = _place_handle(spec, face)
            found = DragPoint(handle, _place_target(spec, handle, face))
        _check_inside("handle", found.handle, spec, size)
        beyond = 0.0 if face is None else BEYOND_PHOTO * face.eye_distance
        _check_inside("target", found.target, spec, size, beyond)
        if any(found.handle == other.handle for other in resolved):
            raise PointError(
                f"the handle {_shown(spec, found.handle)} is given twice; one point cannot be "
                "dragged to two targets"
            )
        resolved.append(found)
    return tuple(resolved)


def as_spec(point: PointInput) -> DragSpec | FaceDrag:
    """A drag in any of its forms; PointError where a text cannot be read."""
    if isinstance(point, DragSpec | FaceDrag):
        return point
    if isinstance(point, str):
        return parse_drag(point)
    if isinstance(point, DragPoint):
        return DragSpec(point.handle, point.target)
    if isinstance(point, Mapping):
        return _entry(dict(point))
    try:
        handle, target = point
    except (TypeError, ValueError):
        raise PointError(
            f"the drag {point!r:.60} is not a pair of handle and target; write {_EXAMPLES}, or "
            "((310, 420), (325, 412))"
        ) from None
    return DragSpec(handle, target)


def _parse_handle(handle: str, text: str) -> Point | str:
    if "," not in handle:
        _check_landmark(handle)
        return handle
    match = _PAIR.fullmatch(handle)
    if match is None or any(match.group(1, 3, 4, 6)):
        raise PointError(
            f"the handle {handle!r:.80} of {text!r:.80} is not X,Y in photo pixels, without signs; "
            f"write {_EXAMPLES}"
        )
    return float(match[2]), float(match[5])


def _parse_target(target: str, text: str) -> tuple[Point, str]:
    match = _PAIR.fullmatch(target)
    if match is None:
        raise PointError(f"the target {target!r:.80} of {text!r:.80} is not X,Y; write {_EXAMPLES}")
    sign_x, x, percent_x, sign_y, y, percent_y = match.groups()
    value = (float(sign_x + x), float(sign_y + y))
    if percent_x or percent_y:
        if not (percent_x and percent_y) and 0 not in value:
            raise PointError(
                f"the target {target!r:.80} mixes percent and pixels; give both in percent"
            )
        return value, "percent"
    if not (sign_x or sign_y):
        return value, "absolute"
    unsigned = [number for sign, number in zip((sign_x, sign_y), value, strict=True) if not sign]
    if any(unsigned):  # an unsigned 0 is clear enough
        raise PointError(
            f"the target {target!r:.80} has one sign; sign both numbers for the way from the "
            "handle (+10,-4), or none for a place in the photo"
        )
    return value, "pixels"


def _entry(entry: Any) -> DragSpec:
    if isinstance(entry, str):
        return parse_drag(entry)
    if not isinstance(entry, dict) or entry.keys() != {"handle", "target"}:
        raise PointError(
            f'{json.dumps(entry):.80} is neither a text nor {{"handle": ..., "target": ...}}'
        )
    handle, target = entry["handle"], entry["target"]
    if isinstance(handle, str):
        handle = _parse_handle(re.sub(r"\s+", "", handle), handle)
    if isinstance(target, str):
        return DragSpec(handle, *_parse_target(re.sub(r"\s+", "", target), target))
    return DragSpec(handle, target)


def _checked_pair(name: str, value: Any) -> Point:
    try:
        x, y = (float(number) for number in value if not isinstance(number, str | bool))
    except (TypeError, ValueError, OverflowError):
        raise PointError(f"the {name} is {value!r:.80}; it must be two numbers, x and y") from None
    if not (math.isfinite(x) and math.isfinite(y)):
        raise PointError(f"the {name} is ({x}, {y}); its coordinates must be finite")
    return x, y


def _check_landmark(name: str) -> int:
    try:
        return landmark_index(name)
    except FaceError as error:
        raise PointError(f"{error}; a place in the photo is written X,Y") from error


def _place_handle(spec: DragSpec, face: Face | None) -> Point:
    if not isinstance(spec.handle, str):
        return spec.handle
    x, y = _needed(face, spec).landmarks[_check_landmark(spec.handle)].tolist()
    return x, y


def _place_target(spec: DragSpec, handle: Point, face: Face | None) -> Point:
    if spec.unit == "absolute":
        return spec.target
    scale = _needed(face, spec).eye_distance / 100 if spec.unit == "percent" else 1.0
    return handle[0] + scale * spec.target[0], handle[1] + scale * spec.target[1]


def _needed(face: Face | None, spec: DragSpec | FaceDrag) -> Face:
    if face is None:
        raise PointError(
            f"the handle {spec.handle!r} needs a face; write the drag in pixels, as 'X,Y->X,Y'"
        )
    return face


def _check_inside(
    name: str,
    point: Point,
    spec: DragSpec | FaceDrag,
    size: tuple[int, int],
    beyond: float = 0.0,
) -> None:
    """PointError for a point more than `beyond` px off the photo."""
    x, y = point
    width, height = size
    least, most_x, most_y = -0.5 - beyond, width - 0.5 + beyond, height - 0.5 + beyond
    if not (least <= x <= most_x and least <= y <= most_y):
        where = f" of {spec.handle}" if isinstance(spec.handle, str) else ""
        raise PointError(
            f"the {name}{where} ({x:g}, {y:g}) is off the photo of {width}x{height} pixels; x goes "
            f"from 0 to {width - 1}, y from 0 to {height - 1}"
        )


def _shown(spec: DragSpec | FaceDrag, point: Point) -> str:
    place = f"({point[0]:g}, {point[1]:g})"
    return f"{spec.handle} {place}" if isinstance(spec.handle, str) else place
