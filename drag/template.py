"""Motion supervision and tracking by the patches of the first step (the default).

On real faces the published supervision, towards the current patch, washes the face out: each
step's blur is the next step's aim. Here each handle's patch of the first step is the template
throughout: the loss asks for that template a little further on the way to the target, and
tracking finds where it is now, by the whole patch and to a part of a feature pixel.
"""

from __future__ import annotations

import torch
from torch import Tensor

from .features import disc, sample, square, to_image, to_map
from .settings import DragSettings

_SEARCH_SPACING = 0.5  # feature pixels between candidates, before the parabola through the best


class TemplateMotion:
    """One drag's supervision and tracking; positions are (N, 2), (x, y), in image pixels."""

    def __init__(self, settings: DragSettings, image_size: int, map_size: int, mask: Tensor | None):
        self.image_size, self.map_size = image_size, map_size
        self.patch = disc(max(1.0, settings.patch_radius / 512 * map_size))
        self.candidates = square(max(1.0, settings.search_radius / 512 * map_size), _SEARCH_SPACING)
        self.stride = settings.stride
        self.mask_weight = settings.mask_weight
        self.keep = None
        if mask is not None:
            self.keep = 1 - torch.nn.functional.interpolate(mask, (map_size, map_size), mode="area")
        self.templates: Tensor | None = None
        self.scale: Tensor | None = None
        self.first_map: Tensor | None = None

    def begin(self, feature_map: Tensor, positions: Tensor) -> Tensor:
        """Remember each handle's patch."""
        feature_map = feature_map.detach()
        self.patch = self.patch.to(positions)
        self.candidates = self.candidates.to(positions)
        centers = to_map(positions, self.image_size, self.map_size)
        self.templates = sample(feature_map, centers[:, None] + self.patch)  # (N, K, C)
        # Losses in units of the map's own spread, so that settings fit every generator.
        self.scale = feature_map.std(dim=(2, 3), keepdim=True).mean()
        self.first_map = feature_map if self.keep is not None else None
        return positions

    def track(self, feature_map: Tensor, positions: Tensor) -> Tensor:
        """Where each template is now: the best of a fine grid, refined by a parabola."""
        assert self.templates is not None
        centers = to_map(positions, self.image_size, self.map_size)
        side = round(len(self.candidates) ** 0.5)
        found = []
        for center, template in zip(centers, self.templates, strict=True):
            places = (center + self.candidates)[:, None] + self.patch  # (S, K, 2)
            costs = (sample(feature_map.detach(), places) - template).square().sum(dim=(1, 2))
            row, column = divmod(int(costs.argmin()), side)
            grid = costs.view(side, side)
            dx = _parabola(grid[row], column)
            dy = _parabola(grid[:, column], row)
            offset = self.candidates[row * side + column] + _SEARCH_SPACING * torch.stack([dx, dy])
            found.append(center + offset)
        limit = self.map_size - 1
        return to_image(torch.stack(found).clamp(0, limit), self.image_size, self.map_size)

    def loss(self, feature_map: Tensor, positions: Tensor, targets: Tensor) -> Tensor:
        """The templates, one stride ahead of where they are; what the mask keeps, as it was."""
        assert self.templates is not None
        assert self.scale is not None
        here = to_map(positions, self.image_size, self.map_size)
        way = to_map(targets, self.image_size, self.map_size) - here
        length = way.norm(dim=1, keepdim=True)
        ahead = here + way * (self.stride / length.clamp(min=self.stride))
        wanted = sample(feature_map, ahead[:, None] + self.patch)
        total = (wanted - self.templates).abs().mean(dim=(1, 2)).sum() / self.scale
        if self.keep is not None and self.mask_weight:
            assert self.first_map is not None
            moved = (feature_map - self.first_map).abs() * self.keep
            total = total + self.mask_weight * moved.mean() / self.scale
        return total


def _parabola(costs: Tensor, index: int) -> Tensor:
    """Offset of the lowest point of a parabola through a minimum and its two neighbours."""
    if not 0 < index < len(costs) - 1:
        return costs.new_zeros(())
    before, least, after = costs[index - 1], costs[index], costs[index + 1]
    curvature = before - 2 * least + after
    offset = 0.5 * (before - after) / curvature.clamp(min=1e-12)
    return offset.clamp(-0.5, 0.5)
