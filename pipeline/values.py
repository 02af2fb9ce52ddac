"""What an edit yields on the way and gives back at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo
from photodrag.checkpoints import Latent
from photodrag.drag import DragPoint
from photodrag.inversion import Inversion

from .adjustments import Adjust
from .continuing import Start
from .guide import Look
from .settings import EditSettings

Point = tuple[float, float]
Stages = tuple[tuple[str, int], ...]


@dataclass(frozen=True, eq=False)
class EditStep:
    """One finished step of a stage: "pivot", "w+", "tune", "guide", "drag" or "composite".

    An inversion that was at hand has one step, "cached", instead of its own.
    `index` counts from 1 to at most `total`. `loss` is the perceptual distance to the photo while
    inverting, `distance` the largest distance of a point to its target in photo pixels while
    dragging, and `places` says where each handle is, those of adjustments last. `latent` is the
    latest latent, `look` its small image where the step has painted one.
    """

    stage: str
    index: int
    total: int
    latent: Latent
    loss: float | None = None
    distance: float | None = None
    places: tuple[Point, ...] | None = None
    look: Look | None = None


@dataclass(frozen=True, eq=False)
class EditResult:
    """A finished edit and every value on the way. Points and places are in photo pixels.

    `reached` says where each handle was found at the end, `arrived` whether all of them came near
    enough to their targets (`has_arrived`). `changed` (H, W) marks the only pixels of `photo` that
    may differ from the photo that the change was put into: `start.base`, which is `source` unless
    the edit went on from another one. `stopped_early` says that its drag, or what would have
    followed it, was ended before its time (`finish_early`). `held` are all drags since that photo.
    `adjusted` are those of the points, the last ones, that stand for the adjustments in `adjust`;
    `mask_names` is the mask's name where it has one. `seconds` is per stage; `cached` says that the
    inversion was at hand.
    """

    photo: Photo
    source: Photo
    crop: FaceCrop
    inversion: Inversion
    dragged: Latent
    points: tuple[DragPoint, ...]
    reached: tuple[Point, ...]
    arrived: bool
    changed: NDArray[np.bool_]
    seconds: dict[str, float]
    settings: EditSettings
    start: Start
    held: tuple[DragPoint, ...]
    mask: NDArray[np.bool_] | None = None
    mask_names: str | None = None
    adjust: Adjust = ()
    adjusted: tuple[DragPoint, ...] = ()
    cached: bool = False
    stopped_early: bool = False
