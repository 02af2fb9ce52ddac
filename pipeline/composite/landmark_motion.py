"""Landmarks of the painted faces: the motion of a face's parts that optical flow mistakes.

Where lips part, flow stretches one lip over the gap. Landmarks found in both painted faces tell
how each part moved, and where a mouth has opened.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks, eye_distance, mouth_gap
from photodrag.alignment.face_parts import LIPS, LIPS_INSIDE, LOWER_LIP, UPPER_LIP
from photodrag.alignment.tolerances import AT_LANDMARK, MISTAKEN, MOUTH_OPENED

from ..guide.painted_face import painted_landmarks, to_map
from ..imaging.sampling import FloatArray
from .correction import follow

_LIP = 0.006  # of the map's side, how far beyond the lips' edge what is new may reach
_REACH = 0.03  # of the map's side, of a landmark's motion
_COARSE = 2  # px of the map between places where that motion is computed


@dataclass(frozen=True, eq=False)
class LandmarkMotion:
    """Landmarks (68, 2) of the inverted and the dragged face, in pixels of a map of side `size`.

    may_open: whether the mouth may have opened: a painted one does so without being asked.
    """

    before: Landmarks
    after: Landmarks
    size: int
    may_open: bool = True

    @property
    def eye_distance(self) -> float:
        """Of the inverted face."""
        return eye_distance(self.before)

    def field(self) -> FloatArray:
        """The motion of the landmarks, smooth between them, of every pixel, (size, size, 2).

        Backward, from the dragged face. Lips that have parted are each led by their own landmarks.
        """
        whole = self._motion(range(len(self.after)))
        if not self.opening:
            return whole
        upper, lower = (
            self._motion([landmark for landmark in range(len(self.after)) if landmark not in other])
            for other in (LOWER_LIP, UPPER_LIP)
        )
        inner = self.after[LIPS_INSIDE]
        middle, width = inner[:, 0].mean(), max(np.ptp(inner[:, 0]), 1.0)
        curve = np.polyfit((inner[:, 0] - middle) / width, inner[:, 1], 2)
        rows, columns = np.mgrid[: self.size, : self.size].astype(np.float32)
        below = rows > np.polyval(curve, (columns - middle) / width)
        lips = np.where(below[..., None], lower, upper)
        area = np.zeros((self.size, self.size), np.float32)
        cv2.fillConvexPoly(area, cv2.convexHull(np.round(self.after[LIPS]).astype(np.int32)), 1.0)
        weight = cv2.GaussianBlur(area, (0, 0), _LIP * self.size)[..., None]
        return np.asarray(whole * (1 - weight) + lips * weight, np.float32)

    def _motion(self, numbers: Sequence[int]) -> FloatArray:
        """The motion as landmarks of some numbers have it, (size, size, 2)."""
        after, before = self.after[[*numbers]], self.before[[*numbers]]
        motion = follow(after, before - after, _REACH * self.size)
        return motion.everywhere(self.size, _COARSE)

    @property
    def opening(self) -> float:
        """How surely the mouth has opened, 0..1."""
        if not self.may_open:
            return 0.0
        wider = (mouth_gap(self.after) - mouth_gap(self.before)) / self.eye_distance
        return float(np.clip((wider - MOUTH_OPENED[0]) / (MOUTH_OPENED[1] - MOUTH_OPENED[0]), 0, 1))

    def opening_mask(self) -> FloatArray:
        """`opening` where the mouth has opened, soft at its edge, 0 elsewhere, (size, size)."""
        weight = self.opening
        if not weight:
            return np.zeros((self.size, self.size), np.float32)
        area = between_lips(self.after, self.size, weight)
        lip = _LIP * self.size
        side = max(1, round(2 * lip)) | 1
        wide = cv2.dilate(area, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)))
        return np.asarray(cv2.GaussianBlur(wide, (0, 0), lip / 2), np.float32)

    def handle_positions(
        self, handles: Landmarks, landmarks: Landmarks, positions: Landmarks
    ) -> Landmarks:
        """Where handles (N, 2) lie in the dragged face: one at a lip's landmark went with it.

        `landmarks` (68, 2) are the photo's. The others lie at `positions` (N, 2), where the flow
        leads to: except of lips, which part, it is more exact than landmarks are.
        """
        away = np.linalg.norm(handles[:, None] - landmarks[LIPS], axis=2)
        nearest = away.argmin(axis=1)
        moved = handles + (self.after - self.before)[LIPS][nearest]
        is_near = away.min(axis=1) < AT_LANDMARK * self.eye_distance
        return np.where(is_near[:, None], moved, positions)


def between_lips(landmarks: Landmarks, size: int, value: float = 1.0) -> FloatArray:
    """A value between the lips of landmarks (68, 2) in pixels of a map, else 0, (size, size)."""
    area = np.zeros((size, size), np.float32)
    # Fixed point: a gap is few pixels high.
    inner = np.round(landmarks[LIPS_INSIDE] * 16).astype(np.int32)
    cv2.fillPoly(area, [inner], value, cv2.LINE_8, 4)
    return area


def measure_landmark_motion(
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    crop: FaceCrop,
    size: int,
    known: Landmarks | None = None,
) -> LandmarkMotion | None:
    """Landmarks of two painted faces (S, S, 3) uint8; None where they are not where they should be.

    `size` is the side of the map in whose pixels they are given; `known` (68, 2) are those of
    `before` in its own pixels, where they were looked for already.
    """
    expected = crop.to_size(crop.to_crop(crop.face.landmarks), size)
    first, last = (
        to_map(painted_landmarks(image, crop) if found is None else found, len(image), size)
        for image, found in ((before, known), (after, None))
    )
    away = np.median(np.linalg.norm(first - expected, axis=1))
    if away > MISTAKEN * eye_distance(expected):
        return None
    return LandmarkMotion(first, last, size)
