"""A generator's image as pixels."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.checkpoints import Generator, Latent
from photodrag.inversion.target import paintable

_SMALL = 256  # px


def to_pixels(image: Tensor) -> NDArray[np.uint8]:
    """An image (1, 3, H, W) in -1..1 as (H, W, 3) uint8."""
    pixels = (image[0].detach().permute(1, 2, 0) * 127.5 + 127.5).round().clamp(0, 255)
    return np.asarray(pixels.to(torch.uint8).cpu().numpy())


def paint(generator: Generator, latent: Latent) -> NDArray[np.uint8]:
    """A latent's image at the generator's full resolution, (R, R, 3) uint8 sRGB."""
    with torch.no_grad():
        return to_pixels(generator.render(latent))


def paint_small(generator: Generator, latent: Latent) -> NDArray[np.uint8]:
    """A latent's image at 256 px or little more, (S, S, 3) uint8 sRGB: enough for motion."""
    with torch.no_grad():
        return to_pixels(generator.render(latent, paintable(generator, _SMALL)))
