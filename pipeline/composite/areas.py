"""Areas of the face in the map of its crop: 1 there, soft at their edges, 0 elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, face_outline
from photodrag.alignment.face_parts import EYES, LIPS_OUTSIDE

from ..imaging.blurring import blurred
from ..imaging.sampling import FloatArray

_FACE_MARGIN = 0.03  # of the crop's side, around the landmarks' outline
_RIM = 0.015  # of the crop's side: so near to the face's edge no colour is compared
_EYE_MARGIN, _MOUTH_MARGIN = 0.05, 0.12  # of the crop's side, across: how far they may open
_SOFT = 0.005  # of the crop's side: no area's edge is harder


def face_area(landmarks: NDArray[np.float64], size: int) -> FloatArray:
    """1 on the face with its forehead, soft at its edge, (S, S)."""
    return _area([face_outline(landmarks)], size, _FACE_MARGIN * size)


def within_area(landmarks: NDArray[np.float64], size: int) -> FloatArray:
    """1 on the face but for its rim, soft there, (S, S): landmarks miss its edge by a little."""
    face = _area([face_outline(landmarks)], size, 0.0)
    rim = _RIM * size
    return blurred(np.asarray(cv2.erode(face, ellipse(2 * rim)), np.float32), rim / 2)


def skin_area(landmarks: NDArray[np.float64], size: int) -> FloatArray:
    """1 between jaw and brows, soft at its edge, (S, S)."""
    return _area([landmarks], size, 0.0)


def openings_area(crop: FaceCrop, size: int, mouth_opens: float) -> FloatArray:
    """1 on eyes and mouth and as far around as they may open, soft at its edge, (S, S).

    On the mouth `mouth_opens`, 0..1: where lips do not part nothing new comes to light, and what
    teeth there are stay the photo's.
    """
    landmarks = crop.to_size(crop.to_crop(crop.face.landmarks), size)
    eyes = _area([landmarks[part] for part in EYES], size, _EYE_MARGIN * size)
    mouth = _area([landmarks[LIPS_OUTSIDE]], size, _MOUTH_MARGIN * size)
    return np.asarray(np.maximum(eyes, mouth_opens * mouth), np.float32)


def _area(outlines: Sequence[NDArray[np.float64]], size: int, margin: float) -> FloatArray:
    """1 inside the hulls of points in map pixels, each widened by about half a margin, (S, S)."""
    area = np.zeros((size, size), np.float32)
    for outline in outlines:
        hull = cv2.convexHull(np.round(outline).astype(np.int32))
        cv2.fillConvexPoly(area, hull, 1.0)
    wide = cv2.dilate(area, ellipse(margin))
    return blurred(np.asarray(wide, np.float32), max(margin / 4, _SOFT * size))


def ellipse(diameter: float) -> NDArray[np.uint8]:
    """A disc to widen or narrow areas with."""
    side = max(1, round(diameter)) | 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side)), np.uint8)
