"""The channels of a file: one where the photo is grey, one more where it has alpha."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from .photo import Photo


def file_channels(photo: Photo, rows: slice = slice(None)) -> NDArray[Any]:
    """(rows, W, 1 to 4) of the photo's type: grey, grey + alpha, RGB, or RGB + alpha."""
    colours = photo.pixels[rows, :, :1] if photo.grey else photo.pixels[rows]
    if photo.alpha is None:
        return np.ascontiguousarray(colours)
    return np.concatenate([colours, photo.alpha[rows, :, None]], axis=2)
