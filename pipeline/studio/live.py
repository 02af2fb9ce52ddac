"""The face on its way, in place on the photo: what the composite will give, small and quick.

Motion and colours are measured between the generator's small images, with the landmarks that the
guide has found in them, and put into a small copy of the picture as `composite` does at the end.
So nothing is doubled, and it is the photo's own skin that moves, whatever the method at the end.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, align
from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint

from ..composite import composite
from ..guide import Look, take_look
from ..painted import PaintedMarks
from ..settings import CompositeSettings
from ..values import EditStep
from .events import Frame
from .preview import JPEG, Pixels, encode_part
from .requests import Place

SHARE = 1 / 3
"""Of the time, that frames may take."""
_FACE = 512  # px: most of the face's square in the small copy
_FLOW = 192  # px: where the motion is measured
_PAINTED = 256  # px

Edges = tuple[int, int, int, int]


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
    """Makes frames of an edit's steps, as many as take a third of the time."""

    def __init__(self, scene: Scene, generator: Generator):
        self._generator = generator
        width, height = scene.size
        square = align(Photo(scene.preview), _scaled(scene.face, scene, scene.preview), 16)
        side = square.size * float(np.hypot(*square.inverse[:, 0]))
        scale = min(1.0, _FACE / side)
        wide, high = (max(1, round(n * scale)) for n in scene.preview.shape[1::-1])
        small = _resized(scene.preview, (wide, high))
        self._photo = Photo(small)
        crop = align(self._photo, _scaled(scene.face, scene, small), _PAINTED)
        self._crop = replace(crop, face=_scaled(scene.shown, scene, small))
        self._ratio = (small.shape[1] / width, small.shape[0] / height)
        self._points = tuple(
            DragPoint(self._small(point.handle), self._small(point.target))
            for point in scene.points
        )
        self._settings = replace(scene.settings, method="detail", flow_size=_FLOW, correction=0.0)
        self._mask = None
        if scene.mask is not None:
            self._mask = _resized(scene.mask.astype(np.uint8), (wide, high)) > 0
        self._always = None
        if scene.displayed is not None:
            differs = _resized(scene.displayed, (wide, high)) != small
            self._always = _box(differs.any(axis=2))
        self._first: Look | None = None
        self._since, self._spent, self._cost = time.monotonic(), 0.0, 0.0

    def frame(self, step: EditStep, first: Look | None, start: Latent) -> Frame | None:
        """A frame of this step, if it is time for one and the face looks different.

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

    def _make(self, step: EditStep, first: Look | None, start: Latent) -> Frame | None:
        generator = self._generator
        if self._first is None:
            landmarks = self._crop.to_crop(self._crop.face.landmarks)
            expected = self._crop.to_size(landmarks, generator.resolution)
            self._first = first or take_look(generator, start, expected)
        before = self._first
        after = step.look or take_look(generator, step.latent, before.marks)
        ratio = _FLOW / generator.resolution
        first_marks, marks = ((look.marks + 0.5) * ratio - 0.5 for look in (before, after))
        done = composite(
            self._photo,
            self._crop,
            before.image,
            after.image,
            self._points,
            self._settings,
            self._mask,
            PaintedMarks(first_marks, marks, _FLOW),
        )
        box = _joined(_box(done.changed), self._always)
        if box is None:
            return None
        left, top, right, bottom = box
        x, y = self._ratio
        data = encode_part(np.ascontiguousarray(done.photo.pixels[top:bottom, left:right]))
        return Frame(data, JPEG, (left / x, top / y, right / x, bottom / y))

    def _small(self, place: Place) -> Place:
        x, y = ((n + 0.5) * ratio - 0.5 for n, ratio in zip(place, self._ratio, strict=True))
        return x, y


def _scaled(face: Face, scene: Scene, picture: Pixels) -> Face:
    """A face of the photo in a smaller picture of it."""
    ratio = np.array(picture.shape[1::-1]) / scene.size
    left, top, right, bottom = face.box
    x, y = (float(one) for one in ratio)
    box = (left * x, top * y, right * x, bottom * y)
    return replace(face, landmarks=(face.landmarks + 0.5) * ratio - 0.5, box=box)


def _resized(picture: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _joined(one: Edges | None, other: Edges | None) -> Edges | None:
    """The box that holds both."""
    if one is None or other is None:
        return one or other
    left, top = min(one[0], other[0]), min(one[1], other[1])
    return left, top, max(one[2], other[2]), max(one[3], other[3])


def _box(changed: NDArray[np.bool_]) -> Edges | None:
    """What holds all that changed: left, top, right, bottom edge."""
    columns, rows = (np.flatnonzero(changed.any(axis=axis)) for axis in (0, 1))
    if not len(rows):
        return None
    return int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1
