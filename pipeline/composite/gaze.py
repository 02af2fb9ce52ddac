"""The eyes look elsewhere: the photo's own irises slide between its lids.

Generated faces look ahead, and their latents hardly tell where to. So a drag that begins between
the lids is none of the generator's. It turns the eye: the iris moves as a whole, the white beside
it is stretched on one side and pressed together on the other, lids and corners stay.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Photo
from photodrag.alignment.face_measures import Landmarks, face_axes
from photodrag.alignment.face_parts import BOTH_EYES, EYES
from photodrag.alignment.iris import IRIS, find_irises
from photodrag.alignment.tolerances import AT_LANDMARK
from photodrag.drag import DragPoint
from photodrag.frames import rescaled

from ..imaging.linear_light import from_linear, to_linear
from ..imaging.sampling import FloatArray, look_up
from .lid_drags import lid_sides

_AROUND = 0.25  # of the eye distance: what is cut out around the eyes
_SEEN = 110.0  # px: width of an eye in which its iris is looked for
_LID = 0.03  # of the eye's width: the lid's edge
_WHOLE = 1.15  # of the iris' radius: what moves as a whole
_MASK_EDGE = 0.1  # of the eye's width, over which a turn fades inside a mask
Box = tuple[int, int, int, int]


def turned_eyes(points: Sequence[DragPoint], landmarks: Landmarks) -> tuple[int | None, ...]:
    """Between the lids of which eye each drag begins, as in `EYES`: 0 or 1; None: of neither.

    One at the middle of a lid shuts the eye (`lid_drags`).
    """
    eyes = float(np.hypot(*face_axes(landmarks)[0]))
    hulls = [cv2.convexHull(landmarks[eye].astype(np.float32)) for eye in EYES]

    def side(x: float, y: float) -> int | None:
        if np.linalg.norm(landmarks - (x, y), axis=1).min() <= AT_LANDMARK * eyes:
            return None
        found = [i for i, hull in enumerate(hulls) if cv2.pointPolygonTest(hull, (x, y), False) > 0]
        return found[0] if found else None

    shuts = lid_sides(points, landmarks)
    return tuple(
        side(*point.handle) if lid is None else None
        for point, lid in zip(points, shuts, strict=True)
    )


def eye_displacements(points: Sequence[DragPoint], landmarks: Landmarks) -> Landmarks:
    """How far drags turn the eyes in all, (2, 2) in pixels: the left, the right."""
    displacements = np.zeros((2, 2))
    for point, side in zip(points, turned_eyes(points, landmarks), strict=True):
        if side is not None:
            displacements[side] += np.subtract(point.target, point.handle)
    return displacements


def gaze(photo: Photo, landmarks: Landmarks) -> Landmarks:
    """Where both eyes look, (2,): their irises from the middles between the eyes' corners.

    In percent of the eye distance, along the face's own axes: right, down. `landmarks` (68, 2).
    """
    corners = np.array([(landmarks[eye][0] + landmarks[eye][3]) / 2 for eye in EYES])
    off = (irises_of(photo, landmarks) - corners).mean(axis=0)
    return np.asarray(off @ np.linalg.inv(face_axes(landmarks) / 100), np.float64)


def irises_of(photo: Photo, landmarks: Landmarks) -> Landmarks:
    """The centres of the irises, (2, 2) in photo pixels."""
    left, top, right, bottom = _box(photo, landmarks[BOTH_EYES], landmarks)
    cut = photo.to_srgb(photo.pixels[top:bottom, left:right])
    widths = [np.hypot(*(landmarks[eye][3] - landmarks[eye][0])) for eye in EYES]
    scale = min(1.0, _SEEN / max(float(np.mean(widths)), 1.0))
    size = (max(1, round(scale * (right - left))), max(1, round(scale * (bottom - top))))
    small = np.asarray(cv2.resize(cut, size, interpolation=cv2.INTER_AREA), np.uint8)
    ratio = np.array(size) / (right - left, bottom - top)
    in_small = rescaled(landmarks - (left, top), ratio)
    irises = rescaled(find_irises(small, in_small), 1 / ratio)
    return np.asarray(irises + np.array((left, top)), np.float64)


def turn_eyes(
    photo: Photo,
    landmarks: Landmarks,
    displacements: Landmarks,
    mask: NDArray[np.bool_] | None = None,
) -> tuple[Photo, NDArray[np.bool_]]:
    """The photo with its irises moved by `displacements` (2, 2), and which pixels (H, W) changed.

    `landmarks` (68, 2) are those of the photo as it is; outside of `mask` (H, W) nothing changes.
    """
    pixels = photo.pixels.copy()
    changed = np.zeros(pixels.shape[:2], np.bool_)
    for eye, displacement, iris in zip(
        EYES, displacements, irises_of(photo, landmarks), strict=True
    ):
        lids = landmarks[eye]
        box = _box(photo, lids, landmarks)
        left, top, right, bottom = box
        weight = _share(lids, displacement, iris, box)
        if mask is not None:
            inside = mask[top:bottom, left:right].astype(np.uint8)
            reach = _MASK_EDGE * float(np.hypot(*(lids[3] - lids[0])))
            fade = cv2.distanceTransform(inside, cv2.DIST_L2, 5) / max(1.0, reach)
            weight = weight * np.clip(fade, 0, 1)
        here = pixels[top:bottom, left:right]
        source = _grid((0, 0, right - left, bottom - top)) - weight[..., None] * displacement
        light = look_up(to_linear(here), np.asarray(source, np.float32), cubic=True)
        moved = weight > 0
        here[moved] = from_linear(light[moved], pixels.dtype)
        changed[top:bottom, left:right] |= moved
    pixels.flags.writeable = False
    return photo.with_pixels(pixels, edited=bool(changed.any())), changed


def _share(lids: Landmarks, displacement: Landmarks, iris: Landmarks, box: Box) -> FloatArray:
    """The part (h, w) of an eye's way by which each pixel of a box moves."""
    width = float(np.hypot(*(lids[3] - lids[0])))
    right = (lids[3] - lids[0]) / width
    axes = np.array([right, [-right[1], right[0]]]).T
    # From where the iris will be: right along the eye, and down.
    x, y = np.moveaxis((_grid(box) - iris - displacement) @ axes, 2, 0)
    in_small = (lids - iris - displacement) @ axes
    upper, lower = (
        np.polyfit(in_small[of, 0], in_small[of, 1], 3) for of in ([0, 1, 2, 3], [0, 5, 4, 3])
    )
    edge = _LID * width
    opening = np.clip((y - np.polyval(upper, x)) / edge + 0.5, 0, 1)
    opening *= np.clip((np.polyval(lower, x) - y) / edge + 0.5, 0, 1)
    opening *= np.clip((x - in_small[0, 0]) / edge, 0, 1) * np.clip(
        (in_small[3, 0] - x) / edge, 0, 1
    )
    whole = _WHOLE * IRIS * width
    room = np.where(x < 0, -in_small[0, 0], in_small[3, 0]) - whole
    beyond = np.clip((np.abs(x) - whole) / np.maximum(room, edge), 0, 1)
    fading = 1 - beyond * beyond * (3 - 2 * beyond)
    return np.asarray(opening * fading, np.float32)


def _box(photo: Photo, around: Landmarks, landmarks: Landmarks) -> Box:
    """The photo's box (left, top, right, bottom) around some landmarks."""
    margin = _AROUND * float(np.hypot(*face_axes(landmarks)[0])) + 2
    left, top = np.floor(around.min(axis=0) - margin).astype(int).tolist()
    right, bottom = np.ceil(around.max(axis=0) + margin).astype(int).tolist()
    left, top = (min(max(v, 0), end - 1) for v, end in ((left, photo.width), (top, photo.height)))
    right = max(min(right, photo.width), left + 1)
    return left, top, right, max(min(bottom, photo.height), top + 1)


def _grid(box: Box) -> Landmarks:
    """Each pixel's (x, y), (h, w, 2)."""
    left, top, right, bottom = box
    x, y = np.meshgrid(np.arange(left, right), np.arange(top, bottom))
    return np.stack([x, y], axis=2).astype(np.float64)
