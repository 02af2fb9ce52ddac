"""The change between two generated faces, put into the photo itself.

What is painted is at best as sharp as the generator; the photo is sharper. So its own pixels are
moved by the motion between the inverted and the dragged face, the colour change that the motion
leaves is applied coarsely, and only where the motion says nothing (an opened mouth) the
generator's pixels are shown, shifted to the photo's colours. All in linear light, at the photo's
own resolution and bit depth. Outside the edit every pixel is the input's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo
from photodrag.alignment.face_parts import LIPS
from photodrag.alignment.landmarks_again import shown_face
from photodrag.drag import DragPoint

from ..imaging.sampling import FloatArray, grid, look_up
from .areas import face_area, openings_area, skin_area, within_area
from .blend import Change, blend
from .colors import measure_colors
from .correction import Correction, correct, landing
from .expression_light import read_light
from .feather import Feather
from .gaze import eye_displacements, turn_eyes, turned_eyes
from .landmark_motion import LandmarkMotion, measure_landmark_motion
from .lip_parting import Parted, part_lips
from .motion import Motion, led_out, measure_motion, steadied
from .new_mouth import FacePainter, untuned_mouth
from .pasting import pasted
from .settings import CompositeSettings
from .shared_motion import shared_motion
from .strength import change_strength, changed_box, strength_at

_COARSE = 4  # px of the map between places where the correction is computed


@dataclass(frozen=True, eq=False)
class Composite:
    """The finished photo, and `changed` (H, W): the only pixels that may differ from the input.

    `reached` says where each handle lies in it, (x, y) in photo pixels.
    """

    photo: Photo
    changed: NDArray[np.bool_]
    reached: tuple[tuple[float, float], ...]


def composite(
    photo: Photo,
    crop: FaceCrop,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    points: Sequence[DragPoint],
    settings: CompositeSettings,
    mask: NDArray[np.bool_] | None = None,
    landmark_motion: LandmarkMotion | None = None,
    known: NDArray[np.float64] | None = None,
    fresh: FacePainter | None = None,
) -> Composite:
    """Carry the change from `before` to `after`, generated faces (S, S, 3) uint8 sRGB, over.

    `points` are those that were dragged, in photo pixels; one that begins between the lids turns
    the eye, whatever is painted (`turn_eyes`). `mask` (H, W) of the photo's size says what may
    change; None: wherever the face changed. `landmark_motion` has the landmarks of both faces where
    they are known, in pixels of a map of side `flow_size`; None: they are looked for, those of
    `before` unless they are `known`, (68, 2) in its pixels. `fresh` paints the dragged face by the
    network as it was before tuning; it is asked where the mouth has opened, or should have.
    """
    sides = turned_eyes(points, crop.face.landmarks)
    others = [point for point, side in zip(points, sides, strict=True) if side is None]
    if others:
        landmark_motion = landmark_motion or measure_landmark_motion(
            before, after, crop, settings.flow_size, known
        )
        done = _carried_over(
            photo, crop, before, after, others, settings, mask, landmark_motion, fresh
        )
    else:
        done = Composite(photo, np.zeros((photo.height, photo.width), np.bool_), ())
    if len(others) == len(points):
        return done
    landmarks = shown_face(done.photo, crop.face).landmarks
    displacements = eye_displacements(points, crop.face.landmarks)
    turned, changed = turn_eyes(done.photo, landmarks, displacements, mask)
    positions = iter(done.reached)
    reached = (
        next(positions) if side is None else point.target
        for point, side in zip(points, sides, strict=True)
    )
    return Composite(turned, done.changed | changed, tuple(reached))


def _carried_over(
    photo: Photo,
    crop: FaceCrop,
    before: NDArray[np.uint8],
    after: NDArray[np.uint8],
    points: Sequence[DragPoint],
    settings: CompositeSettings,
    mask: NDArray[np.bool_] | None,
    landmark_motion: LandmarkMotion | None,
    fresh: FacePainter | None,
) -> Composite:
    """The composite but for turned eyes."""
    size = settings.flow_size
    landmarks = crop.to_size(crop.to_crop(crop.face.landmarks), size)
    handles, targets = _ends(points, crop, size)
    # A plain paste shows what the generator reached, and nothing else.
    most = settings.correction if settings.method == "detail" else 0.0
    led: list[int] = []
    if most and landmark_motion is not None and fresh is not None:
        landmark_motion, after, fresh, led = part_lips(
            Parted(landmark_motion, after, fresh, led), landmarks, handles, targets, crop
        )
    known = None if landmark_motion is None else landmark_motion.moved()
    motion = measure_motion(before, after, size, settings.distrust, known)
    if landmark_motion is not None:
        motion = replace(motion, trust=motion.trust * (1 - landmark_motion.opened()))
    # The face as it is dragged: beside a head that has turned away there is background now.
    shown = (
        landmarks
        if landmark_motion is None
        else landmarks + landmark_motion.after - landmark_motion.before
    )
    face = face_area(shown, size)
    # Hair may cross the forehead; below it new light and shade are the face's own, folds of skin.
    skin = skin_area(shown, size)
    sure = np.maximum(skin, face * motion.trust) * within_area(shown, size)
    motion = steadied(motion, face, openings_area(crop, size), settings.steady * size)
    landed = landing(motion, handles)
    if landmark_motion is not None:
        landed = landmark_motion.landed(handles, landmarks, landed)
        landed[led] = targets[led]
    correction = correct(landed, handles, targets, shown, settings.reach * size, most)
    offset = correction.everywhere(size, _COARSE)
    flow = np.asarray(offset + look_up(motion.backward, grid(size) + offset), np.float32)
    if most:
        crowd = shared_motion(handles, targets, shown, settings.reach * size, most)
        flow = crowd.blended_everywhere(flow, settings.told)
    flow = led_out(flow, skin, settings.steady * size)
    strength = change_strength(flow, motion.trust, crop, settings)
    box = changed_box(strength, crop, photo)
    if box is None:
        unchanged = np.zeros((photo.height, photo.width), np.bool_)
        return Composite(photo, unchanged, tuple(p.handle for p in points))
    left, top, right, bottom = box
    allowed = None
    if mask is not None:
        allowed = Feather(mask[top:bottom, left:right], settings.feather * crop.side)
    if settings.method == "detail":
        blur, shown_new = (
            settings.color_blur * size,
            untuned_mouth(fresh, crop, landmark_motion, before),
        )
        part = settings.painted_light
        moved = replace(motion, backward=flow)
        learned = _learned_light(moved, correction, landmarks, shown, landmark_motion, settings)
        colors = measure_colors(
            photo, crop, before, after, motion, sure, blur, shown_new, part, learned
        )
    else:
        meeting = strength if settings.method == "poisson" else None
        motion, colors = pasted(photo, crop, after, motion, meeting)
    done = blend(photo, crop, box, Change(flow, offset, motion.trust, colors, strength), allowed)

    weight = partial(strength_at, strength=strength, crop=crop, allowed=allowed, corner=(left, top))
    reached = _reached(points, landed, correction, weight, crop, size)
    return Composite(done.photo, done.changed, reached)


def _ends(
    points: Sequence[DragPoint], crop: FaceCrop, size: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Handles and targets in pixels of a map, (N, 2) each."""
    handles, targets = (
        crop.to_size(crop.to_crop(np.array(positions)), size)
        for positions in ([p.handle for p in points], [p.target for p in points])
    )
    return handles, targets


def _learned_light(
    motion: Motion,
    correction: Correction,
    landmarks: NDArray[np.float64],
    shown: NDArray[np.float64],
    landmark_motion: LandmarkMotion | None,
    settings: CompositeSettings,
) -> FloatArray | None:
    """How the skin's light changes as landmarks (68, 2) move in the photo, laid on those shown.

    The logarithm of a factor, (S, S); None: it does not.
    """
    if not settings.learned_light:
        return None
    ends = landing(motion, landmarks)
    if landmark_motion is not None:
        lips = landmarks[LIPS]
        ends[LIPS] = correction.undone(landmark_motion.landed(lips, landmarks, ends[LIPS]))
    change = read_light().change(landmarks, ends, shown, motion.size)
    return np.asarray(settings.learned_light * change, np.float32)


def _reached(
    points: Sequence[DragPoint],
    landed: NDArray[np.float64],
    correction: Correction,
    strength: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    crop: FaceCrop,
    size: int,
) -> tuple[tuple[float, float], ...]:
    """Where the handles lie in the finished photo; `landed` (N, 2) is where without correction.

    `strength` says of places (N, 2) in the photo how much of the change is carried over there.
    """
    positions = correction.undone(landed)
    in_crop = (positions + 0.5) * (crop.size / size) - 0.5
    ends = crop.to_photo(in_crop)
    handles = np.array([point.handle for point in points])
    moved = handles + (ends - handles) * strength(ends)[:, None]
    return tuple((float(x), float(y)) for x, y in moved)
