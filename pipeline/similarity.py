"""The turn, scale and shift between two sets of points."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turn, scale and shift (2, 3) that brings points (N, 2) nearest to others.

    Umeyama 1991, least squares in closed form; never a mirror image.
    """
    a, b = source - source.mean(axis=0), target - target.mean(axis=0)
    dot = float((a * b).sum())
    cross = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())
    turn = np.array([[dot, -cross], [cross, dot]]) / float((a**2).sum())
    shift = target.mean(axis=0) - turn @ source.mean(axis=0)
    return np.column_stack([turn, shift])
