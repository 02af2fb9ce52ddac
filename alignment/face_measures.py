"""What is measured of a face's landmarks (68, 2): distances, axes, the outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from .face_parts import BROWS, EYE_LEFT, EYE_RIGHT, LIP_PAIRS, NOSE_BASE

Landmarks = NDArray[np.float64]
"""(68, 2), x and y of each in pixels, in dlib's order."""

_FOREHEAD = 0.9  # how far above the brows the face reaches, in distances from brow to nose base


def eye_distance(landmarks: Landmarks) -> float:
    """Between the centres of the eyes of landmarks (68, 2), in their pixels."""
    return float(np.hypot(*_between_eyes(landmarks)))


def face_axes(landmarks: Landmarks) -> NDArray[np.float64]:
    """(2, 2): the face's right and down, each as long as the distance between the eyes."""
    right = _between_eyes(landmarks)
    return np.array([right, [-right[1], right[0]]])


def above_brows(landmarks: Landmarks, height: float) -> NDArray[np.float64]:
    """The brows (10, 2), moved up by so many distances from the brows to the base of the nose."""
    brows = landmarks[BROWS]
    return np.asarray(brows + height * (brows.mean(axis=0) - landmarks[NOSE_BASE]), np.float64)


def face_outline(landmarks: Landmarks) -> NDArray[np.float64]:
    """The convex outline (N, 2) of a face with its forehead, from landmarks (68, 2)."""
    forehead = above_brows(landmarks, _FOREHEAD)
    hull = cv2.convexHull(np.concatenate([landmarks, forehead]).astype(np.float32))
    return np.asarray(hull[:, 0], np.float64)


def mouth_gap(landmarks: Landmarks) -> float:
    """How far the lips of landmarks (68, 2) are apart, in their pixels."""
    return float(np.mean([np.hypot(*(landmarks[a] - landmarks[b])) for a, b in LIP_PAIRS]))


def _between_eyes(landmarks: Landmarks) -> NDArray[np.float64]:
    """(2,): from the centre of the eye on the left to that of the other."""
    centers = (landmarks[eye].mean(axis=0) for eye in (EYE_RIGHT, EYE_LEFT))
    return np.asarray(next(centers) - next(centers), np.float64)
