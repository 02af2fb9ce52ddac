"""Motion supervision and point tracking as in DragGAN's published code.

Pan et al. 2023, arXiv 2305.10973, equations 2 and 3, with the published code's choices: the map
is resized to the image, what lies one pixel ahead is drawn towards the current patch, tracking
goes by the L2 distance to one feature vector of the first step, at whole pixels. Only the pixels
of the resized map that these look at are computed.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .features import HandleMaps, square, to_map
from .kept import kept_difference
from .settings import DragSettings

_AHEAD = 1.0  # px that a patch is drawn on in a step


class OfficialMotion:
    """One drag's supervision and tracking; positions are (N, 2), (x, y), in image pixels."""

    motion_from = 1.0  # px; a point nearer to its target is not supervised

    def __init__(self, settings: DragSettings, image_size: int, map_size: int, mask: Tensor | None):
        self.image_size, self.map_size = image_size, map_size
        # At least a pixel: an image of less than 86 px would have empty patches.
        self.patch_radius = max(1, round(settings.patch_radius / 512 * image_size))
        self.search_radius = max(1, round(settings.search_radius / 512 * image_size))
        self.mask_weight = settings.mask_weight
        self.keep = None if mask is None or not settings.mask_weight else 1 - mask
        self.references: Tensor | None = None  # (N, 1, C)
        self.first_map: Tensor | None = None

    @property
    def reach(self) -> float:
        """How far around a position it looks, in pixels of the map."""
        # A pixel more for the patches' grid, one for sampling between pixels.
        image_pixels = self.search_radius + self.patch_radius + _AHEAD + 2
        return image_pixels * self.map_size / self.image_size + 1

    def begin(self, maps: HandleMaps, positions: Tensor, whole: Tensor | None) -> Tensor:
        """Remember the first step's map and the feature vector at each handle; round handles."""
        positions = positions.round().clamp(0, self.image_size - 1)
        self.references = self._at_pixels(maps, positions[:, None])
        self.first_map = None if whole is None else whole.detach()
        return positions

    def track(self, maps: HandleMaps, positions: Tensor) -> Tensor:
        """Equation 3: the nearest neighbour of the first step's vector around each position."""
        assert self.references is not None
        pixels = positions[:, None] + square(self.search_radius).to(positions)
        places = to_map(pixels, self.image_size, self.map_size)
        distances = maps.distances(places, self.references)[..., 0]
        outside = ((pixels < 0) | (pixels > self.image_size - 1)).any(dim=2)
        nearest = distances.masked_fill(outside, torch.inf).argmin(dim=1)
        return pixels[torch.arange(len(pixels), device=pixels.device), nearest]

    def loss(
        self, maps: HandleMaps, positions: Tensor, targets: Tensor, whole: Tensor | None
    ) -> Tensor:
        """Equation 2, without and with the mask's term."""
        way = targets - positions
        length = way.norm(dim=1, keepdim=True)
        pixels, inside = self._patches(positions)
        here = self._at_pixels(maps, pixels).detach()
        ahead = self._between_pixels(maps, pixels + (_AHEAD * way / (length + 1e-7))[:, None])
        counts = inside & (length > self.motion_from)
        # The mean over each point's patch and all channels, summed over the points.
        differences = ((ahead - here).abs().mean(dim=2) * counts).sum(dim=1)
        total: Tensor = (differences / inside.sum(dim=1).clamp(min=1)).sum()
        if whole is not None:
            assert self.first_map is not None
            assert self.keep is not None
            kept = kept_difference(whole, self.first_map, self.keep)
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
