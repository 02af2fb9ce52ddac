"""All drags since the base: those of this edit, and the earlier ones where they are carried to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import eye_distance
from photodrag.alignment.face_parts import LIP_PAIRS, LIPS
from photodrag.alignment.tolerances import ON_LIP, SAME_PLACE
from photodrag.drag import DragPoint
from photodrag.frames import rescaled

from ..composite.correction import correct, landing
from ..composite.motion import Motion, measure_motion
from ..composite.settings import CompositeSettings
from ..composite.shared_motion import shared_motion
from ..imaging.sampling import look_up

_NUDGE = 1e-6  # pixels; a place that came back to where it was is still a drag
Image = NDArray[np.uint8]
Places = NDArray[np.float64]


def accumulate_drags(
    earlier: Sequence[DragPoint],
    points: Sequence[DragPoint],
    faces: tuple[Image, Image, Image],
    crop: FaceCrop,
    settings: CompositeSettings,
    lips: Mapping[int, int] | None = None,
    request_count: int | None = None,
) -> tuple[DragPoint, ...]:
    """All drags from the base to the end of an edit, in photo pixels; those of the edit last.

    A new handle is followed back to the base. An earlier drag goes along with the new motion,
    unless the same place is dragged again.

    Args:
        earlier: the drags from the base to the edit's beginning.
        points: the edit's own; handles lie where the photo showed them at its beginning.
        faces: painted at the base, at the beginning and at the end, (S, S, 3) uint8 sRGB.
        crop: the face's square, with the base's landmarks.
        settings: how motion is measured and led.
        lips: the landmark of each point that is one of the lips, by the point's number. Neither
            motion nor looks tell the upper lip from the lower one where they touch: such a point
            begins at the base's landmark.
        request_count: how many of the first points were asked for as drags (None: all). Those
            after them are adjustments': they add to earlier drags of their landmark, and a gap
            between lips narrows by its part of the earlier gap.
    """
    base, begin, end = faces
    size = settings.flow_size
    so_far = measure_motion(base, begin, size, settings.distrust)
    handles, targets = (
        _to_map([getattr(p, name) for p in points], crop, size) for name in ("handle", "target")
    )
    origins = _origins(so_far, earlier, handles, crop, settings)
    lips, count = lips or {}, len(points) if request_count is None else request_count
    begins, ends = (
        _to_map([getattr(p, name) for p in earlier], crop, size) for name in ("handle", "target")
    )
    landmarks = _to_map(crop.face.landmarks, crop, size)
    eyes = eye_distance(landmarks)
    lip_numbers = earlier_lips(begins, landmarks, eyes)
    for number, landmark in lips.items():
        origins[number] = landmarks[landmark]
    adding = {number: landmark for number, landmark in lips.items() if number >= count}
    reached = {landmark: ends[number] for landmark, number in lip_numbers.items()}
    for number, place in lip_ends(handles, targets, adding, reached).items():
        targets[number] = place
    others = np.delete(origins, list(lips), axis=0)
    away = [np.hypot(*(others - position).T).min(initial=np.inf) for position in begins]
    again = {number for landmark, number in lip_numbers.items() if landmark in lips.values()}
    again |= {number for number, gap in enumerate(away) if gap <= SAME_PLACE * eyes}
    kept = [point for number, point in enumerate(earlier) if number not in again]
    now = measure_motion(begin, end, size, settings.distrust)
    carried = (
        landing(now, _to_map([p.target for p in kept], crop, size)) if kept else np.empty((0, 2))
    )
    before = [*(point.handle for point in kept), *_to_photo(origins, crop, size)]
    after = [*_to_photo(carried, crop, size), *_to_photo(targets, crop, size)]
    return tuple(_drag(*ends) for ends in zip(before, after, strict=True))


def as_seen(
    reached: Sequence[tuple[float, float]],
    earlier: Sequence[DragPoint],
    points: Sequence[DragPoint],
) -> tuple[tuple[float, float], ...]:
    """Where an edit's points lie, beside their own targets: those that are held may be others."""
    return tuple(
        (place[0] + point.target[0] - kept.target[0], place[1] + point.target[1] - kept.target[1])
        for place, kept, point in zip(reached, earlier[-len(points) :], points, strict=True)
    )


def _origins(
    motion: Motion,
    earlier: Sequence[DragPoint],
    positions: Places,
    crop: FaceCrop,
    settings: CompositeSettings,
) -> Places:
    """Where what the photo shows at places was in the base, both in pixels of the map."""
    size = settings.flow_size
    at = positions[None].astype(np.float32)
    if not earlier:
        return np.asarray((at + look_up(motion.backward, at))[0], np.float64)
    handles, targets = (
        _to_map([getattr(p, name) for p in earlier], crop, size) for name in ("handle", "target")
    )
    about = (_to_map(crop.face.landmarks, crop, size), settings.reach * size, settings.correction)
    offset = correct(landing(motion, handles), handles, targets, *about).at(at)
    flow = np.asarray(offset + look_up(motion.backward, at + offset), np.float32)
    if settings.correction:
        flow = shared_motion(handles, targets, *about).blended_into(
            flow, at, settings.shared_motion_weight
        )
    return np.asarray((at + flow)[0], np.float64)


def _drag(origin: tuple[float, float], target: tuple[float, float]) -> DragPoint:
    if origin == target:
        target = (target[0] + _NUDGE, target[1])
    return DragPoint(origin, target)


def _to_map(positions: Sequence[tuple[float, float]] | Places, crop: FaceCrop, size: int) -> Places:
    array = np.array(positions, np.float64).reshape(-1, 2)
    return crop.to_size(crop.to_crop(array), size)


def _to_photo(positions: Places, crop: FaceCrop, size: int) -> list[tuple[float, float]]:
    in_crop = rescaled(positions, crop.size / size)  # map px => crop px
    return [(float(x), float(y)) for x, y in crop.to_photo(in_crop)]


def earlier_lips(begins: Places, landmarks: Places, eyes: float) -> dict[int, int]:
    """Of drags that begin at places (N, 2), by landmark the number of the one that is a lip's.

    `landmarks` (68, 2) are those of the same picture, `eyes` is its eye distance.
    """
    away = np.linalg.norm(begins[:, None] - landmarks[LIPS], axis=2)
    return {
        LIPS.start + int(row.argmin()): number
        for number, row in enumerate(away)
        if row.min() < ON_LIP * eyes
    }


def lip_ends(
    handles: Places, targets: Places, lips: Mapping[int, int], earlier: Mapping[int, Places]
) -> dict[int, Places]:
    """Where drags of lips end, by their number, once they are added to `earlier` ends.

    Those are by landmark, as `lips` are by the number of the drag; `handles` and `targets` (N, 2)
    are as the face was seen between. A gap that is seen to narrow by a part does so.
    """
    known = {landmark: number for number, landmark in lips.items() if landmark in earlier}
    ends = {n: earlier[landmark] + targets[n] - handles[n] for landmark, n in known.items()}
    for upper, lower in LIP_PAIRS:
        if not {upper, lower} <= known.keys():
            continue
        one, other = known[upper], known[lower]
        before, after = (
            positions[other, 1] - positions[one, 1] for positions in (handles, targets)
        )
        if 0 <= after < before:
            middle = (ends[one] + ends[other]) / 2
            half = (earlier[lower] - earlier[upper]) * (after / before) / 2
            ends[one], ends[other] = middle - half, middle + half
    return ends
