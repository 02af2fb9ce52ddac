"""The photo's new pixels, band by band: in little memory, and with work for every core."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo
from photodrag.frames import rescaled

from ..imaging.linear_light import from_linear, to_linear
from ..imaging.sampling import FloatArray, look_up
from .colors import Colors
from .feather import Feather

_BRIGHT = 0.1  # of full light: what is painted darker is shifted less in its colour
_BAND = 96  # rows; what a band needs should stay in the processor's cache
Box = tuple[int, int, int, int]


@dataclass(frozen=True, eq=False)
class Change:
    """What happens to the crop, as maps of it, lengths in their pixels.

    flow (S, S, 2): the photo's pixel that is shown at p was at p + flow. What is painted is taken
    from p + offset, (S, S, 2), and so is trust (S, S), 0 where it is shown. `strength` (S, S) is 0
    where nothing happens.
    """

    flow: FloatArray
    offset: FloatArray
    trust: FloatArray
    colors: Colors
    strength: FloatArray


@dataclass(frozen=True, eq=False)
class Blended:
    """The changed photo, and `changed` (H, W)."""

    photo: Photo
    changed: NDArray[np.bool_]


def blend(
    photo: Photo, crop: FaceCrop, box: Box, change: Change, allowed: Feather | None
) -> Blended:
    """Change the photo inside a box (left, top, right, bottom).

    `allowed`, of the box, says how much; None: all.
    """
    left, top, right, bottom = box
    pixels = photo.pixels.copy()
    changed = np.zeros(pixels.shape[:2], np.bool_)

    def work(y: int) -> None:
        rows = slice(y - top, min(y + _BAND, bottom) - top)
        band = Region(crop, len(change.strength), (left, y, right, top + rows.stop))
        weight = band.bring(change.strength, band.positions)[..., 0]
        if allowed is not None:
            weight *= allowed.part(rows)
        touched = np.flatnonzero(weight.any(axis=0))
        if not len(touched):
            return
        first, last = int(touched[0]), int(touched[-1])
        weight = np.ascontiguousarray(weight[:, first : last + 1])
        part = band.columns(first, last)
        light = _new_light(photo, part, change, weight)
        here = np.s_[y : top + rows.stop, left + first : left + last + 1]
        where = weight > 0
        changed[here] = where
        pixels[here][where] = from_linear(light[where], pixels.dtype)

    with ThreadPoolExecutor(max(1, cv2.getNumThreads())) as pool:
        for _ in pool.map(work, range(top, bottom, _BAND)):
            pass
    pixels.flags.writeable = False
    return Blended(photo.with_pixels(pixels, edited=bool(changed.any())), changed)


def _new_light(photo: Photo, part: Region, change: Change, weight: FloatArray) -> FloatArray:
    """Moved photo, coarse colour change, generator where needed."""
    colors = change.colors
    positions, flow = part.moved(change.flow, change.offset)
    flow *= cv2.merge([weight, weight])
    light = _moved_photo(photo, part.box, flow)
    gain = part.bring(colors.gain, positions)
    gain -= 1
    gain *= cv2.merge([weight] * 3)  # numpy is slow where it has to repeat a channel
    gain += 1
    light *= gain
    new = weight * (1 - part.bring(change.trust, positions)[..., 0])
    if new.any():
        painted = part.bring(colors.painted, positions)
        # In the dark of a mouth the whole shift would be a colour of its own.
        bright = np.minimum(painted.max(axis=2) / _BRIGHT, 1)
        painted += part.bring(colors.match, positions) * cv2.merge([bright] * 3)
        fraction = cv2.merge([new] * 3)
        light *= 1 - fraction
        painted *= fraction
        light += painted
    return light


def _moved_photo(photo: Photo, box: Box, flow: FloatArray) -> FloatArray:
    """The photo's pixels in linear light, each taken from where `flow` points."""
    left, top, right, bottom = box
    x0, x1 = _range(left, right, flow[..., 0], photo.width)
    y0, y1 = _range(top, bottom, flow[..., 1], photo.height)
    positions = flow.copy()
    positions[..., 0] += np.arange(left, right, dtype=np.float32)
    positions[..., 1] += np.arange(top, bottom, dtype=np.float32)[:, None]
    positions -= np.array([x0, y0], np.float32)  # last: the same sum for every box
    return look_up(to_linear(photo.pixels[y0:y1, x0:x1]), positions, cubic=True).clip(0, 1)


def _range(start: int, end: int, flow: FloatArray, length: int) -> Iterator[int]:
    """First and last + 1 of what is looked up, with what the cubic kernel needs around it."""
    yield max(start + int(np.floor(flow.min())) - 3, 0)
    yield min(end + int(np.ceil(flow.max())) + 3, length)


class Region:
    """A box (left, top, right, bottom) of the photo; maps have (size, size) or a multiple of it."""

    def __init__(self, crop: FaceCrop, size: int, box: Box):
        left, top, right, bottom = box
        self.crop, self.size, self.box = crop, size, box
        self._scale = size / crop.size
        shift = 0.5 * self._scale - 0.5  # pixel centres of a map of another size
        matrix = crop.transform * self._scale
        x, y = np.arange(left, right), np.arange(top, bottom)
        positions = np.empty((len(y), len(x), 2), np.float32)
        for row in (0, 1):
            down = matrix[row, 1] * y + (matrix[row, 2] + shift)
            positions[..., row] = matrix[row, 0] * x + down[:, None]
        self.positions: FloatArray = positions

    def columns(self, first: int, last: int) -> Region:
        """A part of the box; both columns, counted from its left, belong to it."""
        left, top, _, bottom = self.box
        return Region(self.crop, self.size, (left + first, top, left + last + 1, bottom))

    def moved(self, flow: FloatArray, offset: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Places with the offset, (h, w, 2) in the map, and the flow in photo pixels.

        `flow` and `offset` (S, S, 2) are backward: what a pixel shows was there.
        """
        positions = self.positions + look_up(offset, self.positions)
        to_photo = (self.crop.inverse[:, :2] / self._scale).astype(np.float32)
        return positions, np.asarray(look_up(flow, self.positions) @ to_photo.T)

    def bring(self, image: FloatArray, positions: FloatArray) -> FloatArray:
        """A map (S, S) or (S, S, C) of the crop at places of the map: (h, w, C)."""
        if image.shape[0] == self.size:
            return look_up(image, positions)
        ratio = np.float32(image.shape[0] / self.size)
        return look_up(image, np.asarray(rescaled(positions, ratio), np.float32))
