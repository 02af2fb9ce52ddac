"""Between the photo and what the generator paints of it: the head may have moved as one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks
from photodrag.alignment.resampling import invert
from photodrag.drag import DragPoint
from photodrag.frames import rescaled

from ..composite.head_motion import STILL, HeadMotion, head_motion
from .start import head_so_far
from .values import Start


@dataclass(frozen=True, eq=False)
class PaintedFrame:
    """Where things of the photo are as the generator paints the face.

    square: the face's square, gone along with the head from the original to the edit's base.
    begin, end: how the head has moved since, until the edit begins, and when it is done.
    """

    square: FaceCrop
    begin: HeadMotion
    end: HeadMotion

    def landmarks(self, shown: Landmarks, size: int) -> Landmarks:
        """Landmarks (68, 2) of the photo as the edit begins, in pixels of an image of side size."""
        return self.square.to_size(self.square.to_crop(self.begin.undone(shown)), size)

    def painted_drags(self, points: Sequence[DragPoint]) -> tuple[DragPoint, ...]:
        """The edit's drags without how the head moves as one, in photo pixels of the base."""
        return tuple(
            self.end.rest(point, tuple(self.begin.undone(np.array(point.handle)).tolist()))
            for point in points
        )

    def earlier_drags(self, drags: Sequence[DragPoint]) -> tuple[DragPoint, ...]:
        """The same of drags from the base to the edit's beginning."""
        return tuple(self.begin.rest(drag, drag.handle) for drag in drags)

    def as_shown(self, drags: Sequence[DragPoint]) -> tuple[DragPoint, ...]:
        """Painted drags with how the head moves as one, as the edit leaves the photo."""
        if self.end == STILL:
            return tuple(drags)
        ends = self.end.at(np.array([drag.target for drag in drags]).reshape(-1, 2))
        pairs = zip(drags, ends.tolist(), strict=True)
        return tuple(DragPoint(drag.handle, (end[0], end[1])) for drag, end in pairs)

    def to_photo(self, positions: NDArray[np.float64], resolution: int) -> NDArray[np.float64]:
        """Positions (N, 2) in the generator's image => in the photo as it will be."""
        in_crop = rescaled(positions, self.square.size / resolution)
        return self.end.at(self.square.to_photo(in_crop))


def painted_frame(crop: FaceCrop, start: Start, points: Sequence[DragPoint]) -> PaintedFrame:
    """The frame of an edit that drags `points`, in photo pixels; `crop` is the original's."""
    begin = head_so_far(start)
    moved = head_motion(points, start.current_face.landmarks)
    square = crop
    if start.base_head != STILL:
        inverse = start.base_head.moved(crop.inverse)
        square = replace(crop, inverse=inverse, transform=invert(inverse))
    return PaintedFrame(square, begin, begin if moved is None else begin.then(moved))
