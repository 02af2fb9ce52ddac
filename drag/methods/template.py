"""Motion supervision by the patches of the first step (the default).

On real faces the published supervision, towards the current patch, washes the face out: each
step's blur is the next step's aim. Here each handle's patch of the first step is the template
throughout: the loss asks for that template a little further on the way to the target.
"""

from __future__ import annotations

import math

from torch import Tensor

from ..features import disc, to_map
from ..interfaces import Task, View
from .mask_terms import Holding


class TemplateSupervision:
    """Draws each handle's first patch on by a stride of the map."""

    motion_from = -math.inf  # every point is supervised to the end

    def __init__(self, task: Task):
        self.image_size, self.map_size = task.image_size, task.map_size
        self.patch = disc(max(1.0, task.in_map(task.settings.patch_radius)))
        self.stride = task.settings.stride
        self.reach = self.stride + float(self.patch.max())  # around a position, in map pixels
        self._holding = Holding(task)
        self._templates: Tensor | None = None  # (N, K, C)
        self._scale: Tensor | None = None

    @property
    def keep(self) -> Tensor | None:
        """Where the mask keeps things as they are, (1, 1, m, m), 0..1."""
        return self._holding.keep

    def begin(self, view: View, positions: Tensor) -> None:
        """Remember each handle's patch."""
        self.patch = self.patch.to(positions)
        centers = to_map(positions, self.image_size, self.map_size)
        self._templates = view.maps.sample(centers[:, None] + self.patch)
        # Losses in units of the map's own spread, so that settings fit every generator.
        self._scale = view.maps.table.std(dim=0).mean()
        self._holding.begin(view.whole)

    def loss(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """The templates, one stride ahead of where they are; what the mask keeps, as it was."""
        assert self._templates is not None
        assert self._scale is not None
        here = to_map(positions, self.image_size, self.map_size)
        way = to_map(targets, self.image_size, self.map_size) - here
        length = way.norm(dim=1, keepdim=True)
        ahead = here + way * (self.stride / length.clamp(min=self.stride))
        wanted = view.maps.sample(ahead[:, None] + self.patch)
        total = (wanted - self._templates).abs().mean(dim=(1, 2)).sum() / self._scale
        return self._holding.add_to(total, view.whole)
