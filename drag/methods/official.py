"""Motion supervision as in DragGAN's published code.

Pan et al. 2023, arXiv 2305.10973, equation 2, with the published code's choices: the map is
resized to the image, and what lies one pixel ahead is drawn towards the current patch. Only the
pixels of the resized map that this looks at are computed. Its tracking is `VectorTracker`.
"""

from __future__ import annotations

import torch
from torch import Tensor

from ..features import HandleMaps, square, to_map
from ..interfaces import Task, View
from .mask_terms import kept_difference

_AHEAD = 1.0  # px that a patch is drawn on in a step


class OfficialSupervision:
    """Draws what stands around each position, at whole pixels, on by a pixel of the image."""

    motion_from = 1.0  # px; a point nearer to its target is not supervised

    def __init__(self, task: Task):
        self.image_size, self.map_size = task.image_size, task.map_size
        # At least a pixel: an image of less than 86 px would have empty patches.
        self.patch_radius = max(1, round(task.in_image(task.settings.patch_radius)))
        self.mask_weight = task.settings.mask_weight
        self.keep = None if task.mask is None or not self.mask_weight else 1 - task.mask
        self._first_map: Tensor | None = None

    @property
    def reach(self) -> float:
        """How far around a position it looks, in pixels of the map."""
        # A pixel more for the patches' grid, one for sampling between pixels, half for rounding.
        image_pixels = self.patch_radius + _AHEAD + 2.5
        return image_pixels * self.map_size / self.image_size + 1

    def begin(self, view: View, positions: Tensor) -> None:
        """Remember the first step's map."""
        self._first_map = None if view.whole is None else view.whole.detach()

    def loss(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Equation 2, without and with the mask's term."""
        maps, positions = view.maps, positions.round().clamp(0, self.image_size - 1)
        way = targets - positions
        length = way.norm(dim=1, keepdim=True)
        pixels, inside = self._patches(positions)
        here = self._at_pixels(maps, pixels).detach()
        ahead = self._between_pixels(maps, pixels + (_AHEAD * way / (length + 1e-7))[:, None])
        counts = inside & (length > self.motion_from)
        # The mean over each point's patch and all channels, summed over the points.
        differences = ((ahead - here).abs().mean(dim=2) * counts).sum(dim=1)
        total: Tensor = (differences / inside.sum(dim=1).clamp(min=1)).sum()
        if view.whole is not None:
            assert self._first_map is not None
            assert self.keep is not None
            kept = kept_difference(view.whole, self._first_map, self.keep)
            total = total + self.mask_weight * kept
        return total

    def _patches(self, positions: Tensor) -> tuple[Tensor, Tensor]:
        """Pixels (N, K, 2) around each position, and whether each is within the patch radius.

        The published code measures from a grid that runs from 0 to the size instead of the size
        minus 1; its patches sit up to a pixel off because of it, and so do these.
        """
        size = self.image_size
        pixels = positions[:, None] + square(self.patch_radius + 1).to(positions)
        line = torch.linspace(0, size, size, device=positions.device, dtype=positions.dtype)
        measured = line[pixels.long().clamp(0, size - 1)] - positions[:, None]
        inside = measured.square().sum(dim=2).sqrt() < self.patch_radius
        return pixels, inside & ((pixels >= 0) & (pixels <= size - 1)).all(dim=2)

    def _at_pixels(self, maps: HandleMaps, pixels: Tensor) -> Tensor:
        """The resized map at whole pixels (N, K, 2) of the image: (N, K, C)."""
        return maps.sample(to_map(pixels, self.image_size, self.map_size))

    def _between_pixels(self, maps: HandleMaps, points: Tensor) -> Tensor:
        """The resized map at points (N, K, 2): bilinear between its pixels, as it is sampled."""
        points = points.clamp(0, self.image_size - 1)
        corner = points.floor()
        part = points - corner
        total: Tensor | None = None
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
            across = part[..., 0] if dx else 1 - part[..., 0]
            down = part[..., 1] if dy else 1 - part[..., 1]
            pixels = (corner + corner.new_tensor([dx, dy])).clamp(max=self.image_size - 1)
            value = self._at_pixels(maps, pixels) * (across * down)[..., None]
            total = value if total is None else total + value
        assert total is not None
        return total
