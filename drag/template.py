"""Motion supervision and tracking by the patches of the first step (the default).

On real faces the published supervision, towards the current patch, washes the face out: each
step's blur is the next step's aim. Here each handle's patch of the first step is the template
throughout: the loss asks for that template a little further on the way to the target, and
tracking finds where it is now, by the whole patch and to a part of a feature pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from .features import HandleMaps, disc, square, to_image, to_map
from .settings import DragSettings

_SEARCH_SPACING = 0.5  # feature pixels between candidates, before the parabola through the best


class TemplateMotion:
    """One drag's supervision and tracking; positions are (N, 2), (x, y), in image pixels."""

    motion_from = 0.0  # px; every point is supervised to the end

    def __init__(self, settings: DragSettings, image_size: int, map_size: int, mask: Tensor | None):
        self.image_size, self.map_size = image_size, map_size
        self.patch = disc(max(1.0, settings.patch_radius / 512 * map_size))
        self.candidates = square(max(1.0, settings.search_radius / 512 * map_size), _SEARCH_SPACING)
        # Candidates and patches share one lattice: what `found` at a patch's pixel is, is there.
        places = self.candidates[:, None] + self.patch
        self.lattice, numbers = torch.unique(places.flatten(0, 1), dim=0, return_inverse=True)
        self.of_candidate = numbers.view(places.shape[:2])  # (S, K)
        self.of_patch = torch.arange(len(self.patch))
        self.stride = settings.stride
        self.mask_weight = settings.mask_weight
        self.keep = None
        if mask is not None and self.mask_weight:
            self.keep = 1 - F.interpolate(mask, (map_size, map_size), mode="area")
        self.templates: Tensor | None = None
        self.scale: Tensor | None = None
        self.first_map: Tensor | None = None

    @property
    def reach(self) -> float:
        """How far around a position it looks, in pixels of the map."""
        # Found between two candidates, a point may lie half their spacing further out.
        searched = float(self.candidates.max()) + _SEARCH_SPACING / 2
        return searched + self.stride + float(self.patch.max())

    def begin(self, maps: HandleMaps, positions: Tensor, whole: Tensor | None) -> Tensor:
        """Remember each handle's patch."""
        self.patch = self.patch.to(positions)
        self.candidates = self.candidates.to(positions)
        self.lattice = self.lattice.to(positions)
        self.of_candidate = self.of_candidate.to(positions.device)
        self.of_patch = self.of_patch.to(positions.device)
        centers = to_map(positions, self.image_size, self.map_size)
        self.templates = maps.sample(centers[:, None] + self.patch)  # (N, K, C)
        # Losses in units of the map's own spread, so that settings fit every generator.
        self.scale = maps.table.std(dim=0).mean()
        self.first_map = None if whole is None else whole.detach()
        return positions

    def track(self, maps: HandleMaps, positions: Tensor) -> Tensor:
        """Where each template is now: the best of a fine grid, refined by a parabola."""
        assert self.templates is not None
        centers = to_map(positions, self.image_size, self.map_size)
        count, side = len(positions), round(len(self.candidates) ** 0.5)
        places = centers[:, None] + self.lattice
        away = maps.distances(places, self.templates)  # (N, L, K)
        costs = away[:, self.of_candidate, self.of_patch].sum(dim=2)  # (N, S)
        best = costs.argmin(dim=1)
        grid = costs.view(count, side, side)
        each, row, column = torch.arange(count, device=best.device), best // side, best % side
        dx = _parabola(grid[each, row], column)
        dy = _parabola(grid[each, :, column], row)
        offset = self.candidates[best] + _SEARCH_SPACING * torch.stack([dx, dy], dim=1)
        limit = self.map_size - 1
        return to_image((centers + offset).clamp(0, limit), self.image_size, self.map_size)

    def loss(
        self, maps: HandleMaps, positions: Tensor, targets: Tensor, whole: Tensor | None
    ) -> Tensor:
        """The templates, one stride ahead of where they are; what the mask keeps, as it was."""
        assert self.templates is not None
        assert self.scale is not None
        here = to_map(positions, self.image_size, self.map_size)
        way = to_map(targets, self.image_size, self.map_size) - here
        length = way.norm(dim=1, keepdim=True)
        ahead = here + way * (self.stride / length.clamp(min=self.stride))
        wanted = maps.sample(ahead[:, None] + self.patch)
        total = (wanted - self.templates).abs().mean(dim=(1, 2)).sum() / self.scale
        if whole is not None:
            assert self.first_map is not None
            assert self.keep is not None
            moved = (whole - self.first_map).abs() * self.keep
            spread = self.first_map.std(dim=(2, 3)).mean()
            total = total + self.mask_weight * moved.mean() / spread
        return total


def _parabola(costs: Tensor, index: Tensor) -> Tensor:
    """Per row of costs (N, S), the offset of the lowest point of a parabola through a minimum.

    The minimum is at `index` (N,); 0 where it has no neighbour on one side.
    """
    last = costs.shape[1] - 1
    around = (index[:, None] + torch.arange(-1, 2, device=index.device)).clamp(0, last)
    before, least, after = costs.gather(1, around).unbind(dim=1)
    curvature = before - 2 * least + after
    offset = (0.5 * (before - after) / curvature.clamp(min=1e-12)).clamp(-0.5, 0.5)
    return torch.where((index > 0) & (index < last), offset, 0.0)
