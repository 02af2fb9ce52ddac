"""The change between two generated faces, put into the photo itself.

What is painted is at best as sharp as the generator; the photo is sharper. So its own pixels are
moved by the motion between the inverted and the dragged face, the colour change that the motion
leaves is applied coarsely, and only where the motion says nothing (an opened mouth) the
generator's pixels are shown, shifted to the photo's colours. All in linear light, at the photo's
own resolution and bit depth. Outside the edit every pixel is the input's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, Photo, fit_mesh
from photodrag.alignment.face_parts import LIPS
from photodrag.alignment.landmarks_again import shown_face
from photodrag.frames import rescaled

from ..imaging.sampling import grid, look_up
from .blend import Change, blend
from .colors import Colors, PaintedFaces, SkinLight, measure_colors
from .correction import landing
from .expression_light import expected_light, read_light
from .face_motion import FaceMotion, LedMotion, lead, measure_face_motion
from .feather import Feather
from .gaze import eye_displacements, turn_eyes, turned_eyes
from .head_motion import head_motion
from .lid_drags import closings, following, lid_sides, lid_ways
from .lids import shut_lids
from .motion import Motion
from .new_mouth import untuned_mouth
from .painted_change import PaintedChange
from .pasting import pasted
from .settings import CompositeSettings
from .strength import change_strength, changed_box, strength_at


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
    change: PaintedChange,
    settings: CompositeSettings,
    mask: NDArray[np.bool_] | None = None,
) -> Composite:
    """Put a painted change into the photo that its `before` was painted of.

    `crop` is the face's square of that photo; `mask` (H, W) of its size says what may change;
    None: wherever the face changed. Four steps: the motion is measured and led to its aims
    (`face_motion`), the colours are measured, and the photo's pixels are moved and coloured
    (`blend`). Eyes are turned and shut last, in the finished photo (`turn_eyes`,
    `shut_lids`).
    """
    drags = change.drags
    landmarks = crop.face.landmarks
    irises, lids = turned_eyes(drags, landmarks), lid_sides(drags, landmarks)
    is_other = [iris is None and lid is None for iris, lid in zip(irises, lids, strict=True)]
    others = tuple(drag for drag, other in zip(drags, is_other, strict=True) if other)
    if others:
        done = _carry_over(photo, crop, replace(change, drags=others), settings, mask)
    else:
        done = Composite(photo, np.zeros((photo.height, photo.width), np.bool_), ())
    if len(others) == len(drags):
        return done
    positions = iter(done.reached)
    displacements = eye_displacements(drags, landmarks)
    wished = closings(drags, landmarks)
    asked = wished + (1 - wished.clip(0, 1)) * following(displacements, landmarks)
    shown, changed, mesh = done.photo, done.changed, None
    if (asked > 0).any():
        mesh = fit_mesh(shown, crop.face)
    if any(iris is not None for iris in irises):
        now = shown_face(shown, crop.face).landmarks
        shown, turned = turn_eyes(shown, now, displacements, mask)
        changed = changed | turned
    shut = np.zeros(2)
    if mesh is not None:
        shown, lowered, shut = shut_lids(shown, mesh, asked, mask)
        changed = changed | lowered
    reached = []
    for drag, iris, lid in zip(drags, irises, lids, strict=True):
        if lid is not None:
            part = shut[lid] * wished[lid] / asked[lid] if asked[lid] > 0 else 0.0
            x, y = (part * lid_ways(landmarks)[lid]).tolist()
            reached.append((drag.handle[0] + x, drag.handle[1] + y))
        else:
            reached.append(next(positions) if iris is None else drag.target)
    return Composite(shown, changed, tuple(reached))


def _carry_over(
    photo: Photo,
    crop: FaceCrop,
    change: PaintedChange,
    settings: CompositeSettings,
    mask: NDArray[np.bool_] | None,
) -> Composite:
    """The composite without turned or shut eyes."""
    head = head_motion(change.drags, crop.face.landmarks)
    if head is not None:
        drags = tuple(head.rest(drag, drag.handle) for drag in change.drags)
        change = replace(change, drags=drags)
    face = measure_face_motion(change, crop, settings)
    led = lead(face, settings)
    flow, offset, trust = led.flow, led.offset, face.motion.trust
    if head is not None:
        backward = head.backward(face.shown, crop, settings.flow_size)
        sources = grid(settings.flow_size) + backward
        flow, offset = backward + look_up(flow, sources), backward + look_up(offset, sources)
        trust = look_up(trust[..., None], sources)[..., 0]
    strength = change_strength(flow, trust, crop, settings)
    box = changed_box(strength, crop, photo)
    if box is None:
        unchanged = np.zeros((photo.height, photo.width), np.bool_)
        return Composite(photo, unchanged, tuple(drag.handle for drag in change.drags))
    left, top, right, bottom = box
    allowed = None
    if mask is not None:
        allowed = Feather(mask[top:bottom, left:right], settings.feather * crop.side)
    motion = face.motion
    if settings.method == "detail":
        colors = _colors(photo, crop, change, face, led, settings)
    else:
        meeting = strength if settings.method == "poisson" else None
        motion, colors = pasted(photo, crop, face.after, motion, meeting)
    maps = Change(flow, offset, motion.trust, colors, strength)
    done = blend(photo, crop, box, maps, allowed)
    carried = partial(
        strength_at, strength=strength, crop=crop, allowed=allowed, corner=(left, top)
    )
    # Where the handles lie in the finished photo: map px => crop px => photo px.
    ends = crop.to_photo(
        rescaled(led.correction.undone(face.landed), crop.size / settings.flow_size)
    )
    ends = ends if head is None else head.at(ends)
    handles = np.array([drag.handle for drag in change.drags])
    reached = handles + (ends - handles) * carried(ends)[:, None]
    return Composite(done.photo, done.changed, tuple((float(x), float(y)) for x, y in reached))


def _colors(
    photo: Photo,
    crop: FaceCrop,
    change: PaintedChange,
    face: FaceMotion,
    led: LedMotion,
    settings: CompositeSettings,
) -> Colors:
    """The colours of the change, those of a newly opened mouth and of the skin's light included."""
    new = untuned_mouth(face.untuned, crop, face.landmark_motion, change.before)
    painted = PaintedFaces(change.before, face.after, new)
    light = _skin_light(face, led, settings)
    return measure_colors(photo, crop, painted, face.motion, face.sure, settings, light)


def _skin_light(face: FaceMotion, led: LedMotion, settings: CompositeSettings) -> SkinLight | None:
    """How the skin's light changes as landmarks move in the photo; None: as it is painted."""
    if not settings.learned_light:
        return None
    landmarks, both = face.landmarks, face.landmark_motion
    moved: Motion = replace(face.motion, backward=led.flow)
    ends = landing(moved, landmarks)
    if both is not None:
        lips = landmarks[LIPS]
        ends[LIPS] = led.correction.undone(both.handle_positions(lips, landmarks, ends[LIPS]))
    learned = read_light().change(landmarks, ends, face.shown, moved.size)
    return SkinLight(
        np.asarray(settings.learned_light * learned, np.float32),
        expected_light(landmarks, ends, face.shown, moved.size),
    )
