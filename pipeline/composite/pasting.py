"""The plain ways to put a generated face into a photo, for comparison and for taste.

"paste" shows the generator's pixels where the face changed; "poisson" shifts them by the smooth
membrane that makes them meet the photo at the edge (Perez et al. 2003). Both lose the photo's
detail there; "detail", the default, keeps it.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo

from ..imaging.linear_light import to_linear
from ..imaging.sampling import FloatArray
from .colors import Colors
from .motion import Motion

_SOFT = 2.0  # pixels of the map: the membrane is smooth, its 8-bit steps are not


def pasted(
    photo: Photo,
    crop: FaceCrop,
    after: NDArray[np.uint8],
    motion: Motion,
    strength: FloatArray | None = None,
) -> tuple[Motion, Colors]:
    """A motion that is nowhere trusted, and colours that show `after`, (S, S, 3) uint8 sRGB.

    With `strength` (size, size) the colours meet the photo's where that falls to 0.
    """
    size = motion.size
    match = np.zeros((size, size, 3), np.float32)
    if strength is not None and strength.any():
        match = _membrane(photo, crop, after, strength)
    colors = Colors(
        gain=np.ones((size, size, 3), np.float32),
        painted=to_linear(photo.from_srgb(after)),
        match=match,
    )
    return replace(motion, trust=np.zeros_like(motion.trust)), colors


def _membrane(
    photo: Photo, crop: FaceCrop, after: NDArray[np.uint8], strength: FloatArray
) -> FloatArray:
    """What Poisson blending adds to the painted light, (size, size, 3)."""
    side = (len(strength), len(strength))
    painted, shown = (
        np.asarray(cv2.resize(image, side, interpolation=cv2.INTER_AREA), np.uint8)
        for image in (after, crop.pixels)
    )
    inside = (strength > 0).astype(np.uint8) * 255
    left, top, width, height = cv2.boundingRect(inside)
    middle = (left + width // 2, top + height // 2)
    met = cv2.seamlessClone(painted, shown, inside, middle, cv2.NORMAL_CLONE)
    light_met, light = (to_linear(photo.from_srgb(np.asarray(x, np.uint8))) for x in (met, painted))
    return np.asarray(cv2.GaussianBlur(light_met - light, (0, 0), _SOFT), np.float32)
