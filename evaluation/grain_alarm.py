"""Streaks: grain that has no direction in the photo and lies in lines in the result."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.pipeline.imaging.sampling import FloatArray, as_float

from .wild_edits import FaceView

# Lengths in pixels of the square, which is about the photo's own size.
_GRAIN = 1.5  # what is finer is grain
_AROUND = 8.0  # over which directions are averaged
_NEAR = 25  # the photo's own directions so near explain the result's
_LEAST_GRAIN = 1.2  # levels of 255: less cannot be seen
_MOST_SLOPE = 4.0  # levels per pixel of what is coarser: more is an edge
_EVEN = 41  # no edge may be so near
_CHANGED = 0.8  # levels
_DIRECTED, _MORE = 0.5, 0.25  # how much in one direction is a streak, and more than the photo's


def streaks(before: FaceView, after: FaceView) -> NDArray[np.bool_]:
    """Where grain is pulled into streaks, (S, S)."""
    photo, result = (
        as_float(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY)) for view in (before, after)
    )
    earlier, _ = _direction(photo)
    now, strength = _direction(result)
    around = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_NEAR, _NEAR))
    earlier = as_float(cv2.dilate(earlier, around))
    wide = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (_EVEN, _EVEN))
    even = cv2.dilate(np.maximum(_slope(photo), _slope(result)), wide) < _MOST_SLOPE
    changed = cv2.GaussianBlur(np.abs(result - photo), (0, 0), _AROUND) > _CHANGED
    directed = (now > _DIRECTED) & (now - earlier > _MORE)
    return np.asarray(directed & even & changed & (strength > _LEAST_GRAIN), np.bool_)


def streak_area(marks: NDArray[np.bool_], eye_distance: float) -> float:
    """How large the streaked area is, in percent of the square over the eye distance."""
    return float(100 * marks.sum() / eye_distance**2)


def _direction(picture: FloatArray) -> tuple[FloatArray, FloatArray]:
    """How far the grain has one direction, 0 to 1, and how strong it is in levels, (S, S)."""
    grain = picture - cv2.GaussianBlur(picture, (0, 0), _GRAIN)
    x, y = (cv2.Sobel(grain, cv2.CV_32F, dx, 1 - dx) for dx in (1, 0))
    xx, yy, xy, power = (
        cv2.GaussianBlur(product, (0, 0), _AROUND) for product in (x * x, y * y, x * y, grain**2)
    )
    directed = np.sqrt((xx - yy) ** 2 + 4 * xy**2) / np.maximum(xx + yy, 1e-3)
    return as_float(directed), as_float(np.sqrt(power))


def _slope(picture: FloatArray) -> FloatArray:
    coarse = cv2.GaussianBlur(picture, (0, 0), 2 * _GRAIN)
    x, y = (cv2.Sobel(coarse, cv2.CV_32F, dx, 1 - dx) / 8 for dx in (1, 0))
    return as_float(np.hypot(x, y))
