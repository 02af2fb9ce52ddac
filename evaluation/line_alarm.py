"""Lines of the background that an edit bends: straight in the photo, curved in the result.

Along each straight segment of the photo that lies outside the face, the result is searched for it
across the segment. A line that is shifted or turned as a whole is still straight; what is left of
the shifts after that is how far it bends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import face_outline
from photodrag.pipeline.imaging.sampling import FloatArray, as_float, look_up

from .wild_edits import FaceView

# Lengths in distances between the eyes.
_SHORTEST = 0.25
_MARGIN = 0.12  # around the face: no line of the background
_ACROSS = 0.1  # of a profile across the line, to either side
_FARTHEST = 0.12  # that a line is searched for, to either side
_SCALES = (1, 4)  # lines out of focus are seen in a smaller picture
_STEPS = 0.02  # between profiles along the line
_LIKE = 0.85  # correlation of two profiles of one line
_CONTRAST = 5.0  # levels: a profile with less shows no line
_SURE = 0.6  # part of the profiles that must be found again
_TOGETHER = 5  # profiles that are averaged along the line
_JUMP = 2.0  # px from one profile's place to its neighbours'
_FINE = 4  # profile samples per pixel


@dataclass(frozen=True)
class BentLine:
    """A straight segment of the photo, in pixels of the square, and how far it bends.

    `bend` is in percent of the distance between the eyes.
    """

    begin: tuple[float, float]
    end: tuple[float, float]
    bend: float


def bent_lines(before: FaceView, after: FaceView) -> tuple[BentLine, ...]:
    """Every line of the background that is found again, the most bent one first."""
    grey, result = (
        as_float(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY)) for view in (before, after)
    )
    eye = before.eye_distance
    found = [
        BentLine((x, y), (end_x, end_y), 100 * bend / eye)
        for x, y, end_x, end_y in straight_segments(before, after)
        if (bend := _bend(grey, result, np.array([[x, y], [end_x, end_y]]), eye)) is not None
    ]
    return tuple(sorted(found, key=lambda line: -line.bend))


def straight_segments(before: FaceView, after: FaceView) -> list[list[float]]:
    """[x, y, end x, end y] of the straight segments of the photo outside the face."""
    eye, size = before.eye_distance, len(before.pixels)
    face = np.zeros((size, size), np.uint8)
    for view in (before, after):
        cv2.fillConvexPoly(face, np.round(face_outline(view.landmarks)).astype(np.int32), 1)
    margin = max(1, round(2 * _MARGIN * eye)) | 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (margin, margin))
    face = np.asarray(cv2.dilate(face, disc), np.uint8)
    grey = np.asarray(cv2.cvtColor(before.pixels, cv2.COLOR_RGB2GRAY), np.uint8)
    every = [segment for scale in _SCALES for segment in _segments(grey, scale)]
    found: list[list[float]] = []
    for segment in every:
        ends = np.array(segment).reshape(2, 2)
        along = np.linspace(ends[0], ends[1], 20).round().astype(int).clip(0, size - 1)
        is_long = float(np.linalg.norm(ends[1] - ends[0])) >= _SHORTEST * eye
        if is_long and not face[along[:, 1], along[:, 0]].any():
            found.append(segment)
    return found


def _segments(grey: NDArray[np.uint8], scale: int) -> list[list[float]]:
    """Straight segments of a picture (S, S), looked for in a smaller one of it."""
    size = (grey.shape[1] // scale, grey.shape[0] // scale)
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    segments: Any = cv2.createLineSegmentDetector().detect(small)[0]
    if segments is None:  # there are none
        return []
    found = (np.asarray(segments, np.float64).reshape(-1, 4) + 0.5) * scale - 0.5
    listed: list[list[float]] = found.tolist()
    return listed


def _bend(
    before: FloatArray, after: FloatArray, ends: NDArray[np.float64], eye: float
) -> float | None:
    """By how many pixels a segment's ends (2, 2) bend; None where it is not found again."""
    length = float(np.linalg.norm(ends[1] - ends[0]))
    along = (ends[1] - ends[0]) / length
    across = np.array([-along[1], along[0]])
    places = ends[0] + np.arange(0, length, max(_STEPS * eye, 1.0))[:, None] * along
    half, reach = round(_ACROSS * eye * _FINE), round(_FARTHEST * eye * _FINE)
    line = _profiles(before, places, across, half)
    wide = _profiles(after, places, across, half + reach)
    shifts, sure = _shifts(line, wide)
    if sure.mean() < _SURE or sure.sum() < 2 * _TOGETHER:
        return None
    steps = np.flatnonzero(sure).astype(np.float64)
    found = shifts[sure] / _FINE
    left = found - np.polyval(np.polyfit(steps, found, 1), steps)
    return float(np.percentile(np.abs(left), 95))


def _profiles(
    picture: FloatArray, places: NDArray[np.float64], across: NDArray[np.float64], half: int
) -> FloatArray:
    """(N, 2 half + 1): brightness across the line at each place, averaged along it."""
    offsets = np.arange(-half, half + 1)[:, None] / _FINE * across
    found = look_up(picture[..., None], as_float(places[:, None] + offsets))[..., 0]
    return as_float(cv2.blur(found, (1, _TOGETHER), borderType=cv2.BORDER_REPLICATE))


def _shifts(line: FloatArray, wide: FloatArray) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each profile lies in the wider one, in samples from its middle; and whether it does."""
    count = line.shape[1]
    reach = (wide.shape[1] - count) // 2
    centred = line - line.mean(axis=1, keepdims=True)
    contrast = centred.std(axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(wide, count, axis=1)
    each = windows - windows.mean(axis=2, keepdims=True)
    scale = np.maximum(each.std(axis=2) * contrast[:, None], 1e-6)
    likeness = np.einsum("nsc,nc->ns", each, centred) / count / scale
    best = likeness.argmax(axis=1)
    sure = (likeness.max(axis=1) > _LIKE) & (contrast > _CONTRAST)
    # A line has no jumps: a profile far from its neighbours has found something else.
    padded = np.pad(best, _TOGETHER // 2, mode="edge")
    around = np.median(np.lib.stride_tricks.sliding_window_view(padded, _TOGETHER), axis=1)
    return best - reach, np.asarray(sure & (np.abs(best - around) <= _JUMP * _FINE), np.bool_)
