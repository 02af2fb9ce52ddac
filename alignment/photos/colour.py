"""Colour spaces: from a photo's own ICC profile to sRGB and back, through LittleCMS."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from functools import lru_cache, partial
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from photodrag.errors import PhotoWarning

_INTENT = ImageCms.Intent.RELATIVE_COLORIMETRIC
_FLAGS = ImageCms.Flags.BLACKPOINTCOMPENSATION
_ROWS_AT_ONCE = 256


class _Transforms(NamedTuple):
    """A photo's colour space to sRGB, and back."""

    to_srgb: ImageCms.ImageCmsTransform
    from_srgb: ImageCms.ImageCmsTransform
    mode: str  # Pillow's name of the pixels on the photo's side: "L" or "RGB"


def to_eight_bit(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Pixels of 8 or 16 bits as 8 bits, rounded to nearest; any shape."""
    if pixels.dtype == np.uint8:
        return pixels
    eight = np.empty(pixels.shape, np.uint8)
    for top in range(0, len(pixels), _ROWS_AT_ONCE):  # in bands: 32 bits are needed in between
        band = pixels[top : top + _ROWS_AT_ONCE].astype(np.uint32)
        eight[top : top + _ROWS_AT_ONCE] = (band + 128) // 257
    return eight


def to_srgb(pixels: NDArray[Any], icc_profile: bytes | None, grey: bool) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 or uint16 in the profile's space => (H, W, 3) uint8 in sRGB.

    Without a profile the pixels are taken for sRGB. So are they, with a PhotoWarning, where the
    profile cannot be used. `grey` says that the three channels are one, with a grey profile.
    """
    eight = to_eight_bit(pixels)
    transforms = _usable(icc_profile, grey)
    if transforms is None:
        return eight
    source = np.ascontiguousarray(eight[..., 0]) if transforms.mode == "L" else eight
    return np.asarray(_apply(transforms.to_srgb, Image.fromarray(source)))


def from_srgb(image: NDArray[np.uint8], icc_profile: bytes | None, grey: bool) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 in sRGB => (H, W, 3) uint8 in the profile's space; the way back of `to_srgb`.

    With `grey` the three channels that come back are equal.
    """
    transforms = _usable(icc_profile, grey)
    picture = Image.fromarray(image)
    if transforms is not None:
        picture = _apply(transforms.from_srgb, picture)
    if grey:
        picture = picture.convert("L").convert("RGB")
    return np.asarray(picture)


def printed_to_srgb(
    mode: str, icc_profile: bytes | None
) -> tuple[Callable[[Image.Image], Image.Image], bool]:
    """What makes pictures of mode CMYK or LAB RGB in sRGB, and whether the profile can be used.

    CMYK without a usable profile is converted by plain arithmetic.
    """
    source: ImageCms.ImageCmsProfile | None = None
    if mode == "LAB":
        source, icc_profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")), None
    elif icc_profile is not None:
        source = _read_profile(icc_profile)
    if source is not None:
        try:
            transform = ImageCms.buildTransform(
                source, ImageCms.createProfile("sRGB"), mode, "RGB", _INTENT, _FLAGS
            )
            return partial(_apply, transform), True
        except ImageCms.PyCMSError:
            pass
    return (lambda picture: picture.convert("RGB")), icc_profile is None


def _usable(icc_profile: bytes | None, grey: bool) -> _Transforms | None:
    if icc_profile is None:
        return None
    transforms = _transforms(icc_profile, grey)
    if transforms is None:
        warnings.warn(
            "the photo's ICC profile cannot be used; its colours are taken for sRGB",
            PhotoWarning,
            stacklevel=3,
        )
    return transforms


@lru_cache(maxsize=8)
def _transforms(icc_profile: bytes, grey: bool) -> _Transforms | None:
    """Both ways, or None where either is impossible: one without the other would shift colours."""
    profile = _read_profile(icc_profile)
    if profile is None:
        return None
    space = icc_profile[16:20]  # the header's field, as bytes: a damaged one need not be text
    mode = "L" if space == b"GRAY" and grey else "RGB"
    srgb = ImageCms.createProfile("sRGB")
    try:
        return _Transforms(
            ImageCms.buildTransform(profile, srgb, mode, "RGB", _INTENT, _FLAGS),
            ImageCms.buildTransform(srgb, profile, "RGB", mode, _INTENT, _FLAGS),
            mode,
        )
    except ImageCms.PyCMSError:
        return None


def _read_profile(icc_profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(BytesIO(icc_profile))
    except (OSError, ImageCms.PyCMSError):
        return None


def _apply(transform: ImageCms.ImageCmsTransform, picture: Image.Image) -> Image.Image:
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None  # only a transform in place returns nothing
    return converted
