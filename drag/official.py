"""Motion supervision and point tracking as in DragGAN's published code.

Pan et al. 2023, arXiv 2305.10973, equations 2 and 3, with the published code's choices: the map
is resized to the image, what lies one pixel ahead is drawn towards the current patch, tracking
goes by the L2 distance to one feature vector of the first step, at whole pixels.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .features import sample
from .settings import DragSettings

_MOTION_FROM = 1.0  # px; a point nearer to its target is not supervised


class OfficialMotion:
    """One drag's supervision and tracking; positions are (N, 2), (x, y), in image pixels."""

    def __init__(self, settings: DragSettings, image_size: int, mask: Tensor | None):
        self.image_size = image_size
        # At least a pixel: an image of less than 86 px would have empty patches.
        self.patch_radius = max(1, round(settings.patch_radius / 512 * image_size))
        self.search_radius = max(1, round(settings.search_radius / 512 * image_size))
        self.mask_weight = settings.mask_weight
        self.keep = None if mask is None else 1 - mask
        self.references: Tensor | None = None
        self.first_map: Tensor | None = None

    def resize(self, feature_map: Tensor) -> Tensor:
        """The map at the image's size."""
        size = (self.image_size, self.image_size)
        return F.interpolate(feature_map, size, mode="bilinear", align_corners=False)

    def begin(self, feature_map: Tensor, positions: Tensor) -> Tensor:
        """Remember the first step's map and the feature vector at each handle; round handles."""
        positions = positions.round().clamp(0, self.image_size - 1)
        self.first_map = self.resize(feature_map.detach())
        columns, rows = positions.long().unbind(dim=1)
        self.references = self.first_map[0, :, rows, columns].t()
        return positions

    def track(self, feature_map: Tensor, positions: Tensor) -> Tensor:
        """Equation 3: the nearest neighbour of the first step's vector around each position."""
        assert self.references is not None
        resized = self.resize(feature_map.detach())[0]
        reach, found = self.search_radius, []
        for position, reference in zip(positions, self.references, strict=True):
            x, y = (int(value) for value in position)
            left, top = max(x - reach, 0), max(y - reach, 0)
            patch = resized[:, top : y + reach + 1, left : x + reach + 1]
            nearest = int((patch - reference[:, None, None]).norm(dim=0).argmin())
            row, column = divmod(nearest, patch.shape[2])
            found.append([left + column, top + row])
        return positions.new_tensor(found)

    def loss(self, feature_map: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """Equation 2, without and with the mask's term."""
        assert self.first_map is not None
        resized = self.resize(feature_map)
        total = resized.new_zeros(())
        for position, target in zip(positions, targets, strict=True):
            way = target - position
            if float(way.norm()) <= _MOTION_FROM:
                continue
            patch = self._patch(position)
            step = way / (way.norm() + 1e-7)
            columns, rows = patch.long().unbind(dim=1)
            here = resized.detach()[0, :, rows, columns].t()
            total = total + F.l1_loss(sample(resized, patch + step), here)
        if self.keep is not None and self.mask_weight:
            kept = F.l1_loss(resized * self.keep, self.first_map * self.keep)
            total = total + self.mask_weight * kept
        return total

    def _patch(self, position: Tensor) -> Tensor:
        """All pixels of the image nearer than the patch radius, (K, 2).

        The published code measures from a grid that runs from 0 to the size instead of the size
        minus 1; its patches sit up to a pixel off because of it, and so do these.
        """
        size = self.image_size
        line = torch.linspace(0, size, size, device=position.device, dtype=position.dtype)
        y, x = torch.meshgrid(line, line, indexing="ij")
        inside = ((x - position[0]).square() + (y - position[1]).square()).sqrt()
        rows, columns = torch.where(inside < self.patch_radius)
        return torch.stack([columns, rows], dim=1).to(position.dtype)
