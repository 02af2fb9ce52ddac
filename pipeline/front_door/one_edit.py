"""`photodrag.edit`: a photo in any form in, the edited photo out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import Photo, as_photo

from ..edit.edit_request import EditRequest, MaskInput
from ..edit.edit_run import EditRun
from ..request.drag_spec import PointInput
from ..settings import EditSettings
from .choices import Cache, choose_cache, choose_settings
from .edited_photo import EditedPhoto

PhotoLike = (
    Photo | Image.Image | NDArray[np.uint8 | np.uint16] | bytes | str | PathLike[str] | BinaryIO
)


def edit(
    image: PhotoLike,
    drags: Sequence[PointInput] = (),
    *,
    adjust: Mapping[str, float] | Iterable[tuple[str, float]] = (),
    mask: MaskInput | None = None,
    preset: str | EditSettings = "auto",
    device: str | torch.device = "auto",
    cache: Cache = True,
    progress: Callable[[float], object] | None = None,
) -> EditedPhoto:
    """Edit the largest face of a photo and wait for the result.

    Args:
        image: a path, a whole file as bytes, an open binary file, an image of Pillow, an array
            (H, W), (H, W, 3) or (H, W, 4) of uint8 or uint16, or a `Photo`.
        drags: each a text as on the command line, "mouth_left->-5%,-4%"; a pair
            ((x, y), (x, y)) of handle and target in pixels of the photo; or
            {"handle": ..., "target": ...}.
        adjust: adjustments by name, {"smile": 0.6}; `photodrag.ADJUSTMENTS` has them all.
        mask: what may change: an array (H, W) of bool or uint8, an image of Pillow, or the path
            of a picture, of the photo's size, white where it may; or parts of the face by name,
            "mouth+eyes". None: wherever the face changes.
        preset: "auto" inverts the face as deep as the edit needs; "instant", "quick", "default" or
            "thorough" as deep as they say; "official" drags as the published code does. Or
            settings of your own.
        device: where to compute; "auto" takes a GPU where there is one.
        cache: where the face's inversion is kept, so that a second edit of the photo starts at
            once. True: with those of the command line; a folder; or None.
        progress: called after each step with how much is done, 0..1.

    Returns:
        The edited photo: `.image` for Pillow, `.photo`, `.changed`, `.report()`, `.save(path)`.

    Raises:
        PhotodragError: the photo, the face, a drag, an adjustment or the mask cannot be used; the
            message says why and what to try. Its subclasses say what kind.

    >>> done = edit("me.jpg", ["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"])
    >>> done.save("smile.jpg")
    >>> edit("me.jpg", adjust={"smile": 0.6, "yaw": 5}).image.show()

    """
    label = Path(image).name if isinstance(image, str | PathLike) else None
    request = EditRequest(drags, adjust, mask, choose_settings(preset))
    run = EditRun(as_photo(image), request, device=device, cache=choose_cache(cache, label))
    for _ in run:
        if progress is not None:
            progress(run.fraction)
    return EditedPhoto(run.result)
