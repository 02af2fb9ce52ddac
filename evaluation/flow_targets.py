"""Where a face's landmarks really went from one frame to another.

A predictor of landmarks errs by some percent of the eye distance, and in each frame differently. So
the skin at each landmark is followed by dense optical flow, there and back; where both agree, that
is the target. Elsewhere (what was hidden, lids that shut, lips that part) it is where the landmark
is found in the other frame.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, face_outline
from photodrag.alignment.face_parts import EYES
from photodrag.pipeline.composite.motion import measure_motion
from photodrag.pipeline.imaging.sampling import FloatArray, as_float, grid, look_up

from .landmark_spline import spline_positions

_SIZE = 640  # px of the square around both faces in which the flow is measured
# Lengths in distances between the eyes.
_MARGIN = 0.6  # of the square around both faces
_DISAGREE = 0.02  # of the two directions: beyond it the flow is not trusted
_ASIDE = 0.05  # from the edges of jaw and eyes: beside the skin, background and irises count
_ASTRAY = 0.25  # so far from the landmark found there, the flow has found something else
_TRUSTED = 0.5
_JAW = slice(0, 17)


@dataclass(frozen=True, eq=False)
class FlowTargets:
    """Where each landmark went, (68, 2) in pixels, and which of them the flow tells, (68,)."""

    places: NDArray[np.float64]
    by_flow: NDArray[np.bool_]


def flow_targets(photo: Photo, face: Face, other: Photo, other_face: Face) -> FlowTargets:
    """Where the landmarks of a face in a photo are in another one of the same size."""
    eye = face.eye_distance
    matrix, scale = _square_around(face, other_face)
    first, last = (
        np.asarray(
            cv2.warpAffine(
                one.srgb(),
                matrix,
                (_SIZE, _SIZE),
                flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_REPLICATE,
            ),
            np.uint8,
        )
        for one in (photo, other)
    )
    here, there = (one.landmarks @ matrix[:, :2].T + matrix[:, 2] for one in (face, other_face))
    known = as_float(spline_positions(here, there, _SIZE) - grid(_SIZE))
    # The photo's pixels, followed into the other one: its motion, from behind.
    motion = measure_motion(last, first, _SIZE, _DISAGREE * eye * scale / _SIZE, known)
    read = _read_at(here, eye * scale)
    moved = here + _at(motion.backward, read)
    trust = _at(motion.trust[..., None], read)[:, 0]
    astray = np.linalg.norm(moved - there, axis=1) / (eye * scale) > _ASTRAY
    by_flow = (trust >= _TRUSTED) & ~astray
    found = np.where(by_flow[:, None], moved, there)
    return FlowTargets((found - matrix[:, 2]) / scale, by_flow)


def _square_around(*faces: Face) -> tuple[NDArray[np.float64], float]:
    """(2, 3): photo => pixels of a square around the faces, and how many of them a photo's has."""
    outlines = np.concatenate([face_outline(face.landmarks) for face in faces])
    low, high = outlines.min(axis=0), outlines.max(axis=0)
    half = (high - low).max() / 2 + _MARGIN * faces[0].eye_distance
    scale = float(_SIZE / (2 * half))
    begin = (low + high) / 2 - half
    return np.column_stack([scale * np.eye(2), -scale * begin]), scale


def _read_at(landmarks: NDArray[np.float64], eye: float) -> NDArray[np.float64]:
    """Where the flow is read for each landmark: those of jaw and lids on the skin beside them."""
    places = landmarks.copy()
    middle = landmarks.mean(axis=0)
    for part, away in ((_JAW, middle - landmarks[_JAW]), *_from_eyes(landmarks)):
        places[part] += away / np.linalg.norm(away, axis=1, keepdims=True) * _ASIDE * eye
    return places


def _from_eyes(landmarks: NDArray[np.float64]) -> list[tuple[slice, NDArray[np.float64]]]:
    return [(part, landmarks[part] - landmarks[part].mean(axis=0)) for part in EYES]


def _at(values: FloatArray, places: NDArray[np.float64]) -> NDArray[np.float64]:
    """A map (S, S, C) at places (N, 2): (N, C)."""
    return np.asarray(look_up(values, as_float(places)[None])[0], np.float64)
