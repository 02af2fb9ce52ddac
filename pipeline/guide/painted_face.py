"""A painted face: its image and its landmarks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop, landmarks_near
from photodrag.alignment.face_measures import Landmarks
from photodrag.checkpoints import Generator, Latent
from photodrag.frames import rescaled

from .painting import paint_small


@dataclass(frozen=True, eq=False)
class RenderedFace:
    """A painted face: its image (S, S, 3) uint8, and its landmarks (68, 2).

    The landmarks are in pixels of the generator's image, of which `image` is a small one.
    """

    image: NDArray[np.uint8]
    landmarks: Landmarks


def render_face(generator: Generator, latent: Latent, expected: Landmarks) -> RenderedFace:
    """The painted face of a latent; its landmarks are about where they are `expected` (68, 2)."""
    image = paint_small(generator, latent)
    ratio = len(image) / generator.resolution
    around = rescaled(expected, ratio)
    return RenderedFace(image, rescaled(landmarks_near(image, around), 1 / ratio))


def painted_landmarks(image: NDArray[np.uint8], crop: FaceCrop) -> Landmarks:
    """Landmarks (68, 2) of a painted face (S, S, 3) in its pixels, about where the crop's are."""
    positions = crop.to_size(crop.to_crop(crop.face.landmarks), len(image))
    return landmarks_near(image, positions)


def to_map(landmarks: Landmarks, side: int, size: int) -> Landmarks:
    """Pixels of an image of a side => of a map."""
    ratio = side / size
    return rescaled(landmarks, 1 / ratio)
