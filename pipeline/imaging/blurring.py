"""Wide blurs: what they leave is coarse, so they are made on a smaller picture."""

from __future__ import annotations

import math

import cv2
import numpy as np

from .sampling import FloatArray

_LEAST = 6.0  # px of the smaller picture: narrower blurs would show its pixels


def blurred(image: FloatArray, sigma: float) -> FloatArray:
    """A picture (H, W) or (H, W, C), Gaussian-blurred.

    A wide blur differs from an exact one by about a thousandth of the picture's range, at its
    border by a hundredth.
    """
    height, width = image.shape[:2]
    factor = 1
    while sigma >= 2 * factor * _LEAST and not (height % (2 * factor) or width % (2 * factor)):
        factor *= 2
    if factor == 1:
        done = cv2.GaussianBlur(image, (0, 0), sigma)
    else:
        size = (width // factor, height // factor)
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        # Making it smaller is a blur, and making it larger again another one.
        left = sigma**2 - (factor**2 - 1) / 12 - factor**2 / 6
        narrow = math.sqrt(left) / factor
        small = cv2.GaussianBlur(small, (0, 0), narrow, borderType=cv2.BORDER_REFLECT)
        done = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(done, np.float32).reshape(image.shape)
