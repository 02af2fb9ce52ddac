"""Edges in a result that neither the photo nor the face's landmarks explain: ghosts, seams, spikes.

An edge is explained where the photo has one of about its direction beside it, as it stands there or
moved along with the landmarks, and where eyes, mouth, brows or jaw are now.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment.face_parts import EYES, LIPS_OUTSIDE
from photodrag.pipeline.imaging.sampling import FloatArray, as_float, look_up

from .landmark_spline import spline_positions
from .wild_edits import FaceView

# Lengths in distances between the eyes.
_FINE = 0.012  # width of the blur before edges are looked for
_NEAR = 0.03  # an edge of the photo so near explains one of the result
_FEATURE = 0.04  # around eyes, mouth, brows and jaw
_SHORTEST = 0.12  # a shorter edge is noise
_STRONG, _FOLLOWED = 12.0, 6.0  # levels of 255 in that blur's width: where an edge begins, goes on
_PART = 0.7  # an edge of the photo with this part of the strength explains one
_CHANGED = 3.0  # levels: where a result is none of the photo
_DIRECTIONS = 8  # of half a turn
_FEATURES = (slice(0, 17), slice(17, 22), slice(22, 27), slice(31, 36))


def unexplained_edges(before: FaceView, after: FaceView) -> NDArray[np.bool_]:
    """The pixels (S, S) of such edges, each one pixel wide."""
    eye = before.eye_distance
    grey, result = (_grey(view.pixels, _FINE * eye) for view in (before, after))
    positions = spline_positions(after.landmarks, before.landmarks, len(grey))
    moved = look_up(grey[..., None], positions)[..., 0]
    edges = _thin_edges(result, _FINE * eye)
    strength, direction = _gradient(result, _FINE * eye)
    near = _disc(2 * _NEAR * eye)
    explained = np.zeros(edges.shape, np.bool_)
    for picture in (grey, moved):
        beside, turned = _gradient(picture, _FINE * eye)
        for step in range(_DIRECTIONS):
            alike = np.where(_apart(turned, step) <= 1, beside, 0)
            enough = cv2.dilate(as_float(alike), near) >= _PART * strength
            explained |= enough & (direction == step)
    changed = cv2.GaussianBlur(np.abs(result - grey), (0, 0), _FINE * eye) > _CHANGED
    left = edges & ~explained & changed & ~_features(after.landmarks, eye, len(edges))
    return _long(left, _SHORTEST * eye)


def edge_length(marks: NDArray[np.bool_], eye_distance: float) -> float:
    """How long thin edges are together, in distances between the eyes."""
    return float(marks.sum() / eye_distance)


def _grey(pixels: NDArray[np.uint8], blur: float) -> FloatArray:
    grey = cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY).astype(np.float32)
    return as_float(cv2.GaussianBlur(grey, (0, 0), blur))


def _gradient(picture: FloatArray, width: float) -> tuple[FloatArray, NDArray[np.int64]]:
    """How much brightness changes over a width, and across which of the directions, (S, S)."""
    x, y = _slopes(picture, width)
    turn = np.mod(np.arctan2(y, x), np.pi) / np.pi * _DIRECTIONS
    return as_float(np.hypot(x, y)), np.rint(turn).astype(np.int64) % _DIRECTIONS


def _slopes(picture: FloatArray, width: float) -> tuple[FloatArray, FloatArray]:
    x, y = (cv2.Scharr(picture, cv2.CV_32F, dx, 1 - dx) * (width / 32) for dx in (1, 0))
    return as_float(x), as_float(y)


def _thin_edges(picture: FloatArray, width: float) -> NDArray[np.bool_]:
    """Edges one pixel wide."""
    fine = 16  # Canny takes whole numbers
    x, y = (np.rint(slope * fine).astype(np.int16) for slope in _slopes(picture, width))
    found = cv2.Canny(x, y, _FOLLOWED * fine, _STRONG * fine, L2gradient=True)
    return np.asarray(found > 0, np.bool_)


def _apart(directions: NDArray[np.int64], step: int) -> NDArray[np.int64]:
    """How many steps directions are from one of them, either way round."""
    away = (directions - step) % _DIRECTIONS
    return np.minimum(away, _DIRECTIONS - away)


def _features(landmarks: NDArray[np.float64], eye: float, size: int) -> NDArray[np.bool_]:
    """Eyes, mouth, brows, jaw and the base of the nose, with a margin, (S, S)."""
    area = np.zeros((size, size), np.uint8)
    for part in (*EYES, LIPS_OUTSIDE):
        cv2.fillConvexPoly(area, cv2.convexHull(_whole(landmarks[part])), 1)
    for part in _FEATURES:
        cv2.polylines(area, [_whole(landmarks[part])], False, 1)
    return np.asarray(cv2.dilate(area, _disc(2 * _FEATURE * eye)) > 0, np.bool_)


def _whole(places: NDArray[np.float64]) -> NDArray[np.int32]:
    return np.round(places).astype(np.int32)


def _long(marks: NDArray[np.bool_], least: float) -> NDArray[np.bool_]:
    """The marks that hang together in at least so many pixels."""
    _, labels, facts, _ = cv2.connectedComponentsWithStats(marks.astype(np.uint8))
    keep = facts[:, cv2.CC_STAT_AREA] >= least
    keep[0] = False
    return np.asarray(keep[labels], np.bool_)


def _disc(diameter: float) -> NDArray[np.uint8]:
    side = max(1, round(diameter)) | 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
