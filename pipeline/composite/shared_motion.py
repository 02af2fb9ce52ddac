"""Amid many handles, the motion that they tell together.

A handle or two are led where they should be, and the generator shows how the face moves around
them. Where handles stand as close as landmarks do, what lies between them moves with them; there
the generator's own motion, of a face that is not quite the person's, is the less exact of the two.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..imaging.sampling import FloatArray
from .correction import RIDGE, Correction, correct, finer, in_common, some_places

_COARSE = 4  # px of the map between places where it is computed


@dataclass(frozen=True, eq=False)
class SharedMotion:
    """Handles that are dragged together; lengths in pixels of a map.

    `motion` is the smooth backward motion that they tell, of `targets` (N, 2). `inverse` (N, N) is
    that of what the targets have in common.
    """

    motion: Correction
    targets: NDArray[np.float64]
    inverse: NDArray[np.float64]
    reach: float

    def weight(self, positions: FloatArray) -> FloatArray:
        """How far the motion at places (..., 2) follows from several handles, (...), 0..1.

        1 amid many of them; 0 far from all, and around one that stands alone.
        """
        flat = positions.reshape(-1, 2).astype(np.float64)
        near = in_common(flat, self.targets, self.reach)
        known = np.einsum("ij,ij->i", near @ self.inverse, near).clip(0, 1)
        told = 1 - 1 / np.diag(self.inverse)  # of each target, by the others
        weight = known * (near @ told) / np.maximum(near.sum(axis=1), 1e-9)
        return np.asarray(weight, np.float32).reshape(positions.shape[:-1])

    def blended_into(self, flow: FloatArray, positions: FloatArray, part: float) -> FloatArray:
        """A backward flow (..., 2) at places (..., 2), by a part of what the handles tell."""
        weight = part * self.weight(positions)[..., None]
        return np.asarray(flow + weight * (self.motion.at(positions) - flow), np.float32)

    def blended_everywhere(self, flow: FloatArray, part: float) -> FloatArray:
        """The same of a whole map (S, S, 2)."""
        size = len(flow)
        weight = part * finer(self.weight(some_places(size, _COARSE)), size)[..., None]
        away = self.motion.everywhere(size, _COARSE) - flow
        return np.asarray(flow + weight * away, np.float32)


def shared_motion(
    handles: NDArray[np.float64],
    targets: NDArray[np.float64],
    others: NDArray[np.float64],
    reach: float,
    part: float,
) -> SharedMotion:
    """What handles that are dragged to targets, (N, 2), tell; the rest as for `correct`."""
    motion = correct(handles, handles, targets, others, reach, part)
    common = in_common(targets, targets, reach) + RIDGE * np.eye(len(targets))
    return SharedMotion(motion, targets, np.asarray(np.linalg.inv(common), np.float64), reach)
