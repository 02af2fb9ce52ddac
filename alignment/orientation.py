"""The eight EXIF orientations, undone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def turn_upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Pixels as stored, (H, W) or (H, W, C) => as meant to be seen; a view where possible.

    `orientation` is EXIF's: 1 is upright, 2 to 4 keep the size, 5 to 8 swap width and height.
    """
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    if orientation in (3, 4, 7, 8):
        pixels = np.flip(pixels, 0)
    if orientation in (2, 3, 6, 7):
        pixels = np.flip(pixels, 1)
    return pixels


def lying(upright: NDArray[Any], orientation: int) -> NDArray[Any]:
    """A view of upright pixels as they lie in a file of that orientation: the way back."""
    return turn_upright(upright, {6: 8, 8: 6}.get(orientation, orientation))
