"""The change that the page is putting together: points, adjustments, and what may move."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from photodrag.errors import PointError

from ...option_settings import ChangeOptions
from ...request.adjustments import ADJUSTMENTS
from ...request.mask_names import MASKS
from ..protocol.requests import MaskRequest, PageEdit, PointRequest, Stroke

Place = tuple[float, float]
_MOST_POINTS = 200
_MOST_STROKE_PLACES = 200_000


@dataclass(frozen=True)
class DraftPoint:
    """A point on the photo; without a target it waits for one. `landmark`: where it was snapped."""

    number: int
    handle: Place
    target: Place | None = None
    landmark: str | None = None


@dataclass(frozen=True)
class Draft:
    """What the next run does, or the last one did."""

    points: tuple[DraftPoint, ...] = ()
    adjust: Mapping[str, float] | None = None
    mask_names: tuple[str, ...] = ()
    strokes: tuple[Stroke, ...] = ()
    change: ChangeOptions = field(default_factory=ChangeOptions)

    @property
    def is_empty(self) -> bool:
        """Whether nothing would move."""
        return not self.whole_points and not self.adjust

    @property
    def whole_points(self) -> tuple[DraftPoint, ...]:
        """Those that have a target."""
        return tuple(point for point in self.points if point.target is not None)

    @property
    def mask(self) -> MaskRequest | None:
        """What may move; None: whatever the change needs."""
        if not self.mask_names and not self.strokes:
            return None
        return MaskRequest("+".join(self.mask_names) or None, self.strokes)

    @property
    def request(self) -> PageEdit:
        """As the desk takes it."""
        points = tuple(
            PointRequest(point.landmark or point.handle, point.target)
            for point in self.points
            if point.target is not None
        )
        adjust = tuple((self.adjust or {}).items())
        return PageEdit(points, adjust, self.mask, self.change)

    def adjusted(self, name: str, value: float) -> Draft:
        """With another value of an adjustment; 0 leaves it out."""
        known = ADJUSTMENTS[name]
        value = min(max(round(float(value), 2), known.least), known.most)
        values = {**(self.adjust or {}), name: value}
        kept = {key: values[key] for key in ADJUSTMENTS if values.get(key)}
        return replace(self, adjust=kept)

    def toggled(self, name: str) -> Draft:
        """With a named mask more or less."""
        names = set(self.mask_names) ^ {name}
        return replace(self, mask_names=tuple(one for one in MASKS if one in names))

    def emptied(self) -> Draft:
        """The same mask and options, and nothing that moves."""
        return replace(self, points=(), adjust=None)


def read_points(value: Any) -> tuple[DraftPoint, ...]:
    """Points as the page sends them; PointError for what is none."""
    if not isinstance(value, list) or len(value) > _MOST_POINTS:
        raise PointError(f"the page sent no list of at most {_MOST_POINTS} points")
    points = []
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("id"), int):
            raise PointError("the page sent a point without a number")
        target, landmark = one.get("target"), one.get("landmark")
        points.append(
            DraftPoint(
                one["id"],
                read_place(one.get("handle")),
                None if target is None else read_place(target),
                landmark if isinstance(landmark, str) and len(landmark) < 40 else None,
            )
        )
    return tuple(points)


def read_strokes(value: Any) -> tuple[Stroke, ...]:
    """Strokes of the brush as the page sends them; PointError for what is none."""
    if not isinstance(value, list):
        raise PointError("the page sent no list of strokes")
    strokes, count = [], 0
    for one in value:
        if not isinstance(one, dict) or not isinstance(one.get("points"), list):
            raise PointError("the page sent a stroke without places")
        count += len(one["points"])
        radius: Any = one.get("radius")
        fits = isinstance(radius, int | float) and math.isfinite(radius) and radius > 0
        if count > _MOST_STROKE_PLACES or not one["points"] or not fits:
            raise PointError("the mask has too many strokes; clear it and paint it again")
        positions = tuple(read_place(place) for place in one["points"])
        strokes.append(Stroke(positions, float(radius), one.get("erase") is True))
    return tuple(strokes)


def read_place(value: Any) -> Place:
    """(x, y) of a list of two numbers; PointError for anything else."""
    pair = value if isinstance(value, Sequence) and len(value) == 2 else ()
    if not pair or not all(isinstance(one, int | float) and math.isfinite(one) for one in pair):
        raise PointError("the page sent a place that is not two numbers")
    return float(pair[0]), float(pair[1])
