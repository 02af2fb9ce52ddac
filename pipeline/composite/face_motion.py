"""How the face moves from the painted one before to the painted one after, and is led to its aims.

First measured (`measure_face_motion`), by optical flow and by the landmarks of both painted faces,
then led (`lead`): what it misses at the handles is made up for, and amid many handles it is what
they say. All in pixels of a map of the crop, of side `CompositeSettings.flow_size`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks
from photodrag.drag import DragPoint

from ..imaging.sampling import FloatArray, grid, look_up
from .areas import face_area, openings_area, skin_area, within_area
from .correction import Correction, correct, landing
from .landmark_motion import LandmarkMotion, measure_landmark_motion
from .lip_parting import Parted, part_lips, stay_shut
from .motion import Motion, led_out, measure_motion, steadied
from .new_mouth import FacePainter
from .painted_change import PaintedChange
from .settings import CompositeSettings
from .shared_motion import shared_motion

_COARSE = 4  # px of the map between places where the correction is computed
Positions = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FaceMotion:
    """The motion between two painted faces, as it was measured.

    motion: of every pixel of the map, with how far it is to be trusted.
    after: the face as it was painted after, (S, S, 3), its lips parted where they should be.
    landmark_motion, untuned: as in `PaintedChange`, of that face.
    landmarks: the photo's, (68, 2); shown: where they are on the face as it is dragged.
    handles, targets: (N, 2); landed: where the handles lie by this motion alone.
    skin: (S, S), 1 where light and shade are the face's own; sure: where colours are compared.
    correction_part: how much of what handles miss is made up for, 0..1.
    """

    motion: Motion
    after: NDArray[np.uint8]
    landmark_motion: LandmarkMotion | None
    untuned: FacePainter | None
    landmarks: Landmarks
    shown: Landmarks
    handles: Positions
    targets: Positions
    landed: Positions
    skin: FloatArray
    sure: FloatArray
    correction_part: float


@dataclass(frozen=True, eq=False)
class LedMotion:
    """The motion as it is applied: backward, what a pixel of the map shows was at p + flow.

    `offset` (S, S, 2) is the part of the flow that was added so that handles arrive; what is
    painted is taken from p + offset. `correction` is the same as a function of any place.
    """

    flow: FloatArray
    offset: FloatArray
    correction: Correction


def measure_face_motion(
    change: PaintedChange, crop: FaceCrop, settings: CompositeSettings
) -> FaceMotion:
    """Measure how the face moves; drags of the eyes must have been taken out of the change."""
    size = settings.flow_size
    landmarks = crop.to_size(crop.to_crop(crop.face.landmarks), size)
    handles, targets = _ends(change.drags, crop, size)
    # A plain paste shows what the generator reached, and nothing else.
    part = settings.correction if settings.method == "detail" else 0.0
    both = change.landmark_motion or measure_landmark_motion(
        change.before, change.after, crop, size, change.landmarks
    )
    after, untuned = change.after, change.untuned
    at_target: list[int] = []  # handles of lips, which were moved where they should be
    if part and both is not None and untuned is not None:
        both, after, untuned, at_target = part_lips(
            Parted(both, after, untuned, at_target), landmarks, handles, targets, crop
        )
    if part and both is not None and stay_shut(landmarks, handles, targets):
        both = replace(both, may_open=False)
    known = None if both is None else both.field()
    motion = measure_motion(change.before, after, size, settings.distrust, known)
    if both is not None:
        motion = replace(motion, trust=motion.trust * (1 - both.opening_mask()))
    # The face as it is dragged: beside a head that has turned away there is background now.
    shown = landmarks if both is None else landmarks + both.after - both.before
    face = face_area(shown, size)
    # Hair may cross the forehead; below it new light and shade are the face's own, folds of skin.
    skin = skin_area(shown, size)
    sure = np.maximum(skin, face * motion.trust) * within_area(shown, size)
    openings = openings_area(crop, size, 1.0 if both is None else both.opening)
    motion = steadied(motion, face, openings, settings.steady * size)
    landed = landing(motion, handles)
    if both is not None:
        landed = both.handle_positions(handles, landmarks, landed)
        landed[at_target] = targets[at_target]
    return FaceMotion(
        motion=motion,
        after=after,
        landmark_motion=both,
        untuned=untuned,
        landmarks=landmarks,
        shown=shown,
        handles=handles,
        targets=targets,
        landed=landed,
        skin=skin,
        sure=sure,
        correction_part=part,
    )


def lead(face: FaceMotion, settings: CompositeSettings) -> LedMotion:
    """The motion with what it misses at the handles made up for."""
    size = settings.flow_size
    reach = settings.reach * size
    correction = correct(
        face.landed, face.handles, face.targets, face.shown, reach, face.correction_part
    )
    offset = correction.everywhere(size, _COARSE)
    flow = np.asarray(offset + look_up(face.motion.backward, grid(size) + offset), np.float32)
    if face.correction_part:
        together = shared_motion(
            face.handles, face.targets, face.shown, reach, face.correction_part
        )
        flow = together.blended_everywhere(flow, settings.shared_motion_weight)
    flow = led_out(flow, face.skin, settings.steady * size)
    return LedMotion(flow, offset, correction)


def _ends(points: Sequence[DragPoint], crop: FaceCrop, size: int) -> tuple[Positions, Positions]:
    """Handles and targets in pixels of a map, (N, 2) each."""
    handles, targets = (
        crop.to_size(crop.to_crop(np.array(positions)), size)
        for positions in ([p.handle for p in points], [p.target for p in points])
    )
    return handles, targets
