"""A simple head of 68 points in space: which way a face looks, and its landmarks when it turns.

The head's sizes are those of an average adult, rounded to millimetres, the same on both sides. It
is seen from far away: without perspective, as Gee and Cipolla 1994 look at faces.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .face_measures import Landmarks, eye_distance, face_axes
from .face_parts import BOTH_EYES, MIRRORED, RIGID, SQUARE

_STEPS = 30  # of Gauss and Newton; it settles in about six
_DAMPING = 1e-6
_LIKELY_TURN, _UNSURE = 3.0, 0.01  # degrees; of the eye distance: how surely turns are told by them
# x to the viewer's right, y down, z towards the viewer, in mm from between the eyes.
_LEFT_HALF = {
    **{0: (-71, 3, -62), 1: (-70, 22, -60), 2: (-68, 41, -57), 3: (-65, 59, -52)},
    **{4: (-58, 76, -43), 5: (-47, 90, -30), 6: (-33, 102, -17), 7: (-17, 110, -7)},
    **{8: (0, 113, -3)},
    **{17: (-55, -16, -12), 18: (-46, -24, -2), 19: (-35, -26, 6), 20: (-24, -24, 11)},
    **{21: (-13, -19, 14)},
    **{27: (0, -2, 16), 28: (0, 11, 22), 29: (0, 24, 29), 30: (0, 37, 36)},
    **{31: (-13, 47, 17), 32: (-7, 49, 22), 33: (0, 51, 25)},
    **{36: (-45, 2, -4), 37: (-37, -4, 3), 38: (-27, -4, 5), 39: (-18, 2, 2)},
    **{40: (-27, 6, 4), 41: (-37, 6, 2)},
    **{48: (-26, 73, 10), 49: (-17, 68, 18), 50: (-7, 65, 23), 51: (0, 67, 24)},
    **{57: (0, 84, 21), 58: (-8, 83, 20), 59: (-17, 80, 16)},
    **{60: (-22, 73, 12), 61: (-8, 72, 19), 62: (0, 72, 21), 66: (0, 75, 21), 67: (-8, 74, 19)},
}


def head_points() -> Landmarks:
    """The head's landmarks, (68, 3) in mm: right, down, towards the viewer."""
    points = np.zeros((68, 3))
    for landmark, (x, y, z) in _LEFT_HALF.items():
        points[landmark], points[MIRRORED[landmark]] = (x, y, z), (-x, y, z)
    return points


@dataclass(frozen=True, eq=False)
class HeadPose:
    """How the head lies in a photo: degrees, photo pixels for a mm, and (x, y) of its origin.

    yaw: turned to the viewer's right; pitch: up; roll: tilted to the viewer's right.
    """

    yaw: float
    pitch: float
    roll: float
    scale: float
    place: tuple[float, float]


def fit_head(landmarks: Landmarks) -> HeadPose:
    """The pose that lays the head's points on landmarks (68, 2), by least squares."""
    points = head_points()
    eyes, _ = face_axes(landmarks)
    roll = np.degrees(np.arctan2(eyes[1], eyes[0]))
    middle = landmarks[BOTH_EYES].mean(axis=0)
    values = np.array([0.0, 0.0, roll, np.hypot(*eyes) / 63, *middle])
    nudges = np.array([0.01, 0.01, 0.01, values[3] * 1e-4, 0.01, 0.01])
    for _ in range(_STEPS):
        now = _project(points, values)
        slopes = np.stack(
            [(_project(points, values + row) - now).ravel() / row.sum() for row in np.diag(nudges)],
            axis=1,
        )
        lengths = np.linalg.norm(slopes, axis=0)
        scaled = slopes / lengths
        normal = scaled.T @ scaled + _DAMPING * np.eye(len(values))
        step = np.linalg.solve(normal, scaled.T @ (landmarks - now).ravel()) / lengths
        values = values + step
        values[:2] = np.clip(values[:2], -80, 80)
    yaw, pitch, roll, scale, x, y = values.tolist()
    return HeadPose(yaw, pitch, roll, scale, (x, y))


def turned(landmarks: Landmarks, yaw: float, pitch: float, roll: float) -> Landmarks:
    """Landmarks (68, 2) after the head has turned by so many degrees.

    What the head's points do not explain of a face stays with it. The middle of eyes and mouth
    stays where it is.
    """
    pose = fit_head(landmarks)
    own = rotation(pose.yaw, pose.pitch, pose.roll)
    # Each landmark's own place in space: across as in the photo, its depth from the head.
    flat = (landmarks - pose.place) / pose.scale
    depth = head_points() @ own[2]
    upright = np.column_stack([flat, depth]) @ own
    new = rotation(pose.yaw + yaw, pose.pitch + pitch, pose.roll + roll)
    moved = (upright @ new.T)[:, :2]
    moved += (flat - moved)[[*SQUARE]].mean(axis=0)
    return np.asarray(moved * pose.scale + pose.place, np.float64)


def head_still(before: Landmarks, after: Landmarks) -> Landmarks:
    """Landmarks (68, 2) `after`, as they would be if the head had stayed as it was `before`.

    The head's motion is the likeliest one for the nose and the corners of the eyes: shift, size and
    tilt, and small turns, linear in their angles.
    """
    rigid = [*RIGID]
    matrix = similarity(after[rigid], before[rigid])
    still = after @ matrix[:, :2].T + matrix[:, 2]
    middle = before[rigid].mean(axis=0)
    x, y = ((before - middle) / eye_distance(before)).T
    one, none = np.ones_like(x), np.zeros_like(x)
    whole = [
        np.stack(displacement, axis=1)
        for displacement in ((one, none), (none, one), (x, y), (-y, x))
    ]
    turns = [turned(before, *by) - before for by in ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0))]
    displacements = np.stack([*whole, *turns], axis=2)
    seen = displacements[rigid].reshape(-1, len(whole) + len(turns))
    held = np.zeros(seen.shape[1])
    held[len(whole) :] = (_UNSURE * eye_distance(before) / _LIKELY_TURN) ** 2
    missed = (still - before)[rigid].ravel()
    parts = np.linalg.solve(seen.T @ seen + np.diag(held), seen.T @ missed)
    found: Landmarks = still - displacements @ parts
    return found


def rotation(yaw: float, pitch: float, roll: float) -> NDArray[np.float64]:
    """(3, 3), from the head's frame to the viewer's: yaw first, then pitch, then roll; degrees."""
    y, p, r = np.radians([yaw, pitch, roll])
    about_down = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_right = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    in_plane = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return np.asarray(in_plane @ about_right @ about_down)


def _project(points: Landmarks, values: NDArray[np.float64]) -> Landmarks:
    """The head's points in the photo, (68, 2)."""
    yaw, pitch, roll, scale, x, y = values.tolist()
    seen = points @ rotation(yaw, pitch, roll).T
    return np.asarray(scale * seen[:, :2] + (x, y), np.float64)


def similarity(source: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """The turn, scale and shift (2, 3) that brings points (N, 2) nearest to others.

    Umeyama 1991, least squares in closed form; never a mirror image.
    """
    a, b = source - source.mean(axis=0), target - target.mean(axis=0)
    dot = float((a * b).sum())
    cross = float((a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).sum())
    turn = np.array([[dot, -cross], [cross, dot]]) / float((a**2).sum())
    shift = target.mean(axis=0) - turn @ source.mean(axis=0)
    return np.column_stack([turn, shift])
