"""What the generator's motion falls short of at the handles, made up for smoothly.

A drag ends within a part of a feature pixel, and the flow has its own error; together a few per
cent of the distance between the eyes. A sum of Gaussians at the targets moves the result by just
that much, so that the handles lie where they were asked to.

It is the most likely smooth displacement, given what is missing at the handles (Gaussian process
regression, Rasmussen and Williams 2006, equation 2.25). What many handles share, a nod or a raised
cheek, moves what lies between them, too; what one of many has of its own is mostly the error of
its landmark, and less of it counts. A handle alone moves what is near it: the other landmarks of
the face are told to stay.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.frames import rescaled

from ..imaging.sampling import FloatArray, grid, look_up
from .motion import Motion

_ITERATIONS = 12  # of the search for a handle in a backward motion; it halves its error each time
_NOTHING = -25.0  # a share of its exp moves nothing that a pixel could show
RIDGE = 1e-3  # keeps the weights small where two targets lie close together
_SHARED = ((2.0, 0.5), (1.0, 0.3), (0.5, 0.2))  # widths in reaches, and how much is as wide
_APART = 2.5  # reaches: a landmark so near to a target is not told to stay
_STAYING = 0.2  # how surely the others stay, as the noise of a process of unit variance
_STEEP = 0.5  # an offset falls by less than this per pixel, or it would fold
_FALL = 0.61  # of a Gaussian's height per sigma, at the steepest


@dataclass(frozen=True, eq=False)
class Correction:
    """A displacement of places: the result at p shows what the generator has at p + offset(p).

    A sum of Gaussians around targets (N, 2), with weights (N, 2) and widths sigma (N,), in pixels
    of the motion's map.
    """

    targets: NDArray[np.float64]
    weights: NDArray[np.float64]
    sigma: NDArray[np.float64]

    def at(self, positions: NDArray[np.float32]) -> FloatArray:
        """Offsets (..., 2) at places (..., 2)."""
        total = np.zeros_like(positions)
        x, y = (np.ascontiguousarray(positions[..., i]) for i in (0, 1))
        targets, weights, sigmas = self.targets.tolist(), self.weights.tolist(), self.sigma.tolist()
        for target, weight, sigma in zip(targets, weights, sigmas, strict=True):
            exponent = np.square(x - target[0]) + np.square(y - target[1])
            exponent *= -0.5 / sigma**2
            if exponent.max() < _NOTHING:
                continue
            fraction = np.exp(exponent)
            total[..., 0] += fraction * weight[0]
            total[..., 1] += fraction * weight[1]
        return total

    def everywhere(self, size: int, coarse: int) -> FloatArray:
        """Offsets (size, size, 2) of all pixels of the map.

        As smooth as they are, they need be known only at one pixel in `coarse` each way.
        """
        return finer(self.at(some_places(size, coarse)), size)

    def undone(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """The places p (N, 2) whose p + offset(p) are these."""
        found = positions.copy()
        for _ in range(_ITERATIONS):
            offset = self.at(found[None].astype(np.float32))[0]
            found = 0.5 * (found + positions - offset)
        return found


def landing(motion: Motion, handles: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where the handles (N, 2) lie in the dragged face: p with p + backward(p) = handle."""
    positions = handles.copy()
    for _ in range(_ITERATIONS):
        backward = look_up(motion.backward, positions[None].astype(np.float32))[0]
        positions = 0.5 * (positions + handles - backward)
    return positions


def correct(
    landed: NDArray[np.float64],
    handles: NDArray[np.float64],
    targets: NDArray[np.float64],
    others: NDArray[np.float64],
    reach: float,
    part: float,
) -> Correction:
    """The correction that brings handles to targets, (N, 2), in pixels of the map.

    `landed` (N, 2) says where they lie without it, `others` (M, 2) where the face's landmarks do.
    A handle alone gets all that it misses; of what one among many misses, and its neighbours say
    it should not, about the `part`. None is moved by more than its own drag. 0: no correction.
    """
    if not part:
        nothing = np.zeros((0, 2))
        return Correction(nothing, nothing, np.zeros(0))
    missing = landed - targets
    length = np.linalg.norm(missing, axis=1)
    limit = np.linalg.norm(targets - handles, axis=1)
    missing *= np.minimum(1, limit / np.maximum(length, 1e-9))[:, None]
    farthest = float(np.minimum(length, limit).max())
    steepest = _FALL * farthest * sum(fraction / (width * reach) for width, fraction in _SHARED)
    reach *= max(1.0, steepest / _STEEP)
    apart = np.linalg.norm(others[:, None] - targets, axis=2).min(axis=1)
    staying = others[apart > _APART * reach]
    # What the staying landmarks leave of the process: weights of theirs that undo it there.
    held = in_common(staying, staying, reach) + _STAYING * np.eye(len(staying))
    undoing = np.linalg.solve(held, in_common(staying, targets, reach))
    left = in_common(targets, targets, reach) - in_common(targets, staying, reach) @ undoing
    left += RIDGE * np.eye(len(targets))
    alone = 1 / np.diag(np.linalg.inv(left))  # the variance of each, the others being known
    noise = (1 / part - 1) * (np.diag(left) - alone)
    weights = np.linalg.solve(left + np.diag(noise), missing)
    positions = np.concatenate([targets, staying])
    weights = np.concatenate([weights, -undoing @ weights])
    return Correction(
        np.concatenate([positions] * len(_SHARED)),
        np.concatenate([fraction * weights for _, fraction in _SHARED]),
        np.repeat([width * reach for width, _ in _SHARED], len(positions)),
    )


def some_places(size: int, coarse: int) -> FloatArray:
    """Middles of squares of about `coarse` pixels of a map, (n, n, 2)."""
    while size % coarse:
        coarse -= 1
    return np.asarray(rescaled(grid(size // coarse), coarse), np.float32)


def finer(values: FloatArray, size: int) -> FloatArray:
    """What is known at `some_places` of a map, everywhere in it."""
    return np.asarray(cv2.resize(values, (size, size), interpolation=cv2.INTER_LINEAR), np.float32)


def in_common(
    positions: NDArray[np.float64], others: NDArray[np.float64], reach: float
) -> NDArray[np.float64]:
    """How much the displacements at places (N, 2) and others (M, 2) have in common, (N, M)."""
    squared = np.square(positions[:, None] - others).sum(axis=2)
    total = np.zeros(squared.shape)
    for width, fraction in _SHARED:
        total += fraction * np.exp(-0.5 * squared / (width * reach) ** 2)
    return total


def follow(targets: NDArray[np.float64], offsets: NDArray[np.float64], sigma: float) -> Correction:
    """A smooth displacement that is about `offsets` (N, 2) at `targets` (N, 2)."""
    # Wide enough not to fold: the offset falls by less than half a pixel per pixel.
    sigmas = np.maximum(sigma, 2 * np.linalg.norm(offsets, axis=1))
    squared = np.square(targets[:, None] - targets[None]).sum(axis=2)
    kernel = np.exp(-0.5 * squared / sigmas[None, :] ** 2)
    weights = np.linalg.solve(kernel.T @ kernel + RIDGE * np.eye(len(targets)), kernel.T @ offsets)
    return Correction(targets, weights, sigmas)
