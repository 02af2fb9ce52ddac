"""Clips of people: some frames of each, and those that lie farthest apart."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo

SUFFIXES = {".mp4", ".mov", ".avi", ".mkv", ".webm"}


@dataclass(frozen=True, eq=False)
class Frame:
    """A frame of a clip, counted from 0, and its largest face."""

    number: int
    photo: Photo
    face: Face


def find_clips(folder: Path, only: Sequence[str] = ()) -> list[Path]:
    """The clips of a folder, or those of them whose names, without suffix, are listed."""
    every = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if missing := set(only) - {path.stem for path in every}:
        raise click.BadParameter(f"{folder} has no clip {min(missing)}")
    if not every:
        raise click.BadParameter(f"{folder} has no clip ({', '.join(sorted(SUFFIXES))})")
    return [path for path in every if not only or path.stem in only]


def some_frames(
    path: Path, count: int, seed: int, find: Callable[[Photo], Sequence[Face]]
) -> list[Frame]:
    """The first frame and one out of each of `count` - 1 equal stretches of the rest.

    The same ones for a seed. Frames in which `find` finds no face are left out.
    """
    whole = _count(path)
    random = np.random.default_rng([seed, zlib.crc32(path.stem.encode())])
    ends = np.linspace(1, whole, count).round().astype(int)
    stretches = [(a, b) for a, b in pairwise(ends) if b > a]
    numbers = [0, *(int(random.integers(a, b)) for a, b in stretches)]
    frames = []
    for number, pixels in _read(path, numbers).items():
        photo = Photo(pixels=pixels)
        faces = find(photo)
        if faces:
            frames.append(Frame(number, photo, faces[0]))
    return frames


def farthest_frames(frames: Sequence[Frame], count: int) -> list[Frame]:
    """The frames, at most `count`, that lie farthest from the first one and from each other.

    Each is the one whose landmarks are the farthest from the nearest of the first and those chosen.
    """
    first, *others = frames
    chosen: list[Frame] = []
    while others and len(chosen) < count:
        apart = [
            min(landmarks_apart(one, known, first) for known in (first, *chosen)) for one in others
        ]
        chosen.append(others.pop(int(np.argmax(apart))))
    return chosen


def landmarks_apart(one: Frame, other: Frame, first: Frame) -> float:
    """The mean distance of two frames' landmarks, in eye distances of the first frame."""
    away = np.linalg.norm(one.face.landmarks - other.face.landmarks, axis=1)
    return float(away.mean() / first.face.eye_distance)


def _count(path: Path) -> int:
    """How many frames can be decoded: what the file says is not always so."""
    clip = _opened(path)
    count = 0
    while clip.grab():
        count += 1
    clip.release()
    if count < 2:
        raise click.ClickException(f"{path.name} has {count} frames; a clip has two at least")
    return count


def _read(path: Path, numbers: Sequence[int]) -> dict[int, NDArray[np.uint8]]:
    """Frames (H, W, 3) by their numbers, decoded one after the other: seeking is not exact."""
    clip, wanted = _opened(path), set(numbers)
    found = {}
    for number in range(max(wanted) + 1):
        if not clip.grab():
            break
        if number in wanted:
            _, pixels = clip.retrieve()
            found[number] = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
    clip.release()
    return found


def _opened(path: Path) -> cv2.VideoCapture:
    clip = cv2.VideoCapture(str(path))
    if not clip.isOpened():
        raise click.ClickException(f"{path.name} is no clip that can be read; use an MP4 of H.264")
    return clip
