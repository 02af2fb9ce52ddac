"""A picture in bands of rows, so that what is made of it on the way is small."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

_ROWS_AT_ONCE = 256

Band = tuple[slice, NDArray[Any]]
"""Rows of a picture as stored, and their pixels, (rows, W, 3 or 4)."""


def row_slices(height: int) -> Iterator[slice]:
    """The rows of a picture, a band at a time."""
    for top in range(0, height, _ROWS_AT_ONCE):
        yield slice(top, min(top + _ROWS_AT_ONCE, height))
