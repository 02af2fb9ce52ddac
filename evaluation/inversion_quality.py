"""What an inversion is worth: how near it is to the photo, and how well it lets itself be dragged.

Both corners of the mouth are dragged out and up, as in mouth_corners.py. Landmarks and identity are
dlib's, found anew in every picture; where it finds no face in one, the number is None.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.alignment import FaceCrop, Photo, align, find_faces, identity_distance
from photodrag.checkpoints import Generator
from photodrag.inversion import Inversion, LossSettings, PerceptualDistance, Target, make_target
from photodrag.inversion.target import face_weight, shrink
from photodrag.pipeline import EditRequest, EditResult, EditRun, EditSettings, InversionCache
from photodrag.pipeline.cache.keys import inversion_key
from photodrag.pipeline.guide.painting import paint

from .mouth_corners import CORNERS, mouth_drags

_FACE = 0.5  # of the face's soft mask: the pixels whose sharpness counts


class Judge:
    """The measures of the inversions of one photo, the same for all settings."""

    def __init__(
        self, photo: Path, crop: FaceCrop, generator: Generator, perceptual: PerceptualDistance
    ):
        self.photo, self.crop, self.generator = photo, crop, generator
        self.target: Target = make_target(
            crop, generator.resolution, perceptual, LossSettings(), generator.device
        )
        self.landmarks = crop.to_size(
            crop.to_crop(crop.face.landmarks), generator.resolution
        )  # in pixels of the generator's image
        self.eye_distance = (crop.face.eye_distance * float(np.hypot(*crop.transform[:, 0]))) * (
            generator.resolution / crop.size
        )
        face = face_weight(crop, background=0.0) > _FACE
        size = (generator.resolution, generator.resolution)
        self._face = cv2.resize(face.astype(np.uint8), size) > 0
        small = cv2.resize(crop.pixels, size, interpolation=cv2.INTER_AREA)
        self.pixels: NDArray[np.uint8] = np.asarray(small, np.uint8)

    def nearness(self, inversion: Inversion) -> dict[str, float | None]:
        """How near the inverted face is to the photo."""
        with torch.no_grad():
            image = inversion.generator.render(inversion.latent)
            numbers = self._distances(image)
        painted = paint(inversion.generator, inversion.latent)
        found = self._find(painted)
        return {
            **numbers,
            "identity": None if found is None else self._identity(painted, found),
            "landmarks": None if found is None else self._gap(found, self.landmarks),
            "sharpness": self._sharpness(painted) / self._sharpness(self.pixels),
        }

    def editability(
        self, inversion: Inversion, settings: EditSettings, percent: float
    ) -> tuple[dict[str, float | None], EditResult]:
        """Where a drag of the mouth's corners ends, in the generator and in the finished photo."""
        result = self._edit(inversion, settings, percent)
        targets = np.array([point.target for point in result.points])
        wanted = self.landmarks.copy()
        wanted[CORNERS] = self.crop.to_size(self.crop.to_crop(targets), self.generator.resolution)
        dragged = paint(inversion.generator, result.dragged)
        face = self._find(dragged)
        face_before = self._find(paint(inversion.generator, inversion.latent))
        finished = align(result.photo, self.crop.face, self.crop.size)
        after = _nearest(result.photo, self.crop.face.landmarks)
        own = None
        if face is not None and face_before is not None:
            moved = wanted[CORNERS] - self.landmarks[CORNERS]
            own = self._gap(face[CORNERS], face_before[CORNERS] + moved)
        numbers = {
            "drag_error": None if face is None else self._gap(face[CORNERS], wanted[CORNERS]),
            "drag_own_error": own,
            "drag_identity": None if face is None else self._identity(dragged, face),
            "drag_seconds": result.seconds["drag"],
            "photo_error": None
            if after is None
            else _mean_length(after[CORNERS] - targets, self.crop.face.eye_distance),
            "photo_identity": None
            if after is None
            else identity_distance(
                finished.pixels,
                self.crop.to_crop(after),
                self.crop.pixels,
                self.crop.to_crop(self.crop.face.landmarks),
            ),
        }
        return numbers, result

    def _edit(self, inversion: Inversion, settings: EditSettings, percent: float) -> EditResult:
        with tempfile.TemporaryDirectory() as folder:
            cache = InversionCache(Path(folder))
            key = inversion_key(self.crop, self.generator, settings)
            cache.write(key, inversion, self.generator)
            run = EditRun(
                self.photo,
                EditRequest(mouth_drags(percent), settings=settings),
                device=self.generator.device,
                generator=self.generator,
                cache=cache,
            )
            assert run.invert.cached
            for _ in run:
                pass
        return run.result

    def _distances(self, image: Tensor) -> dict[str, float]:
        target, perceptual = self.target, self.target.perceptual
        fine = target.fine
        small = shrink(image, fine.size)
        embedding = perceptual.embed(small)
        square, square_full = (small - fine.image).square(), (image - target.full).square()
        values: Mapping[str, Tensor] = {
            "lpips_256": perceptual.distance(embedding, fine.embedding),
            "lpips_256_face": perceptual.distance(embedding, fine.embedding, fine.weight),
            "l2_256": square.mean(),
            "l2_256_face": (square * fine.weight).mean(),
            "l2_full": square_full.mean(),
            "l2_full_face": (square_full * target.full_weight).mean(),
        }
        return {name: float(value) for name, value in values.items()}

    def _find(self, painted: NDArray[np.uint8]) -> NDArray[np.float64] | None:
        return _nearest(Photo(pixels=painted), self.landmarks)

    def _identity(self, painted: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> float:
        return identity_distance(painted, landmarks, self.pixels, self.landmarks)

    def _gap(self, found: NDArray[np.float64], wanted: NDArray[np.float64]) -> float:
        return _mean_length(found - wanted, self.eye_distance)

    def _sharpness(self, pixels: NDArray[Any]) -> float:
        grey = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_RGB2GRAY)
        return float(cv2.Laplacian(grey, cv2.CV_64F)[self._face].var())


def _nearest(photo: Photo, landmarks: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Landmarks (68, 2) of the face that lies where these lie; None if there is no face."""
    faces = find_faces(photo)
    if not faces:
        return None
    return min(
        (face.landmarks for face in faces),
        key=lambda found: float(np.linalg.norm(found - landmarks)),
    )


def _mean_length(ways: NDArray[np.float64], eye_distance: float) -> float:
    """In percent of the distance between the eyes."""
    return 100 * float(np.linalg.norm(ways, axis=1).mean()) / eye_distance
