"""Random faces of a generator and their landmarks: what the paper's experiments begin with.

Everything is decided by a seed. A face that dlib does not find is passed over for the next one.
Images are painted at 512 px, the paper's size, where the generator can stop there, else whole;
landmarks are always in pixels of a 512 px image.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import click
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.alignment import Photo, find_faces, landmarks_in
from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint
from photodrag.pipeline.guide.painting import to_pixels

PAPER_SIZE = 512  # distances are given in pixels of an image of this side, as in the paper
TRUNCATION = 0.7  # towards the mean face; the landmarks then lie about as far apart as in the paper
_SEEDS_APART = 1_000_000  # two runs with other seeds share no face
_MOST_MISSED = 100  # faces in a row without a face: no generator of faces

LANDMARK_SETS: dict[int, tuple[int, ...]] = {
    1: (30,),  # the tip of the nose
    5: (36, 45, 30, 48, 54),  # outer corners of the eyes, tip of the nose, corners of the mouth
    68: tuple(range(68)),
}

Pixels = NDArray[np.uint8]
Landmarks = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class GeneratedFace:
    """A latent, its image (R, R, 3) uint8, and the face's box and landmarks (68, 2) at 512 px."""

    latent: Latent
    pixels: Pixels
    box: tuple[float, float, float, float]
    landmarks: Landmarks


@dataclass(frozen=True, eq=False)
class Seen:
    """What dlib sees in an edited image; `found` is false where its detector found no face.

    Then the predictor looked where the face should be: it always answers.
    """

    landmarks: Landmarks
    found: bool


def paint_face(generator: Generator, latent: Latent) -> Pixels:
    """A latent's image (R, R, 3), at 512 px where the generator can stop there."""
    size = PAPER_SIZE if PAPER_SIZE in generator.image_resolutions else generator.resolution
    with torch.no_grad():
        return to_pixels(generator.render(latent, size))


def see_face(latent: Latent, pixels: Pixels) -> GeneratedFace | None:
    """The largest face of a latent's image; None where dlib finds none."""
    faces = find_faces(Photo(pixels=pixels))
    if not faces:
        return None
    left, top, right, bottom = rescaled(
        np.reshape(faces[0].box, (2, 2)), len(pixels), PAPER_SIZE
    ).flatten()
    landmarks = rescaled(faces[0].landmarks, len(pixels), PAPER_SIZE)
    return GeneratedFace(latent, pixels, (left, top, right, bottom), landmarks)


def random_faces(
    generator: Generator, seed: int, truncation: float = TRUNCATION
) -> Iterator[GeneratedFace]:
    """Faces without end, the same ones for a seed."""
    missed = 0
    number = seed * _SEEDS_APART
    while missed < _MOST_MISSED:
        latent = generator.sample(number, truncation)
        face = see_face(latent, paint_face(generator, latent))
        number += 1
        missed = missed + 1 if face is None else 0
        if face is not None:
            yield face
    raise click.ClickException(
        f"dlib found no face in {_MOST_MISSED} images of {generator.name}; "
        "these experiments need a generator of faces"
    )


def face_pairs(
    generator: Generator, seed: int, truncation: float, count: int
) -> Iterator[tuple[GeneratedFace, GeneratedFace]]:
    """Pairs of random faces: the one to drag, and the one whose landmarks are the targets."""
    faces = random_faces(generator, seed, truncation)
    for _ in range(count):
        yield next(faces), next(faces)


def drag_points(
    handles: Landmarks, targets: Landmarks, chosen: Sequence[int], generator: Generator
) -> list[DragPoint]:
    """The chosen landmarks (68, 2) as drags in a generator's image, kept within it."""
    size = generator.resolution
    ends = [
        np.clip(rescaled(positions, PAPER_SIZE, size), 0, size - 1).tolist()
        for positions in (handles[list(chosen)], targets[list(chosen)])
    ]
    return [DragPoint((a, b), (c, d)) for (a, b), (c, d) in zip(*ends, strict=True)]


def see_again(pixels: Pixels, expected: GeneratedFace) -> Seen:
    """The landmarks found again in an edited image, of the face nearest to the expected one."""
    size = len(pixels)
    faces = find_faces(Photo(pixels=pixels))
    if not faces:
        left, top, right, bottom = rescaled(
            np.reshape(expected.box, (2, 2)), PAPER_SIZE, size
        ).flatten()
        landmarks = landmarks_in(pixels, (left, top, right, bottom))
        return Seen(rescaled(landmarks, size, PAPER_SIZE), found=False)
    found = [rescaled(face.landmarks, size, PAPER_SIZE) for face in faces]
    nearest = min(found, key=lambda positions: float(np.abs(positions - expected.landmarks).sum()))
    return Seen(nearest, found=True)


def rescaled(positions: Landmarks, size: int, new_size: int) -> Landmarks:
    """Places (N, 2) in pixels of a square image => in pixels of the same image of another size."""
    return np.asarray((positions + 0.5) * (new_size / size) - 0.5, np.float64)


def mean_distance(a: Landmarks, b: Landmarks, chosen: Sequence[int]) -> float:
    """Of the chosen landmarks, in pixels of a 512 px image."""
    return float(np.linalg.norm(a[list(chosen)] - b[list(chosen)], axis=1).mean())
