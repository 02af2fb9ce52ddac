"""When a drag counts as arrived."""

from __future__ import annotations

import math
from collections.abc import Sequence

from photodrag.drag import DragPoint

ARRIVED = 0.01
"""Of the distance between the eyes: a handle this near to its target has arrived."""
ARRIVED_ADJUSTED = 0.03
"""The same for the landmarks of adjustments, which are many and draw together."""


def has_arrived(
    points: Sequence[DragPoint],
    reached: Sequence[tuple[float, float]],
    eye_distance: float,
    adjusted: int = 0,
) -> bool:
    """Whether every handle came near enough; the last `adjusted` ones are adjustments'."""
    gaps = [
        math.dist(point.target, place) / eye_distance
        for point, place in zip(points, reached, strict=True)
    ]
    own = len(gaps) - adjusted
    near = all(gap <= ARRIVED for gap in gaps[:own])
    return near and all(gap <= ARRIVED_ADJUSTED for gap in gaps[own:])
