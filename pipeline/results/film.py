"""The face on its way from before to after an edit, in the photo's own pixels, as a film's frames.

The drag takes few steps, and what the generator paints is not the photo. So the way is gone once
more after the edit: the latents between the steps are painted small, and the change is put into
a small copy of the face's square, as `composite` does it for the photo.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo, align
from photodrag.checkpoints import Latent
from photodrag.drag import DragPoint

from ..composite.compositing import composite
from ..composite.painted_change import painted_change
from ..edit.start import crop_of_base
from ..edit.values import EditResult
from ..guide.painting import paint_small

FILM_SIZE = 512
FILM_FRAMES = 16
_FLOW = 256  # px
_LEAST = 1e-3  # of the way: a drag goes somewhere
_NO_MOVE = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
Frame = NDArray[np.uint8]


class FilmRun:
    """The frames of a finished edit; iterating yields each, (size, size, 3) uint8 sRGB.

    `way` are the latents of the drag's steps. The first frame is the photo as it was when the edit
    began, the last one as it became; between them lie at most `count` - 2, evenly along the way.
    """

    def __init__(
        self,
        result: EditResult,
        way: Sequence[Latent],
        size: int = FILM_SIZE,
        count: int = FILM_FRAMES,
    ):
        start = result.start
        self.result, self.size = result, size
        self._first = start.latent or result.inversion.latent
        self._between = _evenly([self._first, *_until(way, result.dragged)], count)[1:-1]
        base = align(start.base, start.face, size)
        self._base = crop_of_base(base, start.face, start.base, start.base_latent, start.base_head)
        self._base_latent = start.base_latent or result.inversion.latent

    def __len__(self) -> int:
        """How many frames."""
        return len(self._between) + 2

    def __iter__(self) -> Iterator[Frame]:
        result, base, steps = self.result, self._base, len(self._between) + 1
        generator = result.inversion.generator
        small = Photo(base.pixels)
        face = replace(base.face, landmarks=base.to_crop(base.face.landmarks))
        crop = FaceCrop(base.pixels, face, _NO_MOVE, _NO_MOVE, base.valid)
        mask = None if result.mask is None else _brought(result.mask, base)
        before = paint_small(generator, self._base_latent)
        settings = replace(result.settings.composite, flow_size=_FLOW)

        def frame(latent: Latent, part: float) -> Frame:
            change = painted_change(
                generator, latent, before, self._all_drags(part), by=paint_small
            )
            return composite(small, crop, change, settings, mask).photo.pixels

        is_first = self._first is self._base_latent
        yield base.pixels if is_first else frame(self._first, _LEAST)
        for number, latent in enumerate(self._between, start=1):
            yield frame(latent, number / steps)
        yield align(result.photo, result.start.face, self.size).pixels

    def _all_drags(self, part: float) -> tuple[DragPoint, ...]:
        """All drags, in pixels of the frame, when a part (0..1) of the way is gone."""
        points = self.result.points
        earlier, own = self.result.all_drags[: -len(points)], self.result.all_drags[-len(points) :]
        begins = np.array([p.handle for p in (*earlier, *own)])
        ways = [np.subtract(point.target, point.handle) * (1 - part) for point in points]
        ends = np.array([p.target for p in (*earlier, *own)])
        ends[len(earlier) :] -= np.array(ways)
        pairs = zip(
            *(self._base.to_crop(positions).tolist() for positions in (begins, ends)), strict=True
        )
        return tuple(DragPoint(tuple(begin), tuple(end)) for begin, end in pairs)


def _brought(mask: NDArray[np.bool_], crop: FaceCrop) -> NDArray[np.bool_]:
    """The photo's mask, in the face's square."""
    size = (crop.size, crop.size)
    moved = cv2.warpAffine(mask.astype(np.uint8), crop.transform, size, flags=cv2.INTER_NEAREST)
    return np.asarray(moved > 0)


def _until(way: Sequence[Latent], last: Latent) -> list[Latent]:
    """The way up to the latent that was kept."""
    found = [index for index, latent in enumerate(way) if latent is last]
    return list(way[: found[0] + 1]) if found else [*way, last]


def _evenly(way: Sequence[Latent], count: int) -> list[Latent]:
    """Latents at even distances along a way, its first and its last among them."""
    w = torch.stack([latent.w for latent in way])
    lengths = (w[1:] - w[:-1]).flatten(1).norm(dim=1).cumsum(0).cpu().double().numpy()
    positions = np.concatenate([[0.0], lengths])
    found = []
    for place in np.linspace(0, positions[-1], count):
        at = min(int(np.searchsorted(positions, place, side="right")), len(way) - 1)
        gap = positions[at] - positions[at - 1]
        share = float((place - positions[at - 1]) / gap) if gap else 0.0
        found.append(Latent(torch.lerp(w[at - 1], w[at], share), way[0].generator))
    return found
