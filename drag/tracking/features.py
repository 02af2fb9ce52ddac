"""Trackers that look at the features, or at nothing."""

from __future__ import annotations

import torch
from torch import Tensor

from ..features import disc, square, to_image, to_map
from ..interfaces import Task, View

_SEARCH_SPACING = 0.5  # feature pixels between candidates, before the parabola through the best
_PACE = 1.0  # px of a 512 px image that a step is taken to move a point by, without a tracker


class PatchTracker:
    """Where the patch of the first step is now, to a part of a pixel of the map."""

    whole_pixels = False
    settle = 0

    def __init__(self, task: Task):
        self.image_size, self.map_size = task.image_size, task.map_size
        search = max(1.0, task.in_map(task.settings.search_radius))
        self.patch = disc(max(1.0, task.in_map(task.settings.patch_radius)))
        self.candidates = square(search, _SEARCH_SPACING)
        # How far around a position it looks, and how far that may move in a step, in pixels of the
        # map. Found between two candidates, a point may lie half their spacing further out.
        farthest = float(self.candidates.max())
        self.reach = farthest + float(self.patch.max())
        self.move = farthest + _SEARCH_SPACING / 2
        # Candidates and patches share one lattice: what `found` at a patch's pixel is, is there.
        places = self.candidates[:, None] + self.patch
        self.lattice, numbers = torch.unique(places.flatten(0, 1), dim=0, return_inverse=True)
        self.of_candidate = numbers.view(places.shape[:2])  # (S, K)
        self.of_patch = torch.arange(len(self.patch))
        self._templates: Tensor | None = None  # (N, K, C)

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Remember each handle's patch."""
        self.patch = self.patch.to(positions)
        self.candidates = self.candidates.to(positions)
        self.lattice = self.lattice.to(positions)
        self.of_candidate = self.of_candidate.to(positions.device)
        self.of_patch = self.of_patch.to(positions.device)
        centers = to_map(positions, self.image_size, self.map_size)
        self._templates = view.maps.sample(centers[:, None] + self.patch)
        return positions

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Where each template is now: the best of a fine grid, refined by a parabola."""
        assert self._templates is not None
        centers = to_map(positions, self.image_size, self.map_size)
        count, side = len(positions), round(len(self.candidates) ** 0.5)
        places = centers[:, None] + self.lattice
        away = view.maps.distances(places, self._templates)  # (N, L, K)
        costs = away[:, self.of_candidate, self.of_patch].sum(dim=2)  # (N, S)
        best = costs.argmin(dim=1)
        grid = costs.view(count, side, side)
        each, row, column = torch.arange(count, device=best.device), best // side, best % side
        dx = _parabola(grid[each, row], column)
        dy = _parabola(grid[each, :, column], row)
        offset = self.candidates[best] + _SEARCH_SPACING * torch.stack([dx, dy], dim=1)
        limit = self.map_size - 1
        return to_image((centers + offset).clamp(0, limit), self.image_size, self.map_size)


class VectorTracker:
    """DragGAN's tracking (arXiv 2305.10973, equation 3), at whole pixels of the image.

    As in the published code: the nearest neighbour, by L2 distance on the map resized to the
    image, of the one feature vector that stood at the handle in the first step.
    """

    whole_pixels = True
    settle = 0

    def __init__(self, task: Task):
        self.image_size, self.map_size = task.image_size, task.map_size
        # At least a pixel: an image of less than 22 px would have nothing to search.
        self.search_radius = max(1, round(task.in_image(task.settings.search_radius)))
        self._vectors: Tensor | None = None  # (N, 1, C)

    @property
    def move(self) -> float:
        """How far a position may move in one step, in pixels of the map."""
        # Half a pixel: the first positions are rounded.
        return (self.search_radius + 0.5) * self.map_size / self.image_size

    @property
    def reach(self) -> float:
        """How far around a position it looks, in pixels of the map."""
        return self.move

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Round the handles; remember the feature vector at each."""
        positions = positions.round().clamp(0, self.image_size - 1)
        self._vectors = view.maps.sample(to_map(positions[:, None], self.image_size, self.map_size))
        return positions

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """The nearest neighbour in a square around each position."""
        assert self._vectors is not None
        pixels = positions[:, None] + square(self.search_radius).to(positions)
        places = to_map(pixels, self.image_size, self.map_size)
        distances = view.maps.distances(places, self._vectors)[..., 0]
        outside = ((pixels < 0) | (pixels > self.image_size - 1)).any(dim=2)
        nearest = distances.masked_fill(outside, torch.inf).argmin(dim=1)
        return pixels[torch.arange(len(pixels), device=pixels.device), nearest]


class NoTracker:
    """Dead reckoning: a point is taken to move a pixel of a 512 px image per step on its line.

    Whatever the image shows, it arrives after as many steps as its way is long. As the image lags
    behind, supervision goes on at the target for the settings' `patience` before the drag ends.
    """

    whole_pixels = False
    reach = 0.0

    def __init__(self, task: Task):
        self._pace = task.in_image(_PACE)
        self.move = task.in_map(_PACE)
        self.settle = task.settings.patience

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """The handles are where they are."""
        return positions

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """One step further, at most to the target."""
        way = targets - positions
        length = way.norm(dim=1, keepdim=True)
        return torch.where(length > self._pace, positions + way * (self._pace / length), targets)


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
