"""A box of the photo, and how maps of the crop come to lie on its pixels."""

from __future__ import annotations

import numpy as np

from photodrag.alignment import FaceCrop

from .correction import Correction
from .light import FloatArray
from .motion import Motion, look_up


class Region:
    """A box (left, top, right, bottom) of the photo; maps have (size, size) or a multiple of it."""

    def __init__(
        self, crop: FaceCrop, size: int, box: tuple[int, int, int, int], correction: Correction
    ):
        left, top, right, bottom = box
        self.size, self.box = size, box
        scale = size / crop.size
        shift = 0.5 * scale - 0.5  # pixel centres of a map of another size
        x, y = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
        matrix = crop.transform
        self.exact_places = np.stack(
            [
                (matrix[row, 0] * x + matrix[row, 1] * y + matrix[row, 2]) * scale + shift
                for row in (0, 1)
            ],
            axis=2,
        ).astype(np.float32)
        self.offset = correction.at(self.exact_places)
        self.places = self.exact_places + self.offset
        # Vectors of the map, in photo pixels.
        self.to_photo = (crop.inverse[:, :2] / scale).astype(np.float32)

    def flow(self, motion: Motion) -> FloatArray:
        """The motion with the correction, (h, w, 2), backward, in photo pixels."""
        return np.asarray((self.bring(motion.backward) + self.offset) @ self.to_photo.T)

    def bring_exactly(self, image: FloatArray) -> FloatArray:
        """A map (S, S) of the crop at the region's pixels, without the correction."""
        return look_up(image[..., None], self.exact_places)

    def bring(self, image: FloatArray) -> FloatArray:
        """A map (S, S) or (S, S, C) of the crop, at the region's corrected pixels: (h, w, C)."""
        if image.ndim == 2:
            image = image[..., None]
        if image.shape[0] == self.size:
            return look_up(image, self.places)
        ratio = np.float32(image.shape[0] / self.size)
        return look_up(image, np.asarray((self.places + 0.5) * ratio - 0.5, np.float32))
