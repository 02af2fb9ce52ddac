"""What is to be dragged on a painted face."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.face_measures import Landmarks
from photodrag.drag import DragPoint


@dataclass(frozen=True, eq=False)
class FaceDragTask:
    """Drags of a face and its landmarks (68, 2), in pixels of the generator's image.

    mask: (R, R) of that image's size, True where it may move. None: everywhere.
    anchors: the numbers of landmarks that should stay where they are.
    exact: whether points beside landmarks must arrive by themselves. An edit's need not: its
        composite leads the photo's pixels to the targets.
    """

    points: tuple[DragPoint, ...]
    landmarks: Landmarks
    mask: NDArray[np.bool_] | None = None
    anchors: tuple[int, ...] = ()
    exact: bool = True
