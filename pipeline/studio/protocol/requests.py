"""What a page asks for: points, adjustments, a mask, and how the change is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.checks import check_number
from photodrag.errors import MaskError, PointError

from ...option_settings import ChangeOptions
from ...request.drag_spec import DragSpec

Place = tuple[float, float]
_MOST_STROKES, _MOST_CORNERS = 20_000, 200_000  # together


@dataclass(frozen=True)
class PointRequest:
    """A drag: the handle is (x, y) in photo pixels or a landmark's name, the target (x, y)."""

    handle: Place | str
    target: Place

    def spec(self) -> DragSpec:
        """As the command line has it; PointError for what is no place."""
        handle = self.handle if isinstance(self.handle, str) else _in_words(self.handle)
        return DragSpec(handle, _in_words(self.target))


@dataclass(frozen=True)
class Stroke:
    """A line through places in photo pixels, drawn with a round brush; or one dot."""

    points: tuple[Place, ...]
    radius: float
    erase: bool = False

    def __post_init__(self) -> None:
        check_number("radius", self.radius, 0, 100_000, above=True)
        if not self.points:
            raise MaskError("a stroke of the brush has no place")


@dataclass(frozen=True)
class MaskRequest:
    """What may change: parts of the face by name ("mouth+eyes"), and strokes in their order.

    Without names it begins all black if any stroke paints, and all white if every one erases.
    """

    names: str | None = None
    strokes: tuple[Stroke, ...] = ()

    def __post_init__(self) -> None:
        corners = sum(len(stroke.points) for stroke in self.strokes)
        if len(self.strokes) > _MOST_STROKES or corners > _MOST_CORNERS:
            raise MaskError(
                f"the mask has {len(self.strokes)} strokes with {corners} places; "
                f"{_MOST_STROKES} and {_MOST_CORNERS} are the most; begin it anew"
            )


@dataclass(frozen=True)
class PageEdit:
    """One edit as a page asks for it. `adjust` holds pairs of a name and a number."""

    points: tuple[PointRequest, ...] = ()
    adjust: tuple[tuple[str, float], ...] = ()
    mask: MaskRequest | None = None
    change: ChangeOptions = field(default_factory=ChangeOptions)


def _in_words(place: Place) -> Place:
    """A place that the command line can say: there a sign means a way to go."""
    try:
        x, y = (max(float(number), 0.0) if number > -0.5 else float(number) for number in place)
    except (TypeError, ValueError, OverflowError) as error:
        raise PointError(f"{place!r:.60} is no place in the photo") from error
    return x, y
