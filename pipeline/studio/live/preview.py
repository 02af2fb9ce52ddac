"""The whole photo made small for the page."""

from __future__ import annotations

import math
from dataclasses import replace
from io import BytesIO

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.alignment import Photo
from photodrag.errors import PhotoError

from ..protocol.events import Box
from ..protocol.views import Picture

Pixels = NDArray[np.uint8]
_QUALITY = 92
_FRAME_QUALITY = 85
JPEG = "image/jpeg"


def shrink(photo: Photo, side: int) -> Pixels:
    """The photo in sRGB, its longest side at most `side` pixels, (h, w, 3) uint8, read only."""
    size = preview_size(photo.size, side)
    if size == photo.size:
        return photo.srgb()
    small = np.asarray(cv2.resize(photo.pixels, size, interpolation=cv2.INTER_AREA))
    return photo.to_srgb(small)


def preview_size(size: tuple[int, int], side: int) -> tuple[int, int]:
    """(width, height) of a photo's preview."""
    scale = min(1.0, side / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def show(photo: Photo, pixels: Pixels) -> Picture:
    """A preview of `shrink` as a file that browsers know; transparent where the photo is."""
    height, width = pixels.shape[:2]
    file = BytesIO()
    if photo.alpha is None:
        Image.fromarray(pixels).save(file, "JPEG", quality=_QUALITY, subsampling=0)
        return Picture(file.getvalue(), JPEG, (width, height))
    alpha = cv2.resize(photo.alpha, (width, height), interpolation=cv2.INTER_AREA)
    if photo.bit_depth == 16:
        alpha = (alpha // 257).astype(np.uint8)
    with_alpha = np.dstack([pixels, np.asarray(alpha, np.uint8)])
    Image.fromarray(with_alpha).save(file, "WEBP", quality=_QUALITY, method=2)
    return Picture(file.getvalue(), "image/webp", (width, height))


def show_part(photo: Photo, box: Box, side: int) -> Picture:
    """A part of a photo at its own resolution, or smaller so that `side` px are the most."""
    left, top = max(math.floor(box[0]), 0), max(math.floor(box[1]), 0)
    right, bottom = min(math.ceil(box[2]), photo.width), min(math.ceil(box[3]), photo.height)
    if not (left < right and top < bottom):
        raise PhotoError(f"the part {box} lies outside the photo")
    part = np.s_[top:bottom, left:right]
    alpha = None if photo.alpha is None else photo.alpha[part]
    cut = replace(photo, pixels=photo.pixels[part], alpha=alpha)
    return show(cut, shrink(cut, side))


def pixels_of(picture: Picture) -> Pixels:
    """What a picture of `show` shows, (h, w, 3) uint8."""
    with Image.open(BytesIO(picture.data)) as image:
        return np.asarray(image.convert("RGB"))


def encode_part(pixels: Pixels) -> bytes:
    """A part of the picture on its way, (h, w, 3) uint8, as a JPEG."""
    settings = [cv2.IMWRITE_JPEG_QUALITY, _FRAME_QUALITY]
    return bytes(cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), settings)[1])


def show_mask(mask: NDArray[np.bool_], size: tuple[int, int]) -> Picture:
    """A mask (H, W) as a grey PNG of (width, height): white may change."""
    grey = mask.astype(np.uint8)
    grey *= 255
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return Picture(bytes(cv2.imencode(".png", small)[1]), "image/png", size)
