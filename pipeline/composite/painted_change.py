"""What the generator painted of an edit: the input of a composite, besides the photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.face_measures import Landmarks
from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint

from ..guide.painting import paint
from .landmark_motion import LandmarkMotion
from .new_mouth import FacePainter, untuned_painter

Image = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class PaintedChange:
    """A face as it was painted before and after a change, and the drags that made it.

    before, after: (S, S, 3) uint8 sRGB, of the face's square.
    drags: in photo pixels, all since `before`; one that begins between the lids turns the eye,
        whatever is painted (`turn_eyes`).
    landmarks: those of `before`, (68, 2) in its pixels, where they were found already.
    landmark_motion: the landmarks of both, where they were found already, in pixels of a map of
        side `CompositeSettings.flow_size`.
    untuned: paints `after` by the generator as it was before tuning; it is asked where the mouth
        has opened, or should have. None: what is new in a mouth is painted as in `after`.
    """

    before: Image
    after: Image
    drags: tuple[DragPoint, ...]
    landmarks: Landmarks | None = None
    landmark_motion: LandmarkMotion | None = None
    untuned: FacePainter | None = None


def painted_change(
    generator: Generator,
    latent: Latent,
    before: Image,
    drags: Sequence[DragPoint],
    after: Image | None = None,
    by: Callable[[Generator, Latent], Image] = paint,
) -> PaintedChange:
    """The change from `before`, (S, S, 3), to a latent, painted `by` a function.

    `after` is the latent's image where it was painted already.
    """
    after = by(generator, latent) if after is None else after
    untuned = untuned_painter(generator, latent, by)
    return PaintedChange(before, after, tuple(drags), untuned=untuned)
