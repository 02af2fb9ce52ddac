"""Find faces: first on a small copy of the photo, harder where that finds nothing."""

from __future__ import annotations

import time
from functools import partial
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.logs import room_logger

from .faces import Face
from .landmarks import Frame, predict
from .models import detector
from .photos.photo import Photo
from .resampling import sample

_LOG = room_logger("alignment")


class _Attempt(NamedTuple):
    """How to look for faces; dlib finds those of 80 pixels and more in the copy."""

    long_side: int
    """Of the copy, in pixels."""
    most_enlarged: float
    angle: float
    """Degrees by which the copy is turned."""


_ATTEMPTS = (
    _Attempt(1600, 2, 0),
    _Attempt(3200, 4, 0),  # small faces
    *(_Attempt(1600, 2, angle) for angle in (-35, 35)),  # heads on one side
    *(_Attempt(1600, 2, angle) for angle in (-90, 90, 180)),  # pictures on one side
)
_SURE = 0.8  # a score that ends the search; a mouth taken for eyes, upside down, has less
_LEAST_SCORE = 0.0, 0.3  # of faces in an upright photo, and in a turned one
_BORDER = 0.1  # of the copy's sides, added around it: faces at the photo's border


class _Found(NamedTuple):
    frame: Frame
    score: float


def find_faces(photo: Photo) -> tuple[Face, ...]:
    """All faces, the largest first, numbered from 1; empty if there are none.

    Small, tilted and sideways faces are looked for only where no other face is sure.
    """
    begin = time.perf_counter()
    found = _search(photo)
    found.sort(key=lambda one: (-abs(one.frame.side), one.frame.centre.real))
    sampler = partial(sample, photo.pixels, convert=photo.to_srgb)
    faces = tuple(
        Face(number, _box(one.frame), predict(sampler, one.frame), one.score)
        for number, one in enumerate(found, start=1)
    )
    seconds = time.perf_counter() - begin
    _LOG.info("found %d faces in %dx%d pixels in %.2f s", len(faces), *photo.size, seconds)
    for face in faces:
        _LOG.debug(
            "face %d: score %.2f, eyes %.0f px apart", face.index, face.score, face.eye_distance
        )
    return faces


def _search(photo: Photo) -> list[_Found]:
    """What the first attempt with a sure face finds; else the one with the surest."""
    best: list[_Found] = []
    for attempt in _ATTEMPTS:
        found = _detect(photo, attempt)
        best = max(best, found, key=_surest)
        if _surest(best) >= _SURE:
            break
    return best


def _surest(found: list[_Found]) -> float:
    return max((one.score for one in found), default=-1.0)


def _detect(photo: Photo, attempt: _Attempt) -> list[_Found]:
    copy, to_photo = _turned(*_copy(photo, attempt), attempt.angle)
    rectangles, scores, _ = detector().run(copy, 0, _LEAST_SCORE[attempt.angle != 0])
    step = complex(to_photo[0, 0], to_photo[1, 0])
    found = []
    for rectangle, score in zip(rectangles, scores, strict=True):
        middle = np.array(
            [rectangle.left() + rectangle.right(), rectangle.top() + rectangle.bottom()]
        )
        x, y = to_photo[:, :2] @ (middle / 2) + to_photo[:, 2]
        found.append(_Found(Frame(complex(x, y), step * rectangle.width()), float(score)))
    return found


def _copy(photo: Photo, attempt: _Attempt) -> tuple[NDArray[np.uint8], float]:
    """The photo, smaller or larger, in sRGB; and photo pixels per pixel of it."""
    scale = min(attempt.long_side / max(photo.size), attempt.most_enlarged)
    size = (max(1, round(photo.width * scale)), max(1, round(photo.height * scale)))
    kernel = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    resized = np.asarray(cv2.resize(photo.pixels, size, interpolation=kernel))
    return photo.to_srgb(resized), 1 / scale


def _turned(
    copy: NDArray[np.uint8], scale: float, angle: float
) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
    """The copy with a border, turned about its middle; (2, 3) from there to photo pixels."""
    height, width = copy.shape[:2]
    radians = np.deg2rad(angle)
    cos, sin = np.cos(radians), np.sin(radians)
    new_width = round((width * abs(cos) + height * abs(sin)) * (1 + 2 * _BORDER))
    new_height = round((width * abs(sin) + height * abs(cos)) * (1 + 2 * _BORDER))
    turn = np.array([[cos, -sin], [sin, cos]])
    middle, new_middle = np.array([width, height]) / 2, np.array([new_width, new_height]) / 2
    back = np.column_stack([turn, middle - 0.5 - turn @ (new_middle - 0.5)])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    turned = cv2.warpAffine(
        copy, back, (new_width, new_height), flags=flags, borderMode=cv2.BORDER_REPLICATE
    )
    to_photo = back * scale
    to_photo[:, 2] += (scale - 1) / 2  # pixel centres at whole numbers, in both
    return np.asarray(turned, np.uint8), to_photo


def _box(frame: Frame) -> tuple[float, float, float, float]:
    """The upright square of the frame's size around its centre."""
    half = abs(frame.side) / 2
    x, y = frame.centre.real, frame.centre.imag
    return x - half, y - half, x + half, y + half
