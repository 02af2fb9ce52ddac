"""What the generator's motion falls short of at the handles, made up for smoothly.

A drag ends within a part of a feature pixel, and the flow has its own error; together a few per
cent of the distance between the eyes. A sum of Gaussians, one at each target, moves the result by
just that much, so that the handles lie where they were asked to.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .motion import FloatArray, Motion, look_up

_ITERATIONS = 12  # of the search for a handle in a backward motion; it halves its error each time
_NOTHING = -25.0  # a share of its exp moves nothing that a pixel could show
_RIDGE = 1e-3  # keeps the weights small where two targets lie close together


@dataclass(frozen=True, eq=False)
class Correction:
    """A displacement of places: the result at p shows what the generator has at p + offset(p).

    targets (N, 2) and weights (N, 2) in pixels of the motion's map, sigma (N,) too.
    """

    targets: NDArray[np.float64]
    weights: NDArray[np.float64]
    sigma: NDArray[np.float64]

    def at(self, places: NDArray[np.float32]) -> FloatArray:
        """Offsets (..., 2) at places (..., 2)."""
        total = np.zeros_like(places)
        x, y = (np.ascontiguousarray(places[..., i]) for i in (0, 1))
        targets, weights, sigmas = self.targets.tolist(), self.weights.tolist(), self.sigma.tolist()
        for target, weight, sigma in zip(targets, weights, sigmas, strict=True):
            exponent = np.square(x - target[0]) + np.square(y - target[1])
            exponent *= -0.5 / sigma**2
            if exponent.max() < _NOTHING:
                continue
            share = np.exp(exponent)
            total[..., 0] += share * weight[0]
            total[..., 1] += share * weight[1]
        return total

    def undone(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places p (N, 2) whose p + offset(p) are these."""
        found = places.copy()
        for _ in range(_ITERATIONS):
            offset = self.at(found[None].astype(np.float32))[0]
            found = 0.5 * (found + places - offset)
        return found


def landing(motion: Motion, handles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the handles (N, 2) lie in the dragged face: p with p + backward(p) = handle."""
    places = handles.copy()
    for _ in range(_ITERATIONS):
        backward = look_up(motion.backward, places[None].astype(np.float32))[0]
        places = 0.5 * (places + handles - backward)
    return places


def correct(
    landed: NDArray[np.float64],
    handles: NDArray[np.float64],
    targets: NDArray[np.float64],
    sigma: float,
    most: float,
) -> Correction:
    """The correction that brings handles to targets, (N, 2), in pixels of the map.

    `landed` (N, 2) says where they lie without it. None moves by more than the part `most` of its
    own drag.
    """
    missing = landed - targets
    length = np.linalg.norm(missing, axis=1)
    limit = most * np.linalg.norm(targets - handles, axis=1)
    missing *= np.minimum(1, limit / np.maximum(length, 1e-9))[:, None]
    return follow(targets, missing, sigma)


def follow(targets: NDArray[np.float64], offsets: NDArray[np.float64], sigma: float) -> Correction:
    """A smooth displacement that is about `offsets` (N, 2) at `targets` (N, 2)."""
    # Wide enough not to fold: the offset falls by less than half a pixel per pixel.
    sigmas = np.maximum(sigma, 2 * np.linalg.norm(offsets, axis=1))
    squared = np.square(targets[:, None] - targets[None]).sum(axis=2)
    kernel = np.exp(-0.5 * squared / sigmas[None, :] ** 2)
    weights = np.linalg.solve(kernel.T @ kernel + _RIDGE * np.eye(len(targets)), kernel.T @ offsets)
    return Correction(targets, weights, sigmas)
