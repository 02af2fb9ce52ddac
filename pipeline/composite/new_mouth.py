"""What is new in an opened mouth, painted by the network as it was before tuning.

Tuning makes the generator paint one photo, and it forgets what that does not show: the teeth behind
closed lips come out blurred, and in the colour of skin. The untuned network paints them as sharp as
ever, in a face of which nothing else is used: from the same latent, or where that keeps its lips
shut, from one that does not. Where the photo shows teeth,
tuning has learned them, and they stay; unless the inverted face shows another mouth than the photo.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import Landmarks, eye_distance, mouth_gap
from photodrag.alignment.face_parts import LIPS, LIPS_INSIDE
from photodrag.alignment.tolerances import LIPS_SHUT
from photodrag.checkpoints import Generator, Latent

from ..guide.mouth_opening import likely_displacements, open_mouth
from ..guide.painted_face import painted_landmarks, to_map
from ..guide.painting import paint
from ..imaging.sampling import FloatArray, moved_image
from .correction import follow
from .landmark_motion import LandmarkMotion, between_lips

_LEARNED = 0.75  # correlation of the details of two mouths; those of one have 0.85 and more
_DETAIL, _SHADE = 0.01, 0.06  # of the eye distance: the sizes of such details
_OPEN = 0.6  # of the dragged mouth's gap: one less open has too little to show
_REACH = 0.02  # of the map's side, of a lip's landmark
_EDGE = 0.0015  # of the image's side, over which lips give way to teeth
_COARSE = 4  # px of the map between places where the way to the other mouth is computed
Image = NDArray[np.uint8]


class FacePainter(Protocol):
    """Paints the dragged face in another way, its mouth as it is or opened."""

    def paint(self) -> Image:
        """The face (S, S, 3) uint8."""

    def opened(self, crop: FaceCrop, gap: float) -> FacePainter | None:
        """The same with its lips about `gap`, of the image's side, apart; None: they never are."""

    def likely_displacements(
        self, numbers: Sequence[int], displacements: Landmarks
    ) -> Landmarks | None:
        """How all landmarks (68, 2) go where some go ways (N, 2), of the side; None: not known."""


@dataclass(frozen=True, eq=False)
class UntunedPainter:
    """A `FacePainter`: a latent and the generator as it was before tuning."""

    generator: Generator
    latent: Latent
    by: Callable[[Generator, Latent], Image] = paint

    def paint(self) -> Image:
        """The face (S, S, 3) uint8."""
        return self.by(self.generator, self.latent)

    def opened(self, crop: FaceCrop, gap: float) -> UntunedPainter | None:
        """As `open_mouth` does it."""
        latent = open_mouth(self.generator, self.latent, crop, gap)
        return None if latent is None else replace(self, latent=latent)

    def likely_displacements(
        self, numbers: Sequence[int], displacements: Landmarks
    ) -> Landmarks | None:
        """As the generator's faces have it."""
        return likely_displacements(self.generator, numbers, displacements)


def untuned_painter(
    generator: Generator, latent: Latent, by: Callable[[Generator, Latent], Image] = paint
) -> UntunedPainter:
    """A latent as the network paints it that a generator was tuned from, or itself."""
    return UntunedPainter(generator.untuned, latent, by)


def untuned_mouth(
    fresh: FacePainter | None, crop: FaceCrop, landmark_motion: LandmarkMotion | None, before: Image
) -> Image | None:
    """Another painted face (S, S, 3) uint8 with its mouth where the dragged one has its own.

    None where no mouth has opened that was shut, or that the inverted face `before` (S, S, 3) has
    not learned; where nothing else paints it, or it is not open enough there.
    What is not near the mouth means nothing.
    """
    if fresh is None or landmark_motion is None or not landmark_motion.opening:
        return None
    was_open = mouth_gap(landmark_motion.before) > LIPS_SHUT * landmark_motion.eye_distance
    if was_open and has_learned_mouth(before, crop):
        return None
    image = fresh.paint()
    found = to_map(painted_landmarks(image, crop), len(image), landmark_motion.size)
    if mouth_gap(found) < _OPEN * mouth_gap(landmark_motion.after):
        return None
    lips = moved_image(image, _lips_way(found, landmark_motion))
    if mouth_gap(found) <= mouth_gap(landmark_motion.after):
        return lips
    # Lips that part less cover more of the teeth, which stay as high as they are.
    teeth = moved_image(image, _teeth_way(found, landmark_motion))
    area = between_lips(to_map(landmark_motion.after, landmark_motion.size, len(image)), len(image))
    weight = cv2.GaussianBlur(area, (0, 0), _EDGE * len(image))[..., None]
    return np.asarray((lips * (1 - weight) + teeth * weight).round(), np.uint8)


def has_learned_mouth(before: Image, crop: FaceCrop) -> bool:
    """Whether an inverted face (S, S, 3) uint8 shows the mouth of the photo, teeth and all."""
    landmarks = crop.to_crop(crop.face.landmarks)
    eyes = eye_distance(landmarks)
    area = np.zeros(crop.pixels.shape[:2], np.uint8)
    cv2.fillConvexPoly(area, cv2.convexHull(np.round(landmarks[LIPS]).astype(np.int32)), 1)
    size = (crop.size, crop.size)
    details = []
    for image in (crop.pixels, cv2.resize(before, size, interpolation=cv2.INTER_AREA)):
        light = np.asarray(image, np.float32).mean(axis=2)
        fine, coarse = (cv2.GaussianBlur(light, (0, 0), s * eyes) for s in (_DETAIL, _SHADE))
        details.append((fine - coarse)[area > 0])
    one, other = (part - part.mean() for part in details)
    return float(one @ other) >= _LEARNED * float(np.linalg.norm(one) * np.linalg.norm(other))


def _lips_way(found: Landmarks, landmark_motion: LandmarkMotion) -> FloatArray:
    """From where lips should be to where they were `found` (68, 2), in the map, (size, size, 2)."""
    displacements = found[LIPS] - landmark_motion.after[LIPS]
    shared = displacements.mean(axis=0)
    displacement = follow(
        landmark_motion.after[LIPS], displacements - shared, _REACH * landmark_motion.size
    )
    return displacement.everywhere(landmark_motion.size, _COARSE) + np.asarray(shared, np.float32)


def _teeth_way(found: Landmarks, landmark_motion: LandmarkMotion) -> FloatArray:
    """The same of what is between the lips, neither higher nor lower for how far they part."""
    inner = landmark_motion.after[LIPS_INSIDE]
    middle, width = inner[:, 0].mean(), np.ptp(inner[:, 0])
    curves = np.polyfit((inner[:, 0] - middle) / width, found[LIPS_INSIDE] - inner, 2)
    across = (np.arange(landmark_motion.size) - middle) / width
    # Beyond the corners of the mouth a parabola means nothing.
    powers = np.power.outer(across.clip(-0.5, 0.5), (2, 1, 0))
    return np.broadcast_to(
        (powers @ curves).astype(np.float32), (landmark_motion.size, landmark_motion.size, 2)
    )
