"""The face as a mesh of 468 points in space: lids, lips, brows, oval, and depth.

The network is MediaPipe's face mesh (Kartynnik et al. 2019; Apache-2.0, alignment/data/NOTICE.txt).
Its answer wanders with the square it is given, by about 2 % of the distance between the eyes. So,
as for the 68 landmarks, the square is put right by a first answer, and the answers from many
slightly different ones are averaged: found again in a shifted, scaled or turned copy of the photo,
a point then moves by 0.05 %. `alignment.mesh_parts` says which points are which part of a face.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.errors import LandmarkError

from .faces import Face
from .landmarks import Frame, frame_of, frame_of_eyes_and_mouth, spread
from .light import stretched
from .mesh_parts import (
    EYE_LEFT,
    EYE_OUTER_LEFT,
    EYE_OUTER_RIGHT,
    EYE_RIGHT,
    MESH_COUNT,
    MOUTH_LEFT,
    MOUTH_RIGHT,
)
from .networks import MESH_LOGIT, MESH_POINTS, mesh_network
from .photos.arrays import read_only
from .photos.photo import Photo
from .resampling import Sampler, map_points, sample

_INPUT = 192  # pixels of the network's square
_BOX, _PATCH = 256, 352  # pixels of the square in the upright patch, and of the patch around it
_FEW_CROPS, _CROPS = 6, 16
_SHIFT, _GROWTH, _TURN = 0.08, 0.12, 8.0  # how far squares differ: in sides, and degrees
_AS_GOOD = 0.05  # of the score
_WIDE = 1.5  # the square's side, in long sides of the box around the points
_FIRST_SIDE, _FIRST_DOWN = 1.7, -0.02  # the first square, in dlib's: mean of 40 portraits


@dataclass(frozen=True, eq=False)
class FaceMesh:
    """The 468 points of one face, in MediaPipe's order."""

    points: NDArray[np.float64]
    """(468, 3): x and y in photo pixels, (0, 0) being the first pixel's centre; z in the same
    scale, larger towards the viewer. Where z is 0 means nothing: only differences do."""
    score: float
    """How sure the network is that this is a face, 0 to 1; below 0.5 the points mean little."""

    def __post_init__(self) -> None:
        points = np.asarray(self.points, np.float64)
        if points.shape != (MESH_COUNT, 3) or not np.isfinite(points).all():
            raise LandmarkError(
                f"a mesh has the shape {points.shape}; it needs ({MESH_COUNT}, 3), all finite"
            )
        object.__setattr__(self, "points", read_only(points))


def fit_mesh(photo: Photo, face: Face) -> FaceMesh:
    """The mesh of a face that was found in the photo."""
    sampler = partial(sample, photo.pixels, convert=photo.to_srgb)
    square = _first_square(frame_of(face.landmarks))
    points = _average(sampler, square, 1)
    for crops in (_FEW_CROPS, _CROPS):
        points = _average(sampler, _square_around(points), crops)
    return FaceMesh(points, _score(sampler, _square_around(points)))


def quick_mesh(sampler: Sampler, frame: Frame) -> FaceMesh:
    """The mesh of what may be a face, with no averaging; the frame is about where dlib's would be.

    A frame that is turned by up to 40 degrees against the face is near enough. Of a face that is
    half covered the first answer may be the better one.
    """
    first, answers = _first_square(frame), []
    for _ in range(2):
        points = _average(sampler, first, 1)
        answers.append(FaceMesh(points, _score(sampler, first)))
        first = _square_around(points)
    rough, fine = answers
    return fine if fine.score > rough.score - _AS_GOOD else rough


def frame_of_mesh(points: NDArray[np.float64]) -> Frame:
    """Where dlib's detector would see a face with these points (468, 3)."""
    x_and_y = points[:, :2] @ np.array([1, 1j])
    eye_left, eye_right = (x_and_y[[*ring]].mean() for ring in (EYE_LEFT, EYE_RIGHT))
    mouth = (x_and_y[MOUTH_LEFT] + x_and_y[MOUTH_RIGHT]) / 2
    return frame_of_eyes_and_mouth(eye_left, eye_right, mouth)


def _first_square(frame: Frame) -> Frame:
    """About where `_square_around` will put it."""
    return Frame(frame.centre + _FIRST_DOWN * 1j * frame.side, _FIRST_SIDE * frame.side)


def _square_around(points: NDArray[np.float64]) -> Frame:
    """The square that the network wants: upright in the face, half as large again as its points."""
    x_and_y = points[:, :2] @ np.array([1, 1j])
    right = x_and_y[EYE_OUTER_RIGHT] - x_and_y[EYE_OUTER_LEFT]
    if right == 0:
        raise LandmarkError("the corners of the eyes lie in one place; find the face again")
    right /= abs(right)
    upright = x_and_y / right
    low = complex(upright.real.min(), upright.imag.min())
    size = complex(upright.real.max(), upright.imag.max()) - low
    return Frame((low + size / 2) * right, _WIDE * max(size.real, size.imag) * right)


def _average(sampler: Sampler, square: Frame, crops: int) -> NDArray[np.float64]:
    """The points (468, 3) from so many squares that differ a little from this one."""
    inverse, to_patch = square.inverse(_BOX, _PATCH), _squares(crops)
    (answer,) = mesh_network().run(_cut(sampler, inverse, to_patch), MESH_POINTS)
    found = answer.astype(np.float64).reshape(crops, MESH_COUNT, 3)
    flat = [
        map_points(one, points[:, :2] - 0.5)  # the network counts from the square's corner
        for one, points in zip(to_patch, found, strict=True)
    ]
    scales = np.hypot(to_patch[:, 0, 0], to_patch[:, 1, 0]) * abs(square.side) / _BOX
    depth = -np.mean(found[..., 2] * scales[:, None], axis=0)
    return np.column_stack([map_points(inverse, np.mean(flat, axis=0)), depth])


def _score(sampler: Sampler, square: Frame) -> float:
    crop = _cut(sampler, square.inverse(_BOX, _PATCH), _squares(1))
    (logit,) = mesh_network().run(crop, MESH_LOGIT)
    return float(1 / (1 + np.exp(-logit.item())))


def _cut(
    sampler: Sampler, inverse: NDArray[np.float64], to_patch: NDArray[np.float64]
) -> NDArray[np.float32]:
    """(N, 3, 192, 192), 0..1: squares of the patch that `inverse` takes to the picture."""
    patch = stretched(sampler(inverse, _PATCH))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cut = [cv2.warpAffine(patch, one, (_INPUT, _INPUT), flags=flags) for one in to_patch]
    return np.asarray(np.stack(cut).transpose(0, 3, 1, 2) / 255, np.float32)


def _squares(count: int) -> NDArray[np.float64]:
    """(count, 2, 3): from the network's squares to the patch; a single one is the middle."""
    jitter = spread(count, 4) if count > 1 else np.zeros((1, 4))
    step = _BOX / _INPUT * (1 + _GROWTH * jitter[:, 2])
    step = step * np.exp(1j * np.radians(_TURN * jitter[:, 3]))
    middle = (_PATCH - 1) / 2 * (1 + 1j) + _BOX * _SHIFT * (jitter[:, 0] + 1j * jitter[:, 1])
    origin = middle - step * (1 + 1j) * (_INPUT - 1) / 2
    rows = [[step.real, -step.imag, origin.real], [step.imag, step.real, origin.imag]]
    return np.moveaxis(np.array(rows), -1, 0)
