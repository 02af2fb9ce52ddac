"""What is asked for: the one value that says an edit before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment.face_choice import FaceChoice, parse_face
from photodrag.errors import MaskError, PointError

from ..request.adjustments import Adjust, check_adjustments
from ..request.drag_spec import DragSpec, PointInput, as_spec
from ..request.face_drag import FaceDrag
from ..request.mask_names import check_mask_names, is_mask_name
from ..settings import EditSettings

Mask = NDArray[np.bool_] | str | Path
MaskInput = NDArray[np.bool_ | np.uint8] | Image.Image | str | Path
"""What a mask may be given as."""


@dataclass(frozen=True, eq=False, init=False)
class EditRequest:
    """One edit as it is asked for, before there is a photo or a face.

    points: drags. When made, each may be a text as on the command line
        ("mouth_left->-5%,-4%"), a pair ((x, y), (x, y)) of handle and target in photo pixels, a
        `DragPoint`, `DragSpec` or `FaceDrag`.
    adjust: adjustments by name, {"smile": 0.6} or pairs, within the bounds that `ADJUSTMENTS` has.
    mask: what may change: an array (H, W) of the photo's size, True (or white, in uint8) where it
        may, or an image of Pillow; the name of a part of the face, "mouth+eyes" (see
        `MASKS`); or the path of a picture of the photo's size. None: wherever the face changes.
    settings: None: those of the run.
    face: which face, or all: a number (1 is the largest), a text as on the command line
        ("nearest:310,420", "all"), or a `FaceChoice`.

    PointError, MaskError or FaceNumberError for what cannot be read. Two requests are equal if
    they ask for the same.

    >>> EditRequest(["mouth_left->-5%,-4%"], {"eyes_open": 0.5}, mask="mouth+eyes")
    """

    points: tuple[DragSpec | FaceDrag, ...]
    adjust: Adjust
    mask: Mask | None
    settings: EditSettings | None
    face: FaceChoice

    def __init__(
        self,
        points: Sequence[PointInput] = (),
        adjust: Mapping[str, float] | Iterable[tuple[str, float]] = (),
        mask: MaskInput | None = None,
        settings: EditSettings | None = None,
        face: FaceChoice | int | str = 1,
    ):
        values = {
            "points": tuple(as_spec(point) for point in _listed(points)),
            "adjust": check_adjustments(_pairs(adjust)),
            "mask": _checked_mask(mask),
            "settings": settings,
            "face": face if isinstance(face, FaceChoice) else parse_face(str(face)),
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.points and not self.adjust

    @property
    def mask_names(self) -> str | None:
        """The mask's name, where it has one."""
        return self.mask if isinstance(self.mask, str) else None

    @property
    def mask_file(self) -> Path | None:
        """The picture that the mask is read from, where it is one."""
        return self.mask if isinstance(self.mask, Path) else None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EditRequest):
            return NotImplemented
        mine, others = ((one.points, one.adjust, one.settings, one.face) for one in (self, other))
        return mine == others and _same(self.mask, other.mask)

    __hash__ = None  # type: ignore[assignment]


def _listed(points: Any) -> Sequence[PointInput]:
    if isinstance(points, str):
        raise PointError(f"the drags are the text {points!r:.60}; give a list of drags")
    listed: Sequence[PointInput] = points
    return listed


def _pairs(adjust: Any) -> Iterable[tuple[str, float]]:
    if isinstance(adjust, Mapping):
        return list(adjust.items())
    pairs = [] if isinstance(adjust, str) else list(adjust)
    if isinstance(adjust, str) or not all(
        isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs
    ):
        raise PointError(f'the adjustments are {adjust!r:.60}; give them as {{"smile": 0.6}}')
    return [(name, value) for name, value in pairs]


def _checked_mask(mask: Any) -> Mask | None:
    if mask is None or isinstance(mask, Path):
        return mask
    if isinstance(mask, str):
        if is_mask_name(mask):
            check_mask_names(mask)
            return mask
        return Path(mask)
    if isinstance(mask, Image.Image):
        mask = mask.convert("L")
    array = np.array(mask)
    if array.dtype == np.uint8:
        array = array >= 128  # half of full white, as in a mask's file
    if array.dtype != np.bool_ or array.ndim != 2:
        raise MaskError(
            f"the mask is {array.dtype} of shape {array.shape}; it must be bool, or uint8, of "
            "shape (height, width), True or white where the photo may change"
        )
    array.flags.writeable = False
    return array


def _same(one: Mask | None, other: Mask | None) -> bool:
    if isinstance(one, np.ndarray) or isinstance(other, np.ndarray):
        return (
            isinstance(one, np.ndarray)
            and isinstance(other, np.ndarray)
            and np.array_equal(one, other)
        )
    return one == other
