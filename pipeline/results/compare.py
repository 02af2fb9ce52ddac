"""Before and after, side by side, with the drags drawn on the first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from photodrag.alignment import FaceCrop, Photo
from photodrag.frames import rescaled

from ..edit.values import EditResult, Point

COMPARE_HEIGHT = 1024
_ROOM = 1.25  # how much more than the face's square is shown
_GAP = 1 / 64  # of the height, between the two
_MOST_ENLARGED = 2.0
_MANY = 12  # points, that would hide each other: as adjustments have them
_HANDLE, _TARGET, _LINE, _SHADE = "#ff3b30", "#2f7cff", "#ffffff", "#000000"


def compare_picture(result: EditResult, height: int = COMPARE_HEIGHT) -> NDArray[np.uint8]:
    """The face with some room around it, before | after, (height, W, 3) uint8 sRGB.

    Red dots are the handles, blue ones the targets. A small face is enlarged at most twice.
    """
    region = face_region(result.crop, result.source.size)
    left, top, right, bottom = region
    scale = min(height / (bottom - top), _MOST_ENLARGED)
    size = (max(1, round((right - left) * scale)), max(1, round((bottom - top) * scale)))
    before, after = (_shown(photo, region, size) for photo in (result.source, result.photo))
    draw = ImageDraw.Draw(before)
    many = len(result.points) > _MANY
    for point in result.points:
        handle, target = (
            (rescaled(x - left, scale), rescaled(y - top, scale))
            for x, y in (point.handle, point.target)
        )
        _draw_drag(draw, handle, target, size[1] / (800 if many else 400))
    gap = max(2, round(size[1] * _GAP))
    sheet = Image.new("RGB", (2 * size[0] + gap, size[1]), "white")
    sheet.paste(before, (0, 0))
    sheet.paste(after, (size[0] + gap, 0))
    return np.array(sheet)


def compare_pictures(results: Sequence[EditResult]) -> NDArray[np.uint8]:
    """The comparisons of several faces, one below the other, (H, W, 3) uint8 sRGB."""
    rows = [compare_picture(result) for result in results]
    width = max(row.shape[1] for row in rows)
    gap = max(2, round(rows[0].shape[0] * _GAP))
    widened = [
        np.pad(row, ((gap, 0), (0, width - row.shape[1]), (0, 0)), constant_values=255)
        for row in rows
    ]
    return np.concatenate(widened)[gap:]


def face_region(crop: FaceCrop, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right, bottom of the part of a photo of (width, height) that shows the face."""
    last = crop.size - 1
    corners = crop.to_photo(np.array([(0, 0), (last, 0), (last, last), (0, last)]))
    centre = corners.mean(axis=0)
    reach = (corners.max(axis=0) - corners.min(axis=0)) / 2 * _ROOM
    left, top = np.maximum(np.floor(centre - reach), 0).astype(int).tolist()
    right, bottom = np.minimum(np.ceil(centre + reach) + 1, size).astype(int).tolist()
    return left, top, right, bottom


def _shown(photo: Photo, region: tuple[int, int, int, int], size: tuple[int, int]) -> Image.Image:
    left, top, right, bottom = region
    picture = Image.fromarray(
        np.ascontiguousarray(photo.to_srgb(photo.pixels[top:bottom, left:right]))
    )
    return picture.resize(size, Image.Resampling.LANCZOS)


def _draw_drag(draw: ImageDraw.ImageDraw, handle: Point, target: Point, unit: float) -> None:
    """An arrow with a dark rim; `unit` is the width of its line."""
    angle = math.atan2(target[1] - handle[1], target[0] - handle[0])
    barbs = [
        (
            target[0] - 5 * unit * math.cos(angle + turn),
            target[1] - 5 * unit * math.sin(angle + turn),
        )
        for turn in (0.5, -0.5)
    ]
    for colour, width in ((_SHADE, 2.2 * unit), (_LINE, unit)):
        draw.line((handle, target), colour, max(1, round(width)))
        for barb in barbs:
            draw.line((target, barb), colour, max(1, round(width)))
    radius = 2.2 * unit
    for (x, y), colour in ((handle, _HANDLE), (target, _TARGET)):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), colour, _SHADE)
