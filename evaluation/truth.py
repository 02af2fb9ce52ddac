"""One person twice, neutral and with another expression: what an edit should have become.

The second photo is laid on the first by the similarity that fits the corners of the eyes and the
bridge of the nose, so that what is left between the two is the expression, not the head's motion.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import Face, Photo, find_faces, open_photo
from photodrag.alignment.head_pose import similarity
from photodrag.drag import DragPoint

STEADY = [27, 28, 29, 30, 36, 39, 42, 45]  # bridge of the nose and corners of the eyes
MOUTH = slice(48, 68)
LEAST = 0.002  # of the eye distance: a landmark that moves less is not dragged
_SUFFIXES = ("_neutral", "_smiling")


@dataclass(frozen=True, eq=False)
class TruthPair:
    """A photo, its face, and the truth (H, W, 3) uint8 sRGB in the photo's frame.

    `targets` (68, 2) are where the photo's landmarks went, in pixels of the photo. `found` (68, 2)
    are the landmarks that are found in the truth, where these are not the same.
    """

    name: str
    photo: Photo
    face: Face
    truth: NDArray[np.uint8]
    targets: NDArray[np.float64]
    found: NDArray[np.float64] | None = None

    @property
    def truth_landmarks(self) -> NDArray[np.float64]:
        """(68, 2): what a perfect edit would be found to have."""
        return self.targets if self.found is None else self.found

    def points(self, landmarks: slice = slice(0, 68)) -> list[DragPoint]:
        """The drag of these landmarks, without those that stay where they are."""
        pairs = zip(self.face.landmarks[landmarks], self.targets[landmarks], strict=True)
        least = LEAST * self.face.eye_distance
        return [
            DragPoint((float(a[0]), float(a[1])), (float(b[0]), float(b[1])))
            for a, b in pairs
            if float(np.hypot(*(b - a))) > least
        ]


def read_pairs(folder: Path) -> list[TruthPair]:
    """Every NAME_neutral and NAME_smiling picture of a folder."""
    pairs = []
    for path in sorted(folder.glob(f"*{_SUFFIXES[0]}.*")):
        other = path.with_name(path.name.replace(*_SUFFIXES))
        if not other.exists():
            raise click.ClickException(f"{path.name} has no {other.name} beside it")
        pairs.append(read_pair(path.name.split(_SUFFIXES[0])[0], path, other))
    if not pairs:
        raise click.ClickException(f"{folder} holds no pair NAME_neutral.jpg, NAME_smiling.jpg")
    return pairs


def read_pair(name: str, path: Path, other: Path) -> TruthPair:
    """Two photos of a person; the first is the one to edit."""
    photo, second = open_photo(path), open_photo(other)
    face, truth_face = (_largest(picture, name) for picture in (photo, second))
    truth, targets, _ = laid_on(second, truth_face, photo, face)
    return TruthPair(name, photo, face, truth, targets)


def laid_on(
    other: Photo, other_face: Face, photo: Photo, face: Face
) -> tuple[NDArray[np.uint8], NDArray[np.float64], NDArray[np.float64]]:
    """Another photo's face laid on a photo's: pixels (H, W, 3) sRGB, landmarks, the way.

    The landmarks (68, 2) are those found again in the moved picture, which a perfect edit would be
    found to have; the last is the similarity (2, 3).
    """
    matrix = similarity(other_face.landmarks[STEADY], face.landmarks[STEADY])
    moved = cv2.warpAffine(
        other.srgb(), matrix, photo.size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    pixels = np.asarray(moved, np.uint8)
    expected = other_face.landmarks @ matrix[:, :2].T + matrix[:, 2]
    return pixels, found_again(Photo(pixels=pixels), expected).landmarks, matrix


def found_again(photo: Photo, landmarks: NDArray[np.float64]) -> Face:
    """The photo's face that is nearest to where one is expected."""
    faces = find_faces(photo)
    if not faces:
        raise click.ClickException("no face is found again in the result")
    return min(faces, key=lambda face: float(np.abs(face.landmarks - landmarks).mean()))


def _largest(photo: Photo, name: str) -> Face:
    faces = find_faces(photo)
    if not faces:
        raise click.ClickException(f"no face is found in a photo of {name}")
    return faces[0]
