"""A mask's soft edge, band by band: the photo may be too large for one float a pixel."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..imaging.sampling import FloatArray


@dataclass(frozen=True, eq=False)
class Feather:
    """How much of a change a mask (h, w) lets through, 0..1: outside 0, bit for bit.

    Inside, it rises over `width` pixels from the edge.
    """

    mask: NDArray[np.bool_]
    width: float

    def part(self, rows: slice, columns: slice = slice(None)) -> FloatArray:
        """A part of it, as if the whole had been made."""
        reach = math.ceil(self._width) + 2
        (top, above, bottom), (left, before, right) = (
            _widened(part, length, reach)
            for part, length in zip((rows, columns), self.mask.shape, strict=True)
        )
        around = np.ascontiguousarray(self.mask[top:bottom, left:right], np.uint8)
        distance = cv2.distanceTransform(around, cv2.DIST_L2, 5)
        height, width = (
            len(range(*part.indices(length)))
            for part, length in zip((rows, columns), self.mask.shape, strict=True)
        )
        own = distance[above : above + height, before : before + width]
        return np.asarray(np.clip(own / self._width, 0, 1), np.float32)

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """At places (x, y), (N, 2) => (N,): between pixels, and beyond the border as at it."""
        height, width = self.mask.shape
        weights = []
        for x, y in np.clip(positions, 0, (width - 1, height - 1)):
            column, row = min(int(x), max(width - 2, 0)), min(int(y), max(height - 2, 0))
            four = self.part(slice(row, row + 2), slice(column, column + 2))
            across = (1 - (x - column)) * four[:, 0] + (x - column) * four[:, -1]
            weights.append((1 - (y - row)) * across[0] + (y - row) * across[-1])
        return np.array(weights, np.float64)

    @property
    def _width(self) -> float:
        return max(1.0, self.width)


def _widened(part: slice, length: int, reach: int) -> tuple[int, int, int]:
    """First, how much more than the part is before it, and end, inside the mask."""
    start, stop, _ = part.indices(length)
    first = max(start - reach, 0)
    return first, start - first, min(stop + reach, length)
