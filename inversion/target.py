"""The photo as inversion sees it: the crop as tensors, and where a difference counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.alignment import FaceCrop
from photodrag.alignment.face_measures import face_outline
from photodrag.checkpoints import Generator
from photodrag.device import choose_device

from .perceptual import PerceptualDistance
from .settings import LossSettings
from .values import Losses

_SOFTNESS = 0.03  # of the face weight's edge, in crop sides


@dataclass(frozen=True, eq=False)
class Scale:
    """The crop at one size: image (1, 3, r, r) in -1..1, weight (1, 1, r, r), its embedding."""

    image: Tensor
    weight: Tensor
    embedding: tuple[Tensor, ...]

    @property
    def size(self) -> int:
        """Side in pixels."""
        return self.image.shape[-1]


@dataclass(frozen=True, eq=False)
class Target:
    """A photo's crop to be painted, and how an image is compared with it.

    full (1, 3, S, S) in -1..1 and its weight (1, 1, S, S), mean 1; `fine` is the size at which
    images are compared, `coarse` the one of the first steps.
    """

    crop: FaceCrop
    full: Tensor
    full_weight: Tensor
    fine: Scale
    coarse: Scale
    perceptual: PerceptualDistance
    settings: LossSettings

    def compare(self, image: Tensor, scale: Scale | None = None) -> tuple[Tensor, Tensor]:
        """Weighted mean square error and perceptual distance of an image (1, 3, R, R)."""
        scale = scale or self.fine
        image = shrink(image, scale.size)
        pixel = ((image - scale.image).square() * scale.weight).mean()
        embedding = self.perceptual.embed(image)
        return pixel, self.perceptual.distance(embedding, scale.embedding, scale.weight)

    def sharp(self, image: Tensor) -> Tensor:
        """Weighted mean absolute error at the image's own size."""
        size = image.shape[-1]
        weight = shrink(self.full_weight, size)
        return ((image - shrink(self.full, size)).abs() * weight).mean()

    def total(self, pixel: Tensor, perceptual: Tensor) -> Tensor:
        """The loss that projection and tuning share."""
        return pixel + self.settings.perceptual_weight * perceptual

    def with_background(self, background: float) -> Target:
        """The same photo, with this much weight on what is outside the face."""
        weight = _weight(self.crop, self.full.shape[-1], background, self.full.device)
        fine, coarse = (
            replace(scale, weight=shrink(weight, scale.size)) for scale in (self.fine, self.coarse)
        )
        settings = replace(self.settings, background=background)
        return replace(self, full_weight=weight, fine=fine, coarse=coarse, settings=settings)

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
    device: str | torch.device = "auto",
) -> Target:
    """The crop at the generator's resolution; a crop of another size is resized."""
    device = choose_device(device)
    pixels = torch.from_numpy(np.array(crop.pixels)).permute(2, 0, 1)[None]
    full = shrink(pixels.to(device).float() / 127.5 - 1, resolution)
    full_weight = _weight(crop, resolution, settings.background, device)
    fine, coarse = (
        _scale(full, full_weight, min(size, resolution), perceptual)
        for size in (settings.resolution, min(settings.coarse, settings.resolution))
    )
    return Target(crop, full, full_weight, fine, coarse, perceptual, settings)


def _weight(
    crop: FaceCrop, resolution: int, background: float, device: str | torch.device
) -> Tensor:
    """`face_weight` at a resolution, (1, 1, R, R), mean 1."""
    weight = torch.from_numpy(face_weight(crop, background))[None, None].to(device)
    weight = shrink(weight, resolution)
    return weight / weight.mean()


def _scale(full: Tensor, weight: Tensor, size: int, perceptual: PerceptualDistance) -> Scale:
    image = shrink(full, size)
    with torch.no_grad():
        return Scale(image, shrink(weight, size), tuple(perceptual.embed(image)))


def face_weight(crop: FaceCrop, background: float) -> NDArray[np.float32]:
    """1 on the face, `background` elsewhere, 0 outside the photo; soft edges; (S, S)."""
    size = crop.size
    mask = np.zeros((size, size), np.float32)
    outline = face_outline(crop.to_crop(crop.face.landmarks))
    cv2.fillConvexPoly(mask, np.round(outline).astype(np.int32), 1.0)
    soft = cv2.GaussianBlur(mask, (0, 0), _SOFTNESS * size)
    weight = background + (1 - background) * soft
    return np.asarray(np.where(crop.valid, weight, 0), np.float32)


def paintable(generator: Generator, size: int) -> int:
    """The smallest size that the generator can paint at without being coarser than `size`."""
    return min(r for r in generator.image_resolutions if r >= min(size, generator.resolution))


def shrink(image: Tensor, size: int) -> Tensor:
    """Resize (N, C, H, W) to (N, C, size, size): averaged when smaller, bilinear when larger."""
    if image.shape[-1] == size:
        return image
    if image.shape[-1] > size:
        return F.interpolate(image, (size, size), mode="area")
    return F.interpolate(image, (size, size), mode="bilinear", align_corners=False)
