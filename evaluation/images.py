"""How far two pictures of one size are apart."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.inversion import PerceptualDistance

from .faces import PAPER_SIZE


def compare_images(
    a: NDArray[np.uint8], b: NDArray[np.uint8], distance: PerceptualDistance
) -> dict[str, float]:
    """`mse` in -1..1 and `lpips` of two squares (R, R, 3), both at 512 px where they are larger."""
    first, second = (_tensor(pixels, distance) for pixels in (a, b))
    with torch.no_grad():
        return {
            "mse": float((first - second).square().mean()),
            "lpips": float(distance(first, second)),
        }


def _tensor(pixels: NDArray[np.uint8], distance: PerceptualDistance) -> Tensor:
    image = torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None].to(distance.shift.device)
    image = image.float() / 127.5 - 1
    size = min(PAPER_SIZE, image.shape[-1])
    return F.interpolate(image, (size, size), mode="area")
