"""How much two faces look like the same person."""

from __future__ import annotations

from functools import partial

import dlib
import numpy as np
from numpy.typing import NDArray

from .faces import checked_landmarks
from .landmarks import frame_of
from .models import identity_network
from .resampling import invert, map_points, sample

_BOX, _PATCH = 300, 540  # pixels: the face, and the patch around it


def identity_distance(
    a_srgb: NDArray[np.uint8],
    landmarks_a: NDArray[np.float64],
    b_srgb: NDArray[np.uint8],
    landmarks_b: NDArray[np.float64],
) -> float:
    """The distance of two faces' descriptors: 0 for one picture, under 0.6 for one person.

    Pictures are (H, W, 3) uint8 sRGB, landmarks (68, 2) in their pixels; sizes may differ.
    LandmarkError for landmarks of another shape.
    """
    return float(np.linalg.norm(descriptor(a_srgb, landmarks_a) - descriptor(b_srgb, landmarks_b)))


def descriptor(srgb: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """Dlib's (128,) description of a face."""
    points = checked_landmarks(landmarks)
    inverse = frame_of(points).inverse(_BOX, _PATCH)
    patch = sample(srgb, inverse, _PATCH, partial(np.asarray, dtype=np.uint8))
    corner = (_PATCH - _BOX) // 2
    box = dlib.rectangle(corner, corner, corner + _BOX - 1, corner + _BOX - 1)
    positions = np.rint(map_points(invert(inverse), points)).astype(int).tolist()
    shape = dlib.full_object_detection(box, dlib.points([dlib.point(x, y) for x, y in positions]))
    chip = dlib.get_face_chip(patch, shape)
    return np.array(identity_network().compute_face_descriptor(chip), np.float64)
