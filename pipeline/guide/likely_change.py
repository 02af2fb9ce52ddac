"""The most likely change of w that moves landmarks as wanted, found by trying.

`LandmarkStatistics` say how landmarks move with w on the average over faces; a face of its own
moves more or less. So the slopes are learned from each try (Broyden 1965, "A class of methods for
solving nonlinear simultaneous equations"), and each new try is the most likely change as a whole,
from the start: what moves landmarks little is hardly used, instead of being added up until it
does, and a drag back finds the way that the drag there went.

From face to face, a few landmarks move together far in some ways (a head turns, a mouth widens),
and hardly in all others. To follow such a way changes the whole face, and a drag back does not
undo that: principal ways of a small spread can be left alone.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .landmark_statistics import LANDMARKS, LandmarkStatistics

_ASKED = 0.3  # of the squared length of what is wanted: then a way is led, whatever its spread
_PROGRESS = 0.93  # a try that leaves more than this part of what is to be made small is no progress
Floats = NDArray[np.float64]


class LikelyChange:
    """Tries by turns: `propose` a change of w, `learn` what it did to the places.

    `weights` (N, 68) says of which landmarks each place is a weighted mean; `wanted` (N, 2) how far
    the places should move, in percent of the image's side; `noise` how exactly that is meant.
    Places and ways below are in that unit, too. The principal ways of the places (eigenvectors of
    their covariance) whose standard deviation over faces is below `least_spread` are left alone,
    unless one makes up more than 30 % of the squared length of what is wanted. So a place that
    should go a little beside others that should go far may be taken along by these instead. The
    deviation of a way in which N places go together grows with the root of N.
    """

    def __init__(
        self,
        statistics: LandmarkStatistics,
        weights: Floats,
        wanted: Floats,
        noise: float,
        least_spread: float = 0.0,
    ):
        self._noise = noise
        spread, cross = (
            part.detach().cpu().double().numpy() for part in (statistics.spread, statistics.cross)
        )
        rows = np.kron(weights, np.eye(2))
        variances, displacements = np.linalg.eigh(rows @ spread @ rows.T)
        asked = np.square(displacements.T @ wanted.ravel())
        led = (variances.clip(0) >= least_spread**2) | (asked > _ASKED * asked.sum())
        self._ways = displacements.T[led]
        rows, self._wanted = self._ways @ rows, self._ways @ wanted.ravel()
        self._all = spread @ rows.T
        self._within, self._cross = rows @ self._all, rows @ cross
        count = len(self._wanted)
        self._slopes = np.eye(count)
        # A change is a weighted sum of the rows of `_cross`; the best one so far, and where to.
        self._weights, self._moved = np.zeros(count), np.zeros(count)
        self._least = self._cost(self._weights, self._moved)
        self._tried, self._part = self._weights, 1.0

    def propose(self) -> Tensor:
        """The next change of w before its activation, (w_dim,) float64, from the start."""
        slopes, within = self._slopes, self._within
        seen = slopes @ within @ slopes.T + self._noise**2 * np.eye(len(slopes))
        left = self._wanted - self._moved + slopes @ (within @ self._weights)
        likely = slopes.T @ np.linalg.solve(seen, left)
        self._tried = self._weights + self._part * (likely - self._weights)
        return torch.from_numpy(self._tried @ self._cross)

    def expected(self) -> Floats:
        """How all landmarks (68, 2) should move by what was proposed, beyond the best so far."""
        further: Floats = self._all @ (self._tried - self._weights)
        return further.reshape(LANDMARKS, 2)

    def learn(self, moved: Floats) -> tuple[bool, bool]:
        """What was proposed has moved the places (N, 2) from their start.

        Whether that is better than all before, and whether by much.
        """
        found = self._ways @ moved.ravel()
        further = self._tried - self._weights
        step = self._within @ further
        length = float(further @ step)
        if length > 0:
            missed = found - self._moved - self._slopes @ step
            self._slopes = self._slopes + np.outer(missed, further) / length
        cost = self._cost(self._tried, found)
        if cost >= self._least:
            self.shorten()
            return False, False
        much = cost < _PROGRESS * self._least
        self._weights, self._moved, self._least, self._part = self._tried, found, cost, 1.0
        return True, much

    def shorten(self) -> None:
        """Go half as far from the best so far with the next proposal."""
        self._part /= 2

    def _cost(self, weights: Floats, moved: Floats) -> float:
        """How unlikely: what is missing, against the noise, and the change itself."""
        missing = (self._wanted - moved) / self._noise
        return float(missing @ missing + weights @ self._within @ weights)
