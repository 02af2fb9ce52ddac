"""A latent whose lips have parted, found by pushing them further until they do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks, mouth_gap
from photodrag.alignment.face_parts import LIP_PAIRS
from photodrag.checkpoints import Generator, Latent

from .landmark_statistics import LANDMARKS, find_statistics
from .likely_change import LikelyChange
from .painted_face import painted_landmarks
from .painting import paint_small
from .run import REVEALING, changed, detail_rows

_NEAR = 0.2  # of the gap: as wide as asked
_USABLE = (0.7, 2.0)  # of the gap: what still shows what it should
_LOOKS = 7


def open_mouth(generator: Generator, latent: Latent, crop: FaceCrop, gap: float) -> Latent | None:
    """The latent with its lips about `gap`, of the image's side, apart, or further.

    As it is where they are already. Else the likeliest change that parts them is added, once,
    twice, four times and so on until they part, and less again until they part as far as asked; in
    the rows up to 64x64, which paint teeth. None where they never part about so far, or nothing is
    known of the generator's landmarks.
    """
    statistics = find_statistics(generator)
    if statistics is None:
        return None
    (upper, lower), half = zip(*LIP_PAIRS, strict=True), 50 * gap
    displacements = np.array([(0.0, -half)] * len(upper) + [(0.0, half)] * len(lower))
    weights = np.eye(LANDMARKS)[[*upper, *lower]]
    change = LikelyChange(statistics, weights, displacements, REVEALING).propose()
    w, rows = generator.check(latent), detail_rows(generator)

    def weight(tried: Latent) -> float:
        image = paint_small(generator, tried)
        return mouth_gap(painted_landmarks(image, crop)) / (gap * len(image))

    if weight(latent) > 1 - _NEAR:
        return latent
    best, nearest = None, np.inf
    push: Push | None = Push()
    while push is not None:
        tried = changed(generator, w, push.times * change, rows)
        parted = weight(tried)
        if _USABLE[0] < parted < _USABLE[1] and abs(parted - 1) < nearest:
            best, nearest = tried, abs(parted - 1)
        push = push.next(parted)
    return best


def likely_displacements(
    generator: Generator, numbers: Sequence[int], displacements: Landmarks
) -> Landmarks | None:
    """How all landmarks (68, 2) move where those of some numbers go ways (N, 2), all of the side.

    None where nothing is known of the generator's landmarks.
    """
    statistics = find_statistics(generator)
    if statistics is None:
        return None
    change = LikelyChange(statistics, np.eye(LANDMARKS)[[*numbers]], 100 * displacements, REVEALING)
    change.propose()
    return change.expected() / 100


@dataclass(frozen=True)
class Push:
    """A try: how many `times` as far as likely; `too_little` and `too_much` are known as such."""

    times: float = 1.0
    too_little: float = 0.0
    too_much: float | None = None
    renderings: int = 1

    def next(self, weight: float) -> Push | None:
        """After lips that have parted by a share of the gap; None where the search ends."""
        if abs(weight - 1) < _NEAR or self.renderings == _LOOKS:
            return None
        if weight < 1:
            known = replace(self, too_little=self.times)
        else:
            known = replace(self, too_much=self.times)
        low, high = known.too_little, known.too_much
        times = 2 * self.times if high is None else (low + high) / 2
        return replace(known, times=times, renderings=self.renderings + 1)
