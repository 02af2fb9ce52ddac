"""Dark pictures brightened, for those who look for faces in them; no result is made of these."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_DARK, _BRIGHT = 90, 220  # of 255: a picture whose brightest parts are darker is stretched to this
_PARTS = 98  # percent: the rest may be lamps
_STEP = 4  # every so many pixels are looked at


def is_dark(srgb: NDArray[np.uint8]) -> bool:
    """Whether nearly all of a picture (H, W, 3) lies in its lowest third."""
    return _brightest(srgb) < _DARK


def stretched(srgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A dark picture (H, W, 3), its light multiplied; any other as it is."""
    brightest = _brightest(srgb)
    if brightest >= _DARK:
        return srgb
    levels = np.arange(256) * (_BRIGHT / max(brightest, 1.0))
    return np.asarray(np.minimum(np.rint(levels), 255).astype(np.uint8)[srgb])


def _brightest(srgb: NDArray[np.uint8]) -> float:
    return float(np.percentile(srgb[::_STEP, ::_STEP], _PARTS))
