"""Adjustments on a face: what its landmarks are to do, and what they did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, FaceCrop
from photodrag.checkpoints import Generator
from photodrag.drag import DragPoint
from photodrag.errors import PointError

from .adjustments import POSES, STEADY, Adjust, Adjustment, find_adjustment
from .continuing import shown_face
from .face_drag import FaceDrag, face_axes
from .gaze import eye_ways, gaze, turned_eyes
from .guide import REVEALING, detail_rows
from .head import fit_head, turned
from .iris import EYES
from .painted import LIP_NUMBERS
from .points import DragSpec, resolve_points
from .settings import DEFAULTS, EditSettings
from .values import EditResult

_LEAST = 0.001  # of the eye distance: a landmark that moves less is not dragged
_TAKEN = 0.02  # of the eye distance: a drag this near to a landmark takes the adjustment's place
_SHUT = 0.002  # of the eye distance: a gap that is no wider is closed
_EDGE = 0.01  # of the side of the face's square: nothing is adjusted so near to its border

Marks = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class AdjustedPoints:
    """Drags in photo pixels, and the numbers of landmarks that should stay where they are.

    `reveals`: something is to be seen that was hidden, as teeth are.
    """

    points: tuple[DragPoint, ...]
    held: tuple[int, ...]
    reveals: bool = False


@dataclass(frozen=True)
class Reached:
    """What was asked of an adjustment and what the landmarks show, in `unit`, "" for a share."""

    name: str
    asked: float
    reached: float
    unit: str


def place_edit(
    specs: Sequence[DragSpec | FaceDrag],
    adjust: Adjust,
    face: Face,
    size: tuple[int, int],
    crop: FaceCrop,
) -> tuple[tuple[DragPoint, ...], AdjustedPoints]:
    """All drags of an edit on a photo of (width, height), those of its adjustments last.

    What adjustments would drag outside the `crop`, a long chin for instance, is left out.
    PointError as from `resolve_points`, and where there is nothing to do.
    """
    if not specs and not adjust:
        raise PointError(
            "there is nothing to do; give at least one handle and target, or an adjustment"
        )
    drags = resolve_points(specs, face, size) if specs else ()
    adjusted = adjusted_points(adjust, face, drags)
    within = tuple(point for point in adjusted.points if _within(point, crop))
    if not drags and not within:
        raise PointError(
            "nothing that would be adjusted lies in the face's square; "
            "take another photo of this face, or choose another face with --face"
        )
    adjusted = replace(adjusted, points=within)
    return drags + adjusted.points, adjusted


def adjusted_points(adjust: Adjust, face: Face, taken: Sequence[DragPoint] = ()) -> AdjustedPoints:
    """The drags that adjust a face; a landmark that is dragged already, in `taken`, is left out.

    PointError where there is nothing to do: a closed mouth that should close.
    """
    moves = adjusted_landmarks(adjust, face) - face.landmarks
    lengths = np.linalg.norm(moves, axis=1) / face.eye_distance
    own = np.array([point.handle for point in taken]).reshape(-1, 2)
    away = np.linalg.norm(face.landmarks[:, None] - own, axis=2) / face.eye_distance
    is_taken = (away < _TAKEN).any(axis=1)
    points = [
        DragPoint((float(x), float(y)), (float(x + dx), float(y + dy)))
        for (x, y), (dx, dy) in zip(
            face.landmarks[(lengths > _LEAST) & ~is_taken],
            moves[(lengths > _LEAST) & ~is_taken],
            strict=True,
        )
    ]
    points += _turned_eyes(adjust, face, taken)
    known = [find_adjustment(name) for name, _ in adjust]
    held: set[int] = set()
    if not any(one.is_pose for one in known):
        held = set(STEADY).difference(*(one.free for one in known))
        held -= set(np.flatnonzero((lengths > _LEAST) | is_taken).tolist())
    reveals = any(find_adjustment(name).reveals and value > 0 for name, value in adjust)
    return AdjustedPoints(tuple(points), tuple(sorted(held)), reveals)


def lips_among(points: Sequence[DragPoint], face: Face) -> dict[int, int]:
    """Which points begin at landmarks of a face's lips: by their number that of the landmark."""
    places = {tuple(face.landmarks[mark].tolist()): mark for mark in LIP_NUMBERS}
    return {
        number: places[point.handle]
        for number, point in enumerate(points)
        if point.handle in places
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


def adjusted_landmarks(adjust: Adjust, face: Face) -> Marks:
    """Where a face's landmarks are dragged to, (68, 2) in photo pixels: first turned, then changed.

    That is beyond what was asked for, by each adjustment's gain; but nothing closes beyond shut.
    """
    turns = {name: value * find_adjustment(name).gain for name, value in adjust if name in POSES}
    moved = np.array(face.landmarks)
    if turns:
        moved = turned(moved, *(turns.get(name, 0.0) for name in POSES))
    axes = face_axes(moved) / 100
    for name, value in adjust:
        known = find_adjustment(name)
        if not known.is_pose:
            gain = 1.0 if _closes(known, value) else known.gain
            moved += _ways(known) * (value * gain * _share(known, value, face)) @ axes
    return moved


def measure_adjustments(
    adjust: Adjust, before: Face, after: Marks, looked: Marks | None = None
) -> tuple[Reached, ...]:
    """What landmarks (68, 2) show of the adjustments that were asked of a face.

    Turns are the difference of the heads fitted to both. Of an expression it is the part of its
    ways that the landmarks have gone, all of them together by least squares, once turns, if any
    were asked for, and a shift or tilt of the whole face are taken off. `looked` (2,) is by how
    much the eyes look elsewhere, as `gaze` says it.
    """
    first, last = fit_head(before.landmarks), fit_head(after)
    turns = {name: getattr(last, name) - getattr(first, name) for name in POSES}
    known = [find_adjustment(name) for name, _ in adjust]
    others = [(one, value) for one, (_, value) in zip(known, adjust, strict=True) if one.ways]
    shares = {
        one.name: 0.0 if looked is None else float(looked @ one.look / np.square(one.look).sum())
        for one in known
        if one.look
    }
    if others:
        start = before.landmarks
        if any(one.is_pose for one in known):
            start = turned(start, *(turns[name] for name in POSES))
        gone = (after - start) @ np.linalg.inv(face_axes(start) / 100)
        ways = [_ways(one) * _share(one, value, before) for one, value in others]
        found = _parts(gone, ways, _whole_face(start))
        shares |= {one.name: part for (one, _), part in zip(others, found, strict=True)}
    return tuple(
        Reached(one.name, value, turns[one.name] if one.is_pose else shares[one.name], one.unit)
        for one, (_, value) in zip(known, adjust, strict=True)
    )


def reached_adjustments(result: EditResult) -> tuple[Reached, ...]:
    """What a finished edit reached of its adjustments, by the landmarks found in its photo."""
    if not result.adjust:
        return ()
    start = result.start
    before = start.shown
    if before is start.face:  # found in the whole photo; both must be found in the same way
        before = shown_face(start.base, start.face)
    after = shown_face(result.photo, start.face)
    looked = None
    if any(find_adjustment(name).look for name, _ in result.adjust):
        first = shown_face(start.base, start.face)
        already = eye_ways(start.held, first.landmarks).mean(axis=0)
        already = already @ np.linalg.inv(face_axes(first.landmarks) / 100)
        # Where nothing else has moved, landmarks found anew would only follow the irises.
        is_still = None not in turned_eyes(result.points, start.shown.landmarks)
        marks = before.landmarks if is_still else after.landmarks
        looked = gaze(result.photo, marks) - gaze(start.base, first.landmarks) - already
    return measure_adjustments(result.adjust, before, after.landmarks, looked)


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


def _ways(known: Adjustment) -> Marks:
    """The ways at 1, (68, 2) in percent of the eye distance."""
    ways = np.zeros((68, 2))
    for mark, way in known.ways.items():
        ways[mark] = way
    return ways


def _closes(known: Adjustment, value: float) -> bool:
    return value < 0 and bool(known.gaps)


def _share(known: Adjustment, value: float, face: Face) -> float:
    """How much of the ways a value of -1 stands for where a gap closes: until it is shut."""
    if not _closes(known, value):
        return 1.0
    upper, lower = (np.array(side) for side in zip(*known.gaps, strict=True))
    apart = face.landmarks[lower] - face.landmarks[upper]
    gap = float((apart @ np.linalg.inv(face_axes(face.landmarks) / 100))[:, 1].mean())
    ways = _ways(known)
    opening = float((ways[lower] - ways[upper])[:, 1].mean())
    if gap <= 100 * _SHUT:
        raise PointError(f"{known.name} is {value:g}, and it is closed already; leave it out")
    return gap / opening


def _parts(gone: Marks, ways: Sequence[Marks], nuisance: Sequence[Marks]) -> list[float]:
    """The part of each of the ways in what was gone, by least squares with the nuisance beside.

    Landmarks that none of the ways moves count through the nuisance alone.
    """
    columns = np.stack([way.ravel() for way in (*ways, *nuisance)], axis=1)
    found = np.linalg.lstsq(columns, gone.ravel(), rcond=None)[0]
    return [float(part) for part in found[: len(ways)]]


def _whole_face(landmarks: Marks) -> list[Marks]:
    """Unit shifts and a tilt of the whole face, each (68, 2)."""
    around = landmarks - landmarks.mean(axis=0)
    tilt = np.column_stack([-around[:, 1], around[:, 0]])
    return [np.tile([1.0, 0.0], (68, 1)), np.tile([0.0, 1.0], (68, 1)), tilt / np.abs(tilt).max()]
