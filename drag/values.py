"""What dragging takes and gives: points on the way in, steps on the way out."""

from __future__ import annotations

import math
from dataclasses import dataclass

from photodrag.checkpoints import Latent
from photodrag.errors import PointError

Point = tuple[float, float]


@dataclass(frozen=True)
class DragPoint:
    """A handle and the target it is dragged to, both (x, y) in pixels, centres at whole numbers."""

    handle: Point
    target: Point

    def __post_init__(self) -> None:
        for name in ("handle", "target"):
            x, y = getattr(self, name)
            if not (math.isfinite(x) and math.isfinite(y)):
                raise PointError(f"the {name} is ({x}, {y}); its coordinates must be finite")
            object.__setattr__(self, name, (float(x), float(y)))
        if self.handle == self.target:
            raise PointError(
                f"handle and target are both {format_point(self.handle)}; "
                "a point must be dragged somewhere else"
            )


@dataclass(frozen=True, eq=False)
class DragStep:
    """One finished step, number `index` from 1 of at most `total`.

    `positions` says where each handle was found in the image of `latent`, and `distances` how far
    that is from its target, both in pixels of the generator's image; `distance` is the largest.
    """

    index: int
    total: int
    latent: Latent
    positions: tuple[Point, ...]
    distances: tuple[float, ...]
    arrived: bool

    stage: str = "drag"

    @property
    def distance(self) -> float:
        """The largest distance of a point to its target."""
        return max(self.distances)

    @property
    def mean_distance(self) -> float:
        """The mean distance of the points to their targets."""
        return sum(self.distances) / len(self.distances)


def format_point(point: Point) -> str:
    """(x, y) as people write it."""
    return f"({point[0]:g}, {point[1]:g})"
