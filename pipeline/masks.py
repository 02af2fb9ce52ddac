"""Masks as people give them: a picture file, white may move, black stays, or names."""

from __future__ import annotations

import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import Photo, open_photo
from photodrag.errors import MaskError, PhotoError, PhotoWarning

from .mask_names import check_mask_names, is_mask_name

_BAND = 512  # rows: floats are made of so many at a time


def mask_file(text: str | None) -> Path | None:
    """The file that a mask is read from; None for a mask by name, and for none."""
    return None if text is None or is_mask_name(text) else Path(text)


def choose_mask(text: str | None, size: tuple[int, int]) -> NDArray[np.bool_] | str | None:
    """A mask as people give it, for a photo of (width, height): read from its file, or names.

    MaskError for a name that is not known and a file that cannot be used.
    """
    path = mask_file(text)
    if path is not None:
        return read_mask(path, size)
    if text is not None:
        check_mask_names(text)
    return text


def read_mask(path: str | Path, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Read a mask for a photo of (width, height): (H, W) bool, True where it may move.

    Any picture that a photo may be: True from half of full white; what is transparent counts as
    black. MaskError, one line, for what is no picture, another size, and a mask without white.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", PhotoWarning)  # of colours, which a mask has none of
            picture = open_photo(path)
    except PhotoError as error:
        raise MaskError(f"the mask cannot be used: {error}") from error
    if picture.size != tuple(size):
        raise MaskError(
            f"{path}: the mask has {picture.width}x{picture.height} pixels and the photo "
            f"{size[0]}x{size[1]}; they must be the same"
        )
    mask = np.empty((picture.height, picture.width), np.bool_)
    for top in range(0, picture.height, _BAND):
        rows = slice(top, top + _BAND)
        mask[rows] = _light(picture, rows) >= 0.5
    if not mask.any():
        raise MaskError(
            f"{path}: the mask is all black: nothing may move; paint white where it may"
        )
    mask.flags.writeable = False
    return mask


def _light(picture: Photo, rows: slice) -> NDArray[np.float32]:
    """How white rows of a picture are, 0..1; what is transparent is black."""
    white = float(2**picture.bit_depth - 1)
    light = picture.pixels[rows].mean(axis=2, dtype=np.float32) / white
    if picture.alpha is not None:
        light *= picture.alpha[rows].astype(np.float32) / white
    return np.asarray(light, np.float32)


def encode_mask(mask: NDArray[np.bool_]) -> bytes:
    """A mask (H, W) as a PNG file that `read_mask` gives back; the same bytes for the same mask."""
    file = BytesIO()
    Image.fromarray(mask).save(file, "PNG")
    return file.getvalue()
