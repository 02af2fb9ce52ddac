"""The photo as inversion sees it: the crop as tensors, and where a difference counts."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.alignment import FaceCrop

from .perceptual import PerceptualDistance
from .settings import LossSettings
from .values import Losses

_FOREHEAD = 0.9  # how far above the brows the face reaches, in distances from brow to nose base
_SOFTNESS = 0.03  # of the face weight's edge, in crop sides


@dataclass(frozen=True, eq=False)
class Target:
    """A photo's crop to be painted, and how an image is compared with it.

    full (1, 3, S, S) and small (1, 3, r, r) in -1..1; weight (1, 1, r, r) and full_weight
    (1, 1, S, S), mean 1.
    """

    full: Tensor
    small: Tensor
    full_weight: Tensor
    weight: Tensor
    embedding: tuple[Tensor, ...]
    perceptual: PerceptualDistance
    settings: LossSettings

    def compare(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Weighted mean square error and perceptual distance of an image (1, 3, R, R)."""
        small = shrink(image, self.small.shape[-1])
        pixel = ((small - self.small).square() * self.weight).mean()
        perceptual = self.perceptual.distance(
            self.perceptual.embed(small), self.embedding, self.weight
        )
        return pixel, perceptual

    def sharp(self, image: Tensor) -> Tensor:
        """Weighted mean absolute error at the image's own size."""
        size = image.shape[-1]
        weight = shrink(self.full_weight, size)
        return ((image - shrink(self.full, size)).abs() * weight).mean()

    def total(self, pixel: Tensor, perceptual: Tensor) -> Tensor:
        """The loss that projection and tuning share."""
        return pixel + self.settings.perceptual_weight * perceptual

    def losses(self, image: Tensor) -> Losses:
        """The two numbers, without gradient."""
        with torch.no_grad():
            pixel, perceptual = self.compare(image)
        return Losses(float(pixel), float(perceptual))


def make_target(
    crop: FaceCrop,
    resolution: int,
    perceptual: PerceptualDistance,
    settings: LossSettings,
    device: str | torch.device = "cpu",
) -> Target:
    """The crop at the generator's resolution; a crop of another size is resized."""
    pixels = torch.from_numpy(np.array(crop.pixels)).permute(2, 0, 1)[None]
    full = shrink(pixels.to(device).float() / 127.5 - 1, resolution)
    small = shrink(full, min(settings.resolution, resolution))
    full_weight = torch.from_numpy(face_weight(crop, settings.background))[None, None].to(device)
    full_weight = shrink(full_weight, resolution)
    full_weight = full_weight / full_weight.mean()
    weight = shrink(full_weight, small.shape[-1])
    with torch.no_grad():
        embedding = tuple(perceptual.embed(small))
    return Target(full, small, full_weight, weight, embedding, perceptual, settings)


def face_weight(crop: FaceCrop, background: float) -> NDArray[np.float32]:
    """1 on the face, `background` elsewhere, 0 outside the photo; soft edges; (S, S)."""
    size = crop.size
    mask = np.zeros((size, size), np.float32)
    outline = face_outline(crop.to_crop(crop.face.landmarks))
    cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), 1.0)
    soft = cv2.GaussianBlur(mask, (0, 0), _SOFTNESS * size)
    weight = background + (1 - background) * soft
    return np.asarray(np.where(crop.valid, weight, 0), np.float32)


def face_outline(landmarks: NDArray[np.float64]) -> NDArray[np.float64]:
    """The convex outline (N, 2) of a face with its forehead, from 68 landmarks (68, 2)."""
    brows, nose_base = landmarks[17:27], landmarks[33]
    up = brows.mean(axis=0) - nose_base
    forehead = brows + _FOREHEAD * up
    hull = cv2.convexHull(np.concatenate([landmarks, forehead]).astype(np.float32))
    return np.asarray(hull[:, 0], np.float64)


def shrink(image: Tensor, size: int) -> Tensor:
    """Resize (N, C, H, W) to (N, C, size, size): averaged when smaller, bilinear when larger."""
    if image.shape[-1] == size:
        return image
    if image.shape[-1] > size:
        return F.interpolate(image, (size, size), mode="area")
    return F.interpolate(image, (size, size), mode="bilinear", align_corners=False)
