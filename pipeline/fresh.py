"""What is new in an opened mouth, painted by the network as it was before tuning.

Tuning makes the generator paint one photo, and it forgets what that does not show: the teeth behind
closed lips come out blurred, and in the colour of skin. From the same latent the untuned network
paints them as sharp as ever, in a face of which nothing else is used. Where the photo shows teeth,
tuning has learned them, and they stay.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.checkpoints import Generator, Latent

from .correction import follow
from .motion import grid, look_up
from .painted import LIPS, PaintedMarks, image_marks, mouth_gap, to_map
from .picture import paint

_SHUT = 0.05  # of the eye distance: a mouth further open shows teeth, and they are the person's own
_OPEN = 0.5  # of the dragged mouth's gap: one less open has too little to show
_REACH = 0.06  # of the map's side, of a lip's landmark
_COARSE = 4  # px of the map between places where the way to the other mouth is computed

Image = NDArray[np.uint8]
Painter = Callable[[], Image]


def untuned_painter(
    generator: Generator, latent: Latent, by: Callable[[Generator, Latent], Image] = paint
) -> Painter | None:
    """Paints a latent by the network that a generator was tuned from; None where it was not."""
    return None if generator.original is None else partial(by, generator.original, latent)


def fresh_mouth(fresh: Painter | None, crop: FaceCrop, marks: PaintedMarks | None) -> Image | None:
    """Another painted face (S, S, 3) uint8 with its mouth where the dragged one has its own.

    None where no shut mouth has opened, nothing else paints it, or it is not open enough there.
    What is not near the mouth means nothing.
    """
    if fresh is None or marks is None or not marks.opening:
        return None
    if mouth_gap(marks.before) > _SHUT * marks.eye_distance:
        return None
    image = fresh()
    found = to_map(image_marks(image, crop), len(image), marks.size)
    if mouth_gap(found) < _OPEN * mouth_gap(marks.after):
        return None
    way = follow(marks.after[LIPS], found[LIPS] - marks.after[LIPS], _REACH * marks.size)
    size = len(image)
    offset = way.everywhere(marks.size, _COARSE) * np.float32(size / marks.size)
    places = grid(size) + cv2.resize(offset, (size, size), interpolation=cv2.INTER_LINEAR)
    moved = look_up(image.astype(np.float32), places)
    return np.asarray(moved.round().clip(0, 255), np.uint8)
