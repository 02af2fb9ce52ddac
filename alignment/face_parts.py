"""Which of the 68 landmarks are which part of a face, and what is measured between them."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

LEFT_EYE, RIGHT_EYE = slice(36, 42), slice(42, 48)
MOUTH_LEFT, MOUTH_RIGHT = 48, 54
_FOREHEAD = 0.9  # how far above the brows the face reaches, in distances from brow to nose base
Landmarks = NDArray[np.float64]
# Each landmark's mirror image, in dlib's order.
MIRRORED = (
    *range(16, -1, -1),
    *range(26, 16, -1),
    *(27, 28, 29, 30, 35, 34, 33, 32, 31),
    *(45, 44, 43, 42, 47, 46, 39, 38, 37, 36, 41, 40),
    *(54, 53, 52, 51, 50, 49, 48, 59, 58, 57, 56, 55),
    *(64, 63, 62, 61, 60, 67, 66, 65),
)
EYES = (slice(36, 42), slice(42, 48))
"""The landmarks of the lids, from corner to corner and back: the viewer's left eye, the right."""
LIPS = slice(48, 68)
LIP_NUMBERS = range(48, 68)
INNER = slice(60, 68)  # the edge of the lips towards the teeth
UPPER_LIP, LOWER_LIP = (*range(49, 54), 61, 62, 63), (*range(55, 60), 65, 66, 67)
LIP_PAIRS = ((61, 67), (62, 66), (63, 65))  # upper and lower lip, opposite each other


def eye_distance(landmarks: NDArray[np.float64]) -> float:
    """Between the centres of the eyes of landmarks (68, 2), in their pixels."""
    apart = landmarks[RIGHT_EYE].mean(axis=0) - landmarks[LEFT_EYE].mean(axis=0)
    return float(np.hypot(*apart))


def face_outline(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The convex outline (N, 2) of a face with its forehead, from 68 landmarks (68, 2)."""
    brows, nose_base = landmarks[17:27], landmarks[33]
    up = brows.mean(axis=0) - nose_base
    forehead = brows + _FOREHEAD * up
    hull = cv2.convexHull(np.concatenate([landmarks, forehead]).astype(np.float32))
    return np.asarray(hull[:, 0], np.float64)


def face_axes(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """(2, 2): the face's right and down, each as long as the distance between the eyes."""
    right = landmarks[42:48].mean(axis=0) - landmarks[36:42].mean(axis=0)
    return np.array([right, [-right[1], right[0]]])


def mouth_gap(marks: Landmarks) -> float:
    """How far the lips of landmarks (68, 2) are apart, in their pixels."""
    return float(np.mean([np.hypot(*(marks[a] - marks[b])) for a, b in LIP_PAIRS]))
