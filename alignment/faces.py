"""A face in a photo, and the choice among several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from photodrag.errors import FaceNumberError, LandmarkError, NoFaceError

from .face_measures import eye_distance
from .face_parts import EYE_LEFT, EYE_RIGHT, MOUTH_LEFT, MOUTH_RIGHT
from .landmark_names import LANDMARK_COUNT
from .photos.arrays import read_only


@dataclass(frozen=True, eq=False)
class Face:
    """A face: all places are (x, y) in photo pixels, (0, 0) being the first pixel's centre."""

    index: int
    """1 for the photo's largest face, 2 for the next, and so on."""
    box: tuple[float, float, float, float]
    """Left, top, right, bottom edge; may reach beyond the photo."""
    landmarks: NDArray[np.float64]
    """(68, 2), in dlib's order."""
    score: float
    """How sure its finder is, from 0 to 1: about 0.95 for a face that is plainly seen. Of faces
    that were found by a version without `fit_mesh` it is dlib's, above 0 and rarely above 4."""

    def __post_init__(self) -> None:
        landmarks = checked_landmarks(self.landmarks)
        object.__setattr__(self, "landmarks", read_only(landmarks))

    @property
    def eye_left(self) -> NDArray[np.float64]:
        """(2,): the centre of the eye on the viewer's left."""
        return np.asarray(self.landmarks[EYE_LEFT].mean(axis=0))

    @property
    def eye_right(self) -> NDArray[np.float64]:
        """(2,): the centre of the eye on the viewer's right."""
        return np.asarray(self.landmarks[EYE_RIGHT].mean(axis=0))

    @property
    def mouth(self) -> NDArray[np.float64]:
        """(2,): half way between the corners of the mouth."""
        return np.asarray((self.landmarks[MOUTH_LEFT] + self.landmarks[MOUTH_RIGHT]) / 2)

    @property
    def eye_distance(self) -> float:
        """Between the centres of the eyes, in pixels."""
        return eye_distance(self.landmarks)


def checked_landmarks(landmarks: NDArray[Any]) -> NDArray[np.float64]:
    """The same as float64. LandmarkError unless (68, 2) and finite."""
    points = np.asarray(landmarks, np.float64)
    if points.shape != (LANDMARK_COUNT, 2):
        raise LandmarkError(
            f"landmarks have the shape {points.shape}; a face needs ({LANDMARK_COUNT}, 2)"
        )
    if not np.isfinite(points).all():
        raise LandmarkError("a landmark is not a finite number; find the face again")
    return points


def select_face(
    faces: Sequence[Face], number: int = 1, photo_size: tuple[int, int] | None = None
) -> Face:
    """The face of that number, 1 being the largest.

    NoFaceError if there is none at all (its message tells `photo_size`, (width, height), where
    given); FaceNumberError if there are some, but none of this number.
    """
    if not faces:
        where = "" if photo_size is None else f" of {photo_size[0]}x{photo_size[1]} pixels"
        raise NoFaceError(
            f"no face was found in the photo{where}; use one where most of a face is "
            "seen, at least 40 pixels wide"
        )
    for face in faces:
        if face.index == number:
            return face
    there = "1 face" if len(faces) == 1 else f"{len(faces)} faces, numbered from 1, largest first"
    raise FaceNumberError(f"face {number} was asked for; the photo has {there}")
