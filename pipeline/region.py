"""A box of the photo, and how maps of the crop come to lie on its pixels."""

from __future__ import annotations

import numpy as np

from photodrag.alignment import FaceCrop

from .light import FloatArray
from .motion import look_up

Box = tuple[int, int, int, int]


class Region:
    """A box (left, top, right, bottom) of the photo; maps have (size, size) or a multiple of it."""

    def __init__(self, crop: FaceCrop, size: int, box: Box):
        left, top, right, bottom = box
        self.crop, self.size, self.box = crop, size, box
        self._scale = size / crop.size
        shift = 0.5 * self._scale - 0.5  # pixel centres of a map of another size
        matrix = crop.transform * self._scale
        x, y = np.arange(left, right), np.arange(top, bottom)
        places = np.empty((len(y), len(x), 2), np.float32)
        for row in (0, 1):
            down = matrix[row, 1] * y + (matrix[row, 2] + shift)
            places[..., row] = matrix[row, 0] * x + down[:, None]
        self.places: FloatArray = places

    def columns(self, first: int, last: int) -> Region:
        """A part of the box; both columns, counted from its left, belong to it."""
        left, top, _, bottom = self.box
        return Region(self.crop, self.size, (left + first, top, left + last + 1, bottom))

    def moved(self, flow: FloatArray, offset: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Places with the offset, (h, w, 2) in the map, and the flow in photo pixels.

        `flow` and `offset` (S, S, 2) are backward: what a pixel shows was there.
        """
        places = self.places + look_up(offset, self.places)
        to_photo = (self.crop.inverse[:, :2] / self._scale).astype(np.float32)
        return places, np.asarray(look_up(flow, self.places) @ to_photo.T)

    def bring(self, image: FloatArray, places: FloatArray) -> FloatArray:
        """A map (S, S) or (S, S, C) of the crop at places of the map: (h, w, C)."""
        if image.shape[0] == self.size:
            return look_up(image, places)
        ratio = np.float32(image.shape[0] / self.size)
        return look_up(image, np.asarray((places + 0.5) * ratio - 0.5, np.float32))
