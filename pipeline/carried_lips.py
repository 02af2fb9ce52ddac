"""Drags of lips that go on from earlier ones: told by their landmarks, as no motion could.

Where lips touch, the motion does not tell the upper from the lower one, and neither does the
predictor always see how far they have parted. So what an adjustment does to them is added to what
was done before.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .painted import LIP_PAIRS, LIPS

_AT = 0.005  # of the eye distance; a drag that begins so near to a lip's landmark is that one's

Places = NDArray[np.float64]


def earlier_lips(begins: Places, landmarks: Places, eyes: float) -> dict[int, int]:
    """Of drags that begin at places (N, 2), by landmark the number of the one that is a lip's.

    `landmarks` (68, 2) are those of the same picture, `eyes` is its eye distance.
    """
    away = np.linalg.norm(begins[:, None] - landmarks[LIPS], axis=2)
    return {
        LIPS.start + int(row.argmin()): number
        for number, row in enumerate(away)
        if row.min() < _AT * eyes
    }


def lip_ends(
    handles: Places, targets: Places, lips: Mapping[int, int], earlier: Mapping[int, Places]
) -> dict[int, Places]:
    """Where drags of lips end, by their number, once they are added to `earlier` ends.

    Those are by landmark, as `lips` are by the number of the drag; `handles` and `targets` (N, 2)
    are as the face was seen between. A gap that is seen to narrow by a part does so.
    """
    known = {mark: number for number, mark in lips.items() if mark in earlier}
    ends = {n: earlier[mark] + targets[n] - handles[n] for mark, n in known.items()}
    for upper, lower in LIP_PAIRS:
        if not {upper, lower} <= known.keys():
            continue
        one, other = known[upper], known[lower]
        before, after = (places[other, 1] - places[one, 1] for places in (handles, targets))
        if 0 <= after < before:
            middle = (ends[one] + ends[other]) / 2
            half = (earlier[lower] - earlier[upper]) * (after / before) / 2
            ends[one], ends[other] = middle - half, middle + half
    return ends
