"""What is asked of an edit, placed on a face: points, adjustments and mask, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceCrop, Photo
from photodrag.alignment.face_measures import face_axes
from photodrag.alignment.face_parts import EYES, LIP_NUMBERS, UPPER_LIDS
from photodrag.alignment.landmarks_again import shown_face
from photodrag.alignment.tolerances import AT_LANDMARK, UNMOVED
from photodrag.checkpoints import Generator
from photodrag.drag import DragPoint
from photodrag.errors import MaskError, PointError

from ..composite.gaze import turned_eyes
from ..composite.lid_drags import ShutEyes, Sides, asked_lids, closing_drag, closings, lid_ways
from ..guide.run import REVEALING, detail_rows
from ..request.adjustments import STEADY, Adjust, eye_closings, find_adjustment
from ..request.drag_spec import resolve_points
from ..request.masks import face_mask, read_mask
from ..settings import DEFAULTS, EditSettings
from .adjusted_landmarks import adjusted_landmarks
from .edit_request import EditRequest
from .values import Start

_BEYOND = 0.25  # of the side of the face's square: a target may lie this far outside
_NUDGE = 1e-3  # px of the image: what is dragged to the edge from the edge is a drag still
_EDGE = 0.01  # of the side of the face's square: nothing is adjusted so near to its border


@dataclass(frozen=True, eq=False)
class AdjustedPoints:
    """Drags in photo pixels, and the numbers of landmarks that should stay where they are.

    `reveals`: something is to be seen that was hidden, as teeth are.
    """

    points: tuple[DragPoint, ...]
    held: tuple[int, ...]
    reveals: bool = False


@dataclass(frozen=True, eq=False)
class PlacedEdit:
    """A request placed on a face: all that it asks for, in pixels.

    points: all drags in photo pixels, handles where the photo shows them now; those of the
        adjustments last, which `adjusted` has by themselves.
    mask: (H, W) of the photo's size, or None.
    crop: the face's square; resolution: the side of the generator's image of it.
    turns_eye marks the points that turn an eye; lids has the number of the eye whose lid a point
        moves, and None. Neither are the generator's.
    """

    request: EditRequest
    points: tuple[DragPoint, ...]
    adjusted: AdjustedPoints
    mask: NDArray[np.bool_] | None
    crop: FaceCrop
    resolution: int
    turns_eye: tuple[bool, ...]
    lids: Sides


def place(
    request: EditRequest, photo: Photo, start: Start, crop: FaceCrop, resolution: int
) -> PlacedEdit:
    """Place a request on the face of `start` in a photo; everything about it is checked here.

    What adjustments would drag outside the `crop`, a long chin for instance, is left out.
    PointError for drags that lie elsewhere and where there is nothing to do, MaskError for a mask
    that does not fit the photo or the face.
    """
    face = start.current_face
    shut = already_shut(start)
    points, adjusted = place_drags(request, face, photo, crop, shut)
    mask = place_mask(request, start.face, photo)
    turns = tuple(side is not None for side in turned_eyes(points, face.landmarks))
    own = len(points) - len(adjusted.points)
    lids = asked_lids(points, face.landmarks, own, shut)
    check_in_square(points, crop)
    mask_of_crop(mask, crop, resolution)  # refuses a mask elsewhere
    return PlacedEdit(
        request=request,
        points=points,
        adjusted=adjusted,
        mask=mask,
        crop=crop,
        resolution=resolution,
        turns_eye=turns,
        lids=lids,
    )


def already_shut(start: Start) -> ShutEyes:
    """How far the edits since the base have shut both eyes."""
    has_moved = start.all_drags and start.base_latent is not None
    face = shown_face(start.base, start.face) if has_moved else start.face
    so_far = closings(start.all_drags, face.landmarks).clip(0, 1)
    return ShutEyes(so_far, lid_ways(face.landmarks))


def place_mask(request: EditRequest, face: Face, photo: Photo) -> NDArray[np.bool_] | None:
    """The mask of a request on a face of a photo, (H, W): read, drawn, or as it was given.

    MaskError where it cannot be read, is of another size, or is all black.
    """
    mask = request.mask
    if isinstance(mask, Path):
        return read_mask(mask, photo.size)
    drawn = face_mask(mask, face, photo.size)
    return None if drawn is None else checked_mask(drawn, photo)


def place_drags(
    request: EditRequest, face: Face, photo: Photo, crop: FaceCrop, shut: ShutEyes | None = None
) -> tuple[tuple[DragPoint, ...], AdjustedPoints]:
    """All drags of a request in photo pixels, those of its adjustments last; see `place`.

    `shut` says how far edits before have shut the eyes.
    """
    if request.is_empty:
        raise PointError(
            "there is nothing to do; give at least one handle and target, or an adjustment"
        )
    drags = resolve_points(request.points, face, photo.size) if request.points else ()
    adjusted = adjusted_points(request.adjust, face, drags, shut)
    within = tuple(point for point in adjusted.points if _within(point, crop))
    if not drags and not within:
        raise PointError(
            "nothing that would be adjusted lies in the face's square; "
            "take another photo of this face, or choose another face with --face"
        )
    adjusted = replace(adjusted, points=within)
    return drags + adjusted.points, adjusted


def adjusted_points(
    adjust: Adjust, face: Face, taken: Sequence[DragPoint] = (), shut: ShutEyes | None = None
) -> AdjustedPoints:
    """The drags that adjust a face; a landmark that is dragged already, in `taken`, is left out.

    Eyes that edits before have `shut` open by their lids.
    PointError where there is nothing to do: a closed mouth that should close.
    """
    opened = [side for side in (0, 1) if shut is not None and side in shut]
    moves = adjusted_landmarks(adjust, face, opened) - face.landmarks
    lengths = np.linalg.norm(moves, axis=1) / face.eye_distance
    own = np.array([point.handle for point in taken]).reshape(-1, 2)
    away = np.linalg.norm(face.landmarks[:, None] - own, axis=2) / face.eye_distance
    is_taken = (away < AT_LANDMARK).any(axis=1)
    points = [
        DragPoint((float(x), float(y)), (float(x + dx), float(y + dy)))
        for (x, y), (dx, dy) in zip(
            face.landmarks[(lengths > UNMOVED) & ~is_taken],
            moves[(lengths > UNMOVED) & ~is_taken],
            strict=True,
        )
    ]
    points += _turned_eyes(adjust, face, taken) + _shut_eyes(adjust, face, taken, shut)
    known = [find_adjustment(name) for name, _ in adjust]
    held: set[int] = set()
    if not any(one.is_pose for one in known):
        held = set(STEADY).difference(*(one.free for one in known))
        held -= set(np.flatnonzero((lengths > UNMOVED) | is_taken).tolist())
    reveals = any(find_adjustment(name).reveals and value > 0 for name, value in adjust)
    return AdjustedPoints(tuple(points), tuple(sorted(held)), reveals)


def lips_among(points: Sequence[DragPoint], face: Face) -> dict[int, int]:
    """Which points begin at landmarks of a face's lips: by their number that of the landmark."""
    positions = {tuple(face.landmarks[landmark].tolist()): landmark for landmark in LIP_NUMBERS}
    return {
        number: positions[point.handle]
        for number, point in enumerate(points)
        if point.handle in positions
    }


def _within(point: DragPoint, crop: FaceCrop) -> bool:
    """Whether a drag begins and ends in the face's square."""
    ends = crop.to_crop(np.array([point.handle, point.target])) / crop.size
    return bool(ends.min() > _EDGE and ends.max() < 1 - _EDGE)


def adjusted_settings(
    settings: EditSettings, adjusted: AdjustedPoints, generator: Generator
) -> EditSettings:
    """Settings with which the guide moves details, too, where some are to be revealed.

    The rows that shape a face give an opened mouth thick lips for teeth, and so does a guide that
    keeps the face like others: most mouths are closed. A noise or rows of one's own stay.
    """
    guide = settings.guide
    if guide.rows is not None or not adjusted.reveals:
        return settings
    rows = detail_rows(generator)
    noise = REVEALING if guide.noise == DEFAULTS.guide.noise else guide.noise
    return replace(settings, guide=replace(guide, rows=rows, noise=noise))


def _turned_eyes(adjust: Adjust, face: Face, taken: Sequence[DragPoint]) -> list[DragPoint]:
    """A drag of each eye that looks elsewhere, from the middle of its lids; not of one taken."""
    looks = [np.multiply(find_adjustment(name).look or (0, 0), value) for name, value in adjust]
    x, y = (np.sum(looks, axis=0) / 100 @ face_axes(face.landmarks)).tolist() if looks else (0, 0)
    if x == y == 0:
        return []
    sides = turned_eyes(taken, face.landmarks)
    middles = [face.landmarks[eye].mean(axis=0).tolist() for eye in EYES]
    return [
        DragPoint((left, top), (left + x, top + y))
        for side, (left, top) in enumerate(middles)
        if side not in sides
    ]


def _shut_eyes(
    adjust: Adjust, face: Face, taken: Sequence[DragPoint], shut: ShutEyes | None
) -> list[DragPoint]:
    """A drag of each upper lid that comes down or goes up again; not of one dragged already."""
    handles = np.array([point.handle for point in taken]).reshape(-1, 2)
    own = [
        np.linalg.norm(face.landmarks[list(lid)][:, None] - handles, axis=2).min(initial=np.inf)
        <= AT_LANDMARK * face.eye_distance
        for lid in UPPER_LIDS
    ]
    known = [(find_adjustment(name).eyes, value) for name, value in adjust]
    drags = []
    for side, closing in enumerate(eye_closings(adjust)):
        opening = sum(value for eyes, value in known if side in eyes)
        if closing and not own[side]:
            drags.append(closing_drag(side, closing, face.landmarks))
        elif opening > 0 and shut is not None and side in shut and not own[side]:
            drags.append(shut.opening_drag(side, opening, face.landmarks))
    return drags


def checked_mask(mask: NDArray[np.bool_], photo: Photo) -> NDArray[np.bool_]:
    """A mask of one's own, of the photo's size and with some white; MaskError for another."""
    shape = (photo.height, photo.width)
    if mask.shape != shape:
        raise MaskError(
            f"the mask has shape {mask.shape}; it must be {shape}, height and width of the photo"
        )
    checked = np.array(mask, np.bool_)
    if not checked.any():
        raise MaskError("the mask is all black: nothing may change; paint white where it may")
    checked.flags.writeable = False
    return checked


def mask_of_crop(
    mask: NDArray[np.bool_] | None, crop: FaceCrop, resolution: int
) -> NDArray[np.bool_] | None:
    """The mask as the generator's image sees it."""
    if mask is None:
        return None
    moved = cv2.warpAffine(
        mask.astype(np.uint8), crop.transform, (crop.size, crop.size), flags=cv2.INTER_NEAREST
    )
    small = cv2.resize(moved, (resolution, resolution), interpolation=cv2.INTER_NEAREST) > 0
    if not small.any():
        raise MaskError("the mask has no white in the face's square; paint white on the face")
    return np.asarray(small, np.bool_)


def check_in_square(points: Sequence[DragPoint], crop: FaceCrop) -> None:
    """PointError for a handle outside of the face's square, and for a target far outside."""
    for name, beyond in (("handle", 0.0), ("target", _BEYOND)):
        places = np.array([getattr(point, name) for point in points], np.float64).reshape(-1, 2)
        parts = (crop.to_crop(places) + 0.5) / crop.size
        off = ((parts < -beyond) | (parts > 1 + beyond)).any(axis=1)
        for x, y in places[off]:
            raise PointError(
                f"the {name} ({x:g}, {y:g}) is not on the chosen face's square; "
                "drag points on the face, or choose another with --face"
            )


def to_image(points: Sequence[DragPoint], crop: FaceCrop, resolution: int) -> tuple[DragPoint, ...]:
    """Points from photo pixels to pixels of the generator's image; what is outside, at its edge."""
    handles, targets = (
        positions.clip(0, resolution - 1) for positions in _ends_in_image(points, crop, resolution)
    )
    stays = np.linalg.norm(targets - handles, axis=1) < _NUDGE
    targets[stays, 0] += np.where(handles[stays, 0] > _NUDGE, -_NUDGE, _NUDGE)
    return _drags(handles, targets)


def _ends_in_image(
    points: Sequence[DragPoint], crop: FaceCrop, resolution: int
) -> Iterator[NDArray[np.float64]]:
    for positions in ([p.handle for p in points], [p.target for p in points]):
        array = np.array(positions, np.float64).reshape(-1, 2)
        yield crop.to_size(crop.to_crop(array), resolution)


def _drags(handles: NDArray[np.float64], targets: NDArray[np.float64]) -> tuple[DragPoint, ...]:
    return tuple(
        DragPoint((float(h[0]), float(h[1])), (float(t[0]), float(t[1])))
        for h, t in zip(handles, targets, strict=True)
    )
