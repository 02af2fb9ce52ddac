"""The face on its way, in place on the photo: what the composite will give, small and quick.

Motion and colours are measured between the generator's small images, with the landmarks that the
guide has found in them, and put into a small copy of the picture as `composite` does at the end.
So nothing is doubled, and it is the photo's own skin that moves, whatever the method at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, align
from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint
from photodrag.frames import rescaled

from ...composite.compositing import composite
from ...composite.feather import Feather
from ...composite.landmark_motion import LandmarkMotion
from ...composite.painted_change import painted_change
from ...composite.settings import CompositeSettings
from ...edit.values import EditStep
from ...guide.painted_face import RenderedFace, render_face
from ...guide.painting import paint_small
from ...imaging.sampling import FloatArray
from ..protocol.events import Frame
from ..protocol.requests import Place
from .frame_warp import Edges, Places, Sight, joined
from .preview import JPEG, Pixels, encode_part

SHARE = 1 / 3
"""Of the time, that painting may take."""
_FACE = 512  # px: most of the face's square in the small copy
_FLOW = 192  # px: where the motion is measured
_PAINTED = 256  # px
_NOTHING = 1e-3  # px: nobody sees so short a way


@dataclass(frozen=True, eq=False)
class Scene:
    """What the frames of an edit are put into.

    `preview` (h, w, 3) is the picture as it looks when the edit begins, of a photo of `size`;
    `face` is the face as it was found in the original, `shown` as the picture shows it.
    `displayed`, of the preview's size, is what the page shows instead of it, if anything: then
    every frame covers where the two differ.
    """

    preview: Pixels
    size: tuple[int, int]
    face: Face
    shown: Face
    points: tuple[DragPoint, ...]
    settings: CompositeSettings
    mask: NDArray[np.bool_] | None = None
    displayed: Pixels | None = None


class Live:
    """Paints the face at an edit's steps, at as many as take a third of the time.

    Its pictures are small ones of the photo, with the face's square of `side` px; `allowed` (h, w)
    says how much may change in them, 0..1, None: all. `generator` gives the one that paints now: an
    edit may tune it first.
    """

    def __init__(self, scene: Scene, generator: Callable[[], Generator]):
        self._generator = generator
        width, height = scene.size
        square = align(Photo(scene.preview), _scaled(scene.face, scene, scene.preview), 16)
        scale = min(1.0, _FACE / square.side)
        self.side = scale * square.side
        wide, high = (max(1, round(n * scale)) for n in scene.preview.shape[1::-1])
        small = _resized(scene.preview, (wide, high))
        self._photo = Photo(small)
        crop = align(self._photo, _scaled(scene.face, scene, small), _PAINTED)
        self._crop = replace(crop, face=_scaled(scene.shown, scene, small))
        self._ratio = np.array([small.shape[1] / width, small.shape[0] / height])
        self._handles = self.small([point.handle for point in scene.points])
        self._settings = replace(scene.settings, method="detail", flow_size=_FLOW)
        self._mask: NDArray[np.bool_] | None = None
        self.allowed: FloatArray | None = None
        if scene.mask is not None:
            self._mask = _resized(scene.mask.astype(np.uint8), (wide, high)) > 0
            self.allowed = Feather(self._mask, scene.settings.feather * self.side).part(slice(None))
        self._always = None
        if scene.displayed is not None:
            differs = _resized(scene.displayed, (wide, high)) != small
            self._always = _box(differs.any(axis=2))
        self._first: RenderedFace | None = None
        self._since, self._spent, self._cost = time.monotonic(), 0.0, 0.0

    def sight(self, step: EditStep, first: RenderedFace | None, start: Latent) -> Sight | None:
        """The face at this step, if it is time to paint it and it looks different.

        `first` is how the guide saw the face at the beginning; without it, `start` is painted.
        """
        now = time.monotonic()
        if torch.equal(step.latent.w, start.w):
            return None
        if self._spent + self._cost > SHARE * (now - self._since + self._cost) and self._spent:
            return None
        found = self._make(step, first, start)
        self._cost = time.monotonic() - now
        self._spent += self._cost
        return found

    def cut(self, sight: Sight) -> Frame:
        """What the page is told of a sight."""
        left, top, right, bottom = sight.box
        x, y = self._ratio.tolist()
        data = encode_part(np.ascontiguousarray(sight.pixels[top:bottom, left:right]))
        return Frame(data, JPEG, (left / x, top / y, right / x, bottom / y))

    def small(self, positions: Sequence[Place]) -> Places:
        """Places of the photo in the small pictures, (N, 2)."""
        found = rescaled(np.array(positions, np.float64).reshape(-1, 2), self._ratio)
        return np.asarray(found, np.float64)

    def _make(self, step: EditStep, first: RenderedFace | None, start: Latent) -> Sight | None:
        generator, crop = self._generator(), self._crop
        landmarks = crop.to_crop(crop.face.landmarks)
        if self._first is None:
            expected = crop.to_size(landmarks, generator.resolution)
            self._first = first or render_face(generator, start, expected)
        before = self._first
        after = step.rendering or render_face(generator, step.latent, before.landmarks)
        ratio = _FLOW / generator.resolution
        first_landmarks, last_landmarks = (
            rescaled(rendering.landmarks, ratio) for rendering in (before, after)
        )
        assert step.positions is not None
        positions = self.small(step.positions)
        change = painted_change(
            generator,
            step.latent,
            before.image,
            [_drag(*ends) for ends in zip(self._handles, positions, strict=True)],
            after.image,
            paint_small,
        )
        both = LandmarkMotion(first_landmarks, last_landmarks, _FLOW)
        change = replace(change, landmark_motion=both)
        done = composite(self._photo, crop, change, self._settings, self._mask)
        box = _box(done.changed)
        if box is None or self._always is None:
            box = box or self._always
        else:
            box = joined(box, self._always)
        if box is None:
            return None
        # The photo's own landmarks, as far from where they were as the painted ones.
        moved = landmarks + (last_landmarks - first_landmarks) * (crop.size / _FLOW)
        return Sight(done.photo.pixels, crop.to_photo(moved), positions, box)


def _drag(handle: Places, place: Places) -> DragPoint:
    """From a handle (2,) to where it is by now (2,)."""
    x, y = handle.tolist()
    across, down = (place - handle).tolist()
    if across == down == 0:
        across = _NOTHING  # a drag must go somewhere
    return DragPoint((x, y), (x + across, y + down))


def _scaled(face: Face, scene: Scene, picture: Pixels) -> Face:
    """A face of the photo in a smaller picture of it."""
    ratio = np.array(picture.shape[1::-1]) / scene.size
    left, top, right, bottom = face.box
    x, y = (float(one) for one in ratio)
    box = (left * x, top * y, right * x, bottom * y)
    return replace(face, landmarks=rescaled(face.landmarks, ratio), box=box)


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _box(changed: NDArray[np.bool_]) -> Edges | None:
    """What holds all that changed: left, top, right, bottom edge."""
    columns, rows = (np.flatnonzero(changed.any(axis=axis)) for axis in (0, 1))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
