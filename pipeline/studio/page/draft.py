"""The change that the page is putting together: points, adjustments, and what may move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from photodrag.errors import ContentError, PointError
from photodrag.json_values import JsonValue

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
    with _from_page():
        points = JsonValue(value, "points").items()
        if len(points) > _MOST_POINTS:
            raise PointError(f"there are {len(points)} points; {_MOST_POINTS} are the most")
        return tuple(_point(one) for one in points)


def _point(point: JsonValue) -> DraftPoint:
    target, landmark = point.get("target"), point.get("landmark").value
    return DraftPoint(
        point["id"].whole(),
        point["handle"].pair(),
        None if target.value is None else target.pair(),
        landmark if isinstance(landmark, str) and len(landmark) < 40 else None,
    )


def read_strokes(value: Any) -> tuple[Stroke, ...]:
    """Strokes of the brush as the page sends them; PointError for what is none."""
    with _from_page():
        strokes, left = [], _MOST_STROKE_PLACES
        for one in JsonValue(value, "strokes").items():
            strokes.append(_stroke(one))
            left -= len(strokes[-1].points)
            if left < 0:
                raise PointError("the mask has too many strokes; clear it and paint it again")
        return tuple(strokes)


def _stroke(stroke: JsonValue) -> Stroke:
    radius = stroke["radius"].number()
    if radius <= 0:
        raise stroke["radius"].refusal("above 0")
    places = stroke["points"].pairs()
    if not places:
        raise stroke["points"].refusal("a list of at least one place")
    return Stroke(places, radius, stroke.get("erase").value is True)


@contextmanager
def _from_page() -> Iterator[None]:
    try:
        yield
    except ContentError as error:
        raise PointError(f"the page sent what cannot be used: {error}") from error
