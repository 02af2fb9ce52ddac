"""Landmarks, finer than dlib's predictor gives them.

The predictor answers in whole pixels, and its answer wanders with the place and the size of the
box it starts from, by about 1 % of the distance between the eyes. So the face is first brought
upright to a fixed size, and the answers from many slightly different boxes are averaged: found
again in a shifted, scaled or turned copy of the photo, a landmark then moves by 0.2 %.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import dlib
import numpy as np
from numpy.typing import NDArray

from photodrag.errors import LandmarkError

from .face_parts import EYE_LEFT, EYE_RIGHT, MOUTH_LEFT, MOUTH_RIGHT
from .faces import checked_landmarks
from .light import stretched
from .models import landmark_predictor
from .photos.arrays import read_only
from .resampling import Sampler, map_points, sample

_BOX = 400  # pixels of the predictor's box in the upright patch
_PATCH = 720  # the patch around it; landmarks may lie outside the box
_FIRST_BOXES, _BOXES = 8, 32
_ROOTS = {3: 1.2207440846057596, 4: 1.1673039782614187}  # of x^(axes + 1) = x + 1
_SHIFT, _GROWTH = 0.05, 0.10  # how far the boxes differ, in box sides
# where dlib's box has the eyes' and the mouth's centres, from the box's middle, in box sides:
# the median over 43 portraits
_CANONICAL = np.array([-0.213 - 0.216j, 0.213 - 0.216j, 0.212j])


class Frame(NamedTuple):
    """A square around a face, turned with it."""

    centre: complex
    """x + iy in picture pixels."""
    side: complex
    """From its left to its right edge."""

    def inverse(self, box: int, patch: int) -> NDArray[np.float64]:
        """(2, 3): a patch in whose middle the frame is a box of that many pixels => picture."""
        step = self.side / box  # one patch pixel to the right; one down is i times that
        origin = self.centre - step * (1 + 1j) * (patch - 1) / 2
        return np.array([[step.real, -step.imag, origin.real], [step.imag, step.real, origin.imag]])


def landmarks_in(
    srgb: NDArray[np.uint8], box: tuple[float, float, float, float]
) -> NDArray[np.float64]:
    """The 68 landmarks, (68, 2) float64 in picture pixels, of the face in a box.

    `srgb` is (H, W, 3) uint8; `box` is left, top, right, bottom as in `Face.box`, and need not be
    exact. LandmarkError for a box without area or a picture of another kind.
    """
    _check(srgb)
    left, top, right, bottom = box
    side = (right - left + bottom - top) / 2
    if not (right > left and bottom > top and np.isfinite(side)):
        raise LandmarkError(f"the box {box} is empty; it is left, top, right, bottom")
    frame = Frame(complex(left + right, top + bottom) / 2, complex(side))
    return predict(partial(sample, srgb, convert=as_it_is), frame)


def landmarks_near(srgb: NDArray[np.uint8], expected: NDArray[Any]) -> NDArray[np.float64]:
    """The 68 landmarks, as `landmarks_in` gives them, of a face that lies about as `expected`.

    `expected` (68, 2) in picture pixels are of the same face a little earlier, or of the face that
    this one was made from. A turned head is found again, where a box around it would be too wide.
    """
    _check(srgb)
    return predict(partial(sample, srgb, convert=as_it_is), frame_of(expected))


def predict(sampler: Sampler, frame: Frame) -> NDArray[np.float64]:
    """(68, 2), read-only, in picture pixels; the frame is a first guess, better now."""
    rough = _average(sampler, frame, _FIRST_BOXES)
    return read_only(_average(sampler, frame_of(rough), _BOXES))


def frame_of(landmarks: NDArray[Any]) -> Frame:
    """The frame where dlib's detector would put it, upright in the face: least squares."""
    points = checked_landmarks(landmarks) @ np.array([1, 1j])
    mouth = (points[MOUTH_LEFT] + points[MOUTH_RIGHT]) / 2
    return frame_of_eyes_and_mouth(points[EYE_LEFT].mean(), points[EYE_RIGHT].mean(), mouth)


def frame_of_eyes_and_mouth(eye_left: complex, eye_right: complex, mouth: complex) -> Frame:
    """The same from the middles of the eyes and of the mouth, x + iy."""
    return fitted_frame(np.array([eye_left, eye_right, mouth]), _CANONICAL)


def fitted_frame(found: NDArray[Any], canonical: NDArray[Any]) -> Frame:
    """The frame in which points x + iy lie as in `canonical`: least squares.

    `canonical` is in sides of the frame, from its middle. LandmarkError where all are in one place.
    """
    expected = canonical - canonical.mean()
    side = np.vdot(expected, found - found.mean()) / np.vdot(expected, expected).real
    if side == 0:
        raise LandmarkError("all landmarks lie in one place; find the face again")
    return Frame(complex(found.mean() - side * canonical.mean()), complex(side))


def _check(srgb: NDArray[Any]) -> None:
    if srgb.dtype != np.uint8 or srgb.ndim != 3 or srgb.shape[2] != 3:
        raise LandmarkError(
            f"the picture is {srgb.dtype} of shape {srgb.shape}; "
            "landmarks need uint8 of shape (height, width, 3)"
        )


def _average(sampler: Sampler, frame: Frame, boxes: int) -> NDArray[np.float64]:
    inverse = frame.inverse(_BOX, _PATCH)
    patch = stretched(sampler(inverse, _PATCH))
    predictor = landmark_predictor()
    total = np.zeros((68, 2))
    for shift_x, shift_y, growth in spread(boxes):
        side = _BOX * (1 + _GROWTH * growth)
        left = (_PATCH - side) / 2 + _BOX * _SHIFT * shift_x
        top = (_PATCH - side) / 2 + _BOX * _SHIFT * shift_y
        corners = (left, top, left + side - 1, top + side - 1)
        shape = predictor(patch, dlib.rectangle(*(round(value) for value in corners)))
        total += [(point.x, point.y) for point in shape.parts()]
    return map_points(inverse, total / boxes)


def spread(count: int, axes: int = 3) -> NDArray[np.float64]:
    """(count, axes), -1..1: points that fill the cube evenly, always the same (Roberts' R)."""
    root = _ROOTS[axes]
    steps = np.arange(1, count + 1)[:, None] / root ** np.arange(1, axes + 1)
    return np.asarray(2 * ((0.5 + steps) % 1) - 1)


def as_it_is(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """What `sample` asks for where a picture is sRGB already."""
    return np.asarray(pixels, np.uint8)
