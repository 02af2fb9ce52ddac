"""Positions in frames of different sizes: the one place where they are converted.

A position (x, y) counts from the centre of the first pixel. So the same place of a picture that
is `ratio` times as large is not `ratio * x` but `(x + 0.5) * ratio - 0.5`.
"""

from __future__ import annotations

from typing import Any, TypeVar

Positions = TypeVar("Positions", bound=Any)


def rescaled(positions: Positions, ratio: Any) -> Positions:
    """Positions, arrays or tensors (..., 2) or numbers, in a frame `ratio` times as large.

    A ratio of two numbers is that of x and that of y.

    >>> rescaled(0.0, 2)  # the first pixel's centre lies between the first two of the larger frame
    0.5
    """
    moved: Positions = (positions + 0.5) * ratio - 0.5
    return moved
