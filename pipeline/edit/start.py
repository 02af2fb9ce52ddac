"""What an edit goes on from, so that edits add up without a loss with each of them.

An edit drags on from where the last one ended. What it changes is put anew into one photo, the
base: the original, or where the mask was changed on the way, the photo as it looked then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.alignment.crop import cut
from photodrag.alignment.landmarks_again import shown_face
from photodrag.checkpoints import Latent
from photodrag.inversion import Inversion

from ..composite.head_motion import STILL, HeadMotion, head_motion
from .values import Start

if TYPE_CHECKING:
    from .values import EditResult


def first_start(photo: Photo, face: Face, inversion: Inversion | None = None) -> Start:
    """The beginning of a photo's first edit."""
    return Start(face, face, photo, inversion)


def continue_from(result: EditResult, mask: NDArray[np.bool_] | None = None) -> Start:
    """Where the next edit begins after a finished one; `mask` is the next one's.

    While the mask stays the same (or there is none), the base stays the same. With another one
    the photo as it looks becomes the base, so that nothing changes outside the new mask.
    """
    shown = shown_face(result.photo, result.start.face)
    start = replace(
        result.start,
        inversion=result.inversion,
        current_face=shown,
        latent=result.dragged,
        rendering=None,
    )
    if same_mask(result.mask, mask):
        return replace(start, all_drags=result.all_drags)
    head = head_so_far(replace(result.start, all_drags=result.all_drags))
    return replace(
        start,
        base=result.photo,
        base_latent=result.dragged,
        base_head=result.start.base_head.then(head),
        all_drags=(),
        base_rendering=None,
    )


def head_so_far(start: Start) -> HeadMotion:
    """How the head has moved since the base."""
    if not start.all_drags:
        return STILL
    original = start.base_latent is None
    landmarks = (start.face if original else shown_face(start.base, start.face)).landmarks
    return head_motion(start.all_drags, landmarks) or STILL


def crop_of_base(
    crop: FaceCrop,
    face: Face,
    base: Photo,
    base_latent: Latent | None,
    head: HeadMotion = STILL,
) -> FaceCrop:
    """The face's square with the landmarks of the base; the original's where it is the original.

    It has gone along with the head, so that it shows the face where the generator paints it.
    """
    if base_latent is None:
        return crop
    shown = shown_face(base, face)
    if head == STILL:
        return replace(crop, face=shown)
    return cut(base, shown, head.moved(crop.inverse), crop.size)


def same_mask(one: NDArray[np.bool_] | None, other: NDArray[np.bool_] | None) -> bool:
    """Whether two masks, or none, allow the same."""
    if one is None or other is None:
        return one is other
    return np.array_equal(one, other)
