"""What an edit yields on the way and gives back at the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.checkpoints import Latent
from photodrag.drag import DragPoint
from photodrag.inversion import Inversion

from ..guide.painted_face import RenderedFace
from ..request.adjustments import Adjust
from ..settings import EditSettings

Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class EditStep:
    """One finished step of a stage: "pivot", "w+", "tune", "guide", "drag" or "composite".

    An inversion that was at hand has one step, "cached", instead of its own.
    `index` counts from 1 to at most `total`. `loss` is the perceptual distance to the photo while
    inverting, `distance` the largest distance of a point to its target in photo pixels while
    dragging, and `positions` says where each handle is, those of adjustments last. `latent` is the
    latest latent, `rendering` its small image where the step has painted one. `purpose` says, in a
    word, for what the edit tunes the generator, where it has chosen to.
    """

    stage: str
    index: int
    total: int
    latent: Latent
    loss: float | None = None
    distance: float | None = None
    positions: tuple[Point, ...] | None = None
    rendering: RenderedFace | None = None
    purpose: str | None = None


@dataclass(frozen=True, eq=False)
class EditResult:
    """A finished edit and every value on the way. Points and places are in photo pixels.

    `reached` says where each handle was found at the end, `arrived` whether all of them came near
    enough to their targets (`has_arrived`). `changed` (H, W) marks the only pixels of `photo` that
    may differ from the photo that the change was put into: `start.base`, which is `source` unless
    the edit went on from another one. `stopped_early` says that its drag, or what would have
    followed it, was ended before its time (`finish_early`). `all_drags` are those since that photo.
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
    all_drags: tuple[DragPoint, ...]
    mask: NDArray[np.bool_] | None = None
    mask_names: str | None = None
    adjust: Adjust = ()
    adjusted: tuple[DragPoint, ...] = ()
    cached: bool = False
    stopped_early: bool = False


@dataclass(frozen=True, eq=False)
class Start:
    """Where an edit begins. A place is in photo pixels.

    `face` is the face as found in the original photo, `current_face` the same one as the photo
    looks now; `base` is the photo that the change is put into. `inversion` is that of the original;
    without it, it is made. `latent` is where the drag begins and `base_latent` what the base shows
    (None: the inversion's). `all_drags` are the drags that were put into the base so far, from
    where each place is in the base to where it is now. `crop`, the face's square of the original,
    `rendering`, how the face is painted where the drag begins, and `base_rendering`, how what the
    base shows is painted at full size, only save time where they are at hand.
    """

    face: Face
    current_face: Face
    base: Photo
    inversion: Inversion | None = None
    latent: Latent | None = None
    base_latent: Latent | None = None
    all_drags: tuple[DragPoint, ...] = ()
    crop: FaceCrop | None = None
    rendering: RenderedFace | None = None
    base_rendering: RenderedFace | None = None

    @property
    def has_latents(self) -> bool:
        """Whether it has latents, which hold only with the inversion that they were found with."""
        return self.latent is not None or self.base_latent is not None
