"""A head that moves as one: the part of many drags that is a similarity, apart from the rest.

A generator of aligned faces paints them upright, in the middle, and of one size: it cannot show a
head that is tilted or moved, and asked to it paints another face. So that part of the drags is
taken out of what the generator is asked, and the photo's own pixels move by it: whole on the face,
and fading around it to nothing at the border of the face's square.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks, eye_distance
from photodrag.alignment.face_parts import RIGID
from photodrag.alignment.tolerances import AT_LANDMARK
from photodrag.drag import DragPoint
from photodrag.frames import rescaled

from ..imaging.sampling import FloatArray, grid
from .areas import face_area

_ENOUGH = 8  # of the landmarks that expressions move little, dragged, tell that the head moves
_SIDES = (*range(5), *range(12, 17))  # of the jaw: as a head turns, its outline moves less
_NUDGE = 1e-3  # px; a drag that is the head's alone is still one


@dataclass(frozen=True)
class HeadMotion:
    """A similarity of the photo: the place x + iy, a complex number, goes to turn * it + shift."""

    turn: complex
    shift: complex

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (..., 2) go."""
        if self == STILL:
            return positions
        return _pairs(self.turn * _complex(positions) + self.shift)

    def undone(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """Where places (..., 2) came from."""
        if self == STILL:
            return positions
        return _pairs((_complex(positions) - self.shift) / self.turn)

    def then(self, other: HeadMotion) -> HeadMotion:
        """Both, one after the other."""
        return HeadMotion(other.turn * self.turn, other.turn * self.shift + other.shift)

    def moved(self, inverse: NDArray[np.float64]) -> NDArray[np.float64]:
        """A square (2, 3), from its pixels to the photo's, that goes along."""
        linear = np.array([[self.turn.real, -self.turn.imag], [self.turn.imag, self.turn.real]])
        found = linear @ inverse
        found[:, 2] += (self.shift.real, self.shift.imag)
        return found

    def rest(self, drag: DragPoint, handle: tuple[float, float]) -> DragPoint:
        """A drag without it: from a handle to where it brings from to the drag's target."""
        if self == STILL:
            return DragPoint(handle, drag.target)
        x, y = self.undone(np.array(drag.target)).tolist()
        if math.dist((x, y), handle) < _NUDGE:
            x, y = handle[0] + _NUDGE, handle[1]
        return DragPoint(handle, (x, y))

    def backward(self, shown: Landmarks, crop: FaceCrop, size: int) -> FloatArray:
        """What a pixel p of a map shows was at p + this, (size, size, 2), in its pixels.

        `shown` (68, 2) are the landmarks without it, in pixels of the map.
        """
        ratio = crop.size / size
        places = grid(size).astype(np.float64).reshape(-1, 2)
        sources = crop.to_crop(self.undone(crop.to_photo(rescaled(places, ratio))))
        whole = (rescaled(sources, 1 / ratio) - places).reshape(size, size, 2)
        landed = crop.to_crop(self.at(crop.to_photo(rescaled(shown, ratio))))
        weight = _fading(face_area(rescaled(landed, 1 / ratio), size))
        return np.asarray(whole * weight[..., None], np.float32)


STILL = HeadMotion(1 + 0j, 0j)


def head_motion(drags: Sequence[DragPoint], landmarks: Landmarks) -> HeadMotion | None:
    """How drags of a face move its head as one; None where they do not say.

    `landmarks` (68, 2) are those where the drags begin, in the same pixels. Inner face and outline
    count as much: what lies around the face goes along with it.
    """
    if len(drags) < _ENOUGH:
        return None
    handles = np.array([drag.handle for drag in drags])
    targets = np.array([drag.target for drag in drags])
    numbers = [*RIGID, *_SIDES]
    away = np.linalg.norm(handles[:, None] - landmarks[numbers], axis=2)
    nearest = away.argmin(axis=0)
    known = away.min(axis=0) < AT_LANDMARK * eye_distance(landmarks)
    inner = np.arange(len(numbers)) < len(RIGID)
    if (known & inner).sum() < _ENOUGH:
        return None
    weights = known / np.where(inner, (known & inner).sum(), max(1, (known & ~inner).sum()))
    weights /= weights.sum()
    begins, ends = _complex(handles[nearest]), _complex(targets[nearest])
    begin, end = weights @ begins, weights @ ends
    around, about = begins - begin, ends - end
    turn = complex((weights @ (about * around.conj())) / (weights @ (around * around.conj())))
    return HeadMotion(turn, complex(end - turn * begin))


def _fading(face: FloatArray) -> FloatArray:
    """1 on a face (S, S), falling smoothly to 0 at the border of the map."""
    size = len(face)
    away = cv2.distanceTransform((face < 0.5).astype(np.uint8), cv2.DIST_L2, 5)
    framed = np.pad(np.ones((size, size), np.uint8), 1)
    at_border = cv2.distanceTransform(framed, cv2.DIST_L2, 5)[1:-1, 1:-1] - 1
    part = at_border / np.maximum(at_border + away, 1e-6)
    return np.asarray(part * part * (3 - 2 * part), np.float32)


def _complex(positions: NDArray[np.float64]) -> NDArray[np.complex128]:
    return np.asarray(positions[..., 0] + 1j * positions[..., 1])


def _pairs(numbers: NDArray[np.complex128]) -> NDArray[np.float64]:
    return np.stack([numbers.real, numbers.imag], axis=-1)
