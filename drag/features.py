"""Feature maps and points: the only place where (x, y) becomes row and column.

Image pixels and feature pixels both have their centres at whole numbers, and a map covers the
whole image: x_feature = (x_image + 0.5) * map / image - 0.5.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F


def to_map(points: Tensor, image_size: int, map_size: int) -> Tensor:
    """Points (..., 2) from image pixels to pixels of a feature map."""
    return (points + 0.5) * (map_size / image_size) - 0.5


def to_image(points: Tensor, image_size: int, map_size: int) -> Tensor:
    """Points (..., 2) from pixels of a feature map to image pixels."""
    return (points + 0.5) * (image_size / map_size) - 0.5


def sample(feature_map: Tensor, points: Tensor) -> Tensor:
    """Bilinear samples of a map (1, C, H, W) at points (..., 2), (x, y): gives (..., C).

    Points outside take the value at the border.
    """
    height, width = feature_map.shape[-2:]
    scale = points.new_tensor([2 / max(width - 1, 1), 2 / max(height - 1, 1)])
    grid = (points * scale - 1).reshape(1, 1, -1, 2)
    values = F.grid_sample(
        feature_map, grid, mode="bilinear", padding_mode="border", align_corners=True
    )
    return values[0, :, 0].t().reshape(*points.shape[:-1], feature_map.shape[1])


def disc(radius: float, spacing: float = 1.0) -> Tensor:
    """Offsets (K, 2) of a grid within a radius of the origin, the origin included."""
    reach = int(radius / spacing)
    line = torch.arange(-reach, reach + 1) * spacing
    y, x = torch.meshgrid(line, line, indexing="ij")
    offsets = torch.stack([x.flatten(), y.flatten()], dim=1)
    return offsets[offsets.norm(dim=1) <= radius + 1e-6]


def square(radius: float, spacing: float = 1.0) -> Tensor:
    """Offsets (K, 2) of a grid in a square of half-side `radius`, row by row."""
    reach = round(radius / spacing)
    line = torch.arange(-reach, reach + 1) * spacing
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)
