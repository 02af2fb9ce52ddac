"""When a drag counts as arrived."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from photodrag.alignment import Face
from photodrag.alignment.face_measures import Landmarks, face_axes
from photodrag.alignment.head_pose import fit_head, turned
from photodrag.alignment.landmarks_again import shown_face
from photodrag.alignment.tolerances import ARRIVED, ARRIVED_ADJUSTED
from photodrag.drag import DragPoint

from ..composite.gaze import eye_displacements, gaze, turned_eyes
from ..composite.lid_drags import ShutEyes, Sides, asked_lids, lid_ways, shares
from ..request.adjustments import POSES, Adjust, Adjustment, eye_closings, find_adjustment
from .adjusted_landmarks import adjustment_displacements, closing_factor
from .placing import already_shut
from .values import EditResult

_COVERED = 0.25  # of an eye's opening: lids that come down further hide the iris


def has_arrived(
    points: Sequence[DragPoint],
    reached: Sequence[tuple[float, float]],
    eye_distance: float,
    adjusted: int = 0,
) -> bool:
    """Whether every handle came near enough; the last `adjusted` ones are adjustments'."""
    gaps = [
        math.dist(point.target, place) / eye_distance
        for point, place in zip(points, reached, strict=True)
    ]
    own = len(gaps) - adjusted
    near = all(gap <= ARRIVED for gap in gaps[:own])
    return near and all(gap <= ARRIVED_ADJUSTED for gap in gaps[own:])


@dataclass(frozen=True)
class Reached:
    """What was asked of an adjustment and what the landmarks show, in `unit`, "" for a share."""

    name: str
    asked: float
    reached: float
    unit: str


def measure_adjustments(
    adjust: Adjust,
    before: Face,
    after: Landmarks,
    looked: Landmarks | None = None,
    shut: Landmarks | None = None,
) -> tuple[Reached, ...]:
    """What landmarks (68, 2) show of the adjustments that were asked of a face.

    Turns are the difference of the heads fitted to both. Of an expression it is the part of its
    ways that the landmarks have gone, all of them together by least squares, once turns, if any
    were asked for, and a shift or tilt of the whole face are taken off. `looked` (2,) is by how
    much the eyes look elsewhere, as `gaze` says it, `shut` (2,) how far
    lids shut them, nan where they did not.
    """
    first, last = fit_head(before.landmarks), fit_head(after)
    turns = {name: getattr(last, name) - getattr(first, name) for name in POSES}
    known = [find_adjustment(name) for name, _ in adjust]
    others = [
        (one, value)
        for one, (_, value) in zip(known, adjust, strict=True)
        if one.displacements and not _by_lids(one, shut)
    ]
    weights = {
        one.name: 0.0 if looked is None else float(looked @ one.look / np.square(one.look).sum())
        for one in known
        if one.look
    }
    if shut is not None:
        weights |= {
            one.name: _lid_part(one, value, adjust, shut)
            for one, (_, value) in zip(known, adjust, strict=True)
            if _by_lids(one, shut)
        }
    if others:
        start = before.landmarks
        if any(one.is_pose for one in known):
            start = turned(start, *(turns[name] for name in POSES))
        gone = (after - start) @ np.linalg.inv(face_axes(start) / 100)
        displacements = [
            adjustment_displacements(one) * closing_factor(one, value, before)
            for one, value in others
        ]
        found = _parts(gone, displacements, _whole_face(start))
        weights |= {one.name: part for (one, _), part in zip(others, found, strict=True)}
    return tuple(
        Reached(one.name, value, turns[one.name] if one.is_pose else weights[one.name], one.unit)
        for one, (_, value) in zip(known, adjust, strict=True)
    )


def reached_adjustments(result: EditResult) -> tuple[Reached, ...]:
    """What a finished edit reached of its adjustments, by the landmarks found in its photo."""
    if not result.adjust:
        return ()
    start = result.start
    before = start.current_face
    if before is start.face:  # found in the whole photo; both must be found in the same way
        before = shown_face(start.base, start.face)
    after = shown_face(result.photo, start.face)
    looked = None
    so_far = already_shut(start)
    lids, shut = _moved_lids(result, so_far)
    if any(find_adjustment(name).look for name, _ in result.adjust):
        first = shown_face(start.base, start.face)
        already = eye_displacements(start.all_drags, first.landmarks).mean(axis=0)
        already = already @ np.linalg.inv(face_axes(first.landmarks) / 100)
        # Where nothing else has moved, landmarks found anew would only follow the irises.
        others = [point for point, lid in zip(result.points, lids, strict=True) if lid is None]
        is_still = None not in turned_eyes(others, start.current_face.landmarks)
        landmarks = before.landmarks if is_still else after.landmarks
        if (
            np.nan_to_num(shut) + so_far.closings
        ).max() > _COVERED:  # no iris is seen: where they were laid
            laid = eye_displacements(others, start.current_face.landmarks).mean(axis=0)
            looked = laid @ np.linalg.inv(face_axes(before.landmarks) / 100)
        else:
            looked = gaze(result.photo, landmarks) - gaze(start.base, first.landmarks) - already
    return measure_adjustments(result.adjust, before, after.landmarks, looked, shut)


def _moved_lids(result: EditResult, so_far: ShutEyes) -> tuple[Sides, Landmarks]:
    """Which eye's lid each point of an edit moved, and how far both were laid over the eyes, (2,).

    That is a part of what was open; below 0 the part of the whole opening that was opened; nan of
    lids that nothing moved. Neither the 68 landmarks nor the mesh see that an eye is shut, but
    where its rim was laid is known.
    """
    landmarks = result.start.current_face.landmarks
    own = len(result.points) - len(result.adjusted)
    lids = asked_lids(result.points, landmarks, own, so_far)
    moves = [
        np.subtract(end, point.handle)
        for point, end in zip(result.points, result.reached, strict=True)
    ]
    found = shares(moves, lids, landmarks)
    whole = (lid_ways(landmarks) ** 2).sum(axis=1) / (so_far.ways**2).sum(axis=1)
    found = np.where(found < 0, found * np.sqrt(whole), found)
    return lids, np.where([side in lids for side in (0, 1)], found, np.nan)


def _by_lids(one: Adjustment, shut: Landmarks | None) -> bool:
    """Whether lids alone moved all eyes of an adjustment."""
    return shut is not None and bool(one.eyes) and bool(np.isfinite(shut[list(one.eyes)]).all())


def _lid_part(one: Adjustment, value: float, adjust: Adjust, shut: Landmarks) -> float:
    """An adjustment's part of what the lids of its eyes did: above 0 they were opened."""
    asked = eye_closings(adjust)
    parts = [value * shut[eye] / asked[eye] if asked[eye] else -shut[eye] for eye in one.eyes]
    return float(np.mean(parts))


def _parts(
    gone: Landmarks, displacements: Sequence[Landmarks], nuisance: Sequence[Landmarks]
) -> list[float]:
    """The part of each of the ways in what was gone, by least squares with the nuisance beside.

    Landmarks that none of the ways moves count through the nuisance alone.
    """
    columns = np.stack(
        [displacement.ravel() for displacement in (*displacements, *nuisance)], axis=1
    )
    found = np.linalg.lstsq(columns, gone.ravel(), rcond=None)[0]
    return [float(part) for part in found[: len(displacements)]]


def _whole_face(landmarks: Landmarks) -> list[Landmarks]:
    """Unit shifts and a tilt of the whole face, each (68, 2)."""
    around = landmarks - landmarks.mean(axis=0)
    tilt = np.column_stack([-around[:, 1], around[:, 0]])
    return [np.tile([1.0, 0.0], (68, 1)), np.tile([0.0, 1.0], (68, 1)), tilt / np.abs(tilt).max()]
