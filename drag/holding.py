"""What the mask keeps, on the feature map itself; `kept.py` has the published code's term."""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

from .parts import Task


class Holding:
    """Holds the features to those of the first step where the mask lets nothing move."""

    def __init__(self, task: Task):
        self.weight = task.settings.mask_weight
        self.keep: Tensor | None = None
        if task.mask is not None and self.weight:
            self.keep = 1 - F.interpolate(task.mask, (task.map_size, task.map_size), mode="area")
        self._first: Tensor | None = None

    def begin(self, whole: Tensor | None) -> None:
        """Remember the whole map of the first step, (1, C, m, m)."""
        self._first = None if whole is None else whole.detach()

    def add_to(self, loss: Tensor, whole: Tensor | None) -> Tensor:
        """A loss with the kept part's change, in units of the map's own spread, added."""
        if whole is None:
            return loss
        assert self._first is not None
        assert self.keep is not None
        moved = (whole - self._first).abs() * self.keep
        spread = self._first.std(dim=(2, 3)).mean()
        return loss + self.weight * moved.mean() / spread
