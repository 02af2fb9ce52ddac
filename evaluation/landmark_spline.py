"""The smoothest motion of a square that brings landmarks from here to there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from skimage.transform import ThinPlateSplineTransform

from photodrag.pipeline.imaging.sampling import FloatArray, grid, look_up

_COARSE = 8  # px between places where it is computed
_HELD = 7  # places along each side of the square that stay


def spline_positions(
    here: NDArray[np.float64], there: NDArray[np.float64], size: int
) -> FloatArray:
    """For each pixel of a square the place (size, size, 2) that it leads to.

    A thin-plate spline leads each of `here` (N, 2) to its own of `there` (N, 2), in pixels of the
    square, whose border stays.
    """
    line = np.linspace(0, size - 1, _HELD)
    border = np.array([(x, y) for x in line for y in line if {x, y} & {line[0], line[-1]}])
    spline = ThinPlateSplineTransform.from_estimate(
        np.concatenate([here, border]), np.concatenate([there, border])
    )
    steps = np.arange(0, size + _COARSE, _COARSE, dtype=np.float64)
    places = np.stack(np.meshgrid(steps, steps), axis=2)
    found = np.asarray(spline(places.reshape(-1, 2)), np.float32).reshape(places.shape)
    return look_up(found, grid(size) / np.float32(_COARSE))
