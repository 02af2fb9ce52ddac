"""The two exchangeable parts of a drag: what the features should become, and where a handle is.

Motion supervision says by a loss what the features around each handle should be next; a tracker
finds the handles again in the features, or in the painted image. Any supervision goes with any
tracker, except that FreeDrag's takes its templates from FreeDrag's line search.

Positions are (N, 2), (x, y), in pixels of the generator's image; lengths called `reach` or `move`
are in pixels of the feature map.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from torch import Tensor

from photodrag.checkpoints import Generator

from .features import HandleMaps
from .settings import DragSettings


@dataclass(frozen=True, eq=False)
class View:
    """What a step sees: `w` (num_ws, w_dim), features around the handles, and all of them.

    `whole` (1, C, m, m) is there only if the supervision's `keep` is.
    """

    w: Tensor
    maps: HandleMaps
    whole: Tensor | None


class Supervision(Protocol):
    """Motion supervision: draws the handles on."""

    @property
    def motion_from(self) -> float:
        """A point this near to its target, in pixels of the image, is not drawn on."""

    @property
    def reach(self) -> float:
        """How far around a position it looks."""

    @property
    def keep(self) -> Tensor | None:
        """Where the mask keeps things as they are; None where nothing needs the whole map."""

    def begin(self, view: View, positions: Tensor) -> None:
        """Remember what it needs of the first step."""

    def loss(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """What one step of the optimiser lowers, a scalar."""


class Tracker(Protocol):
    """Finds the handles of the first step in a later one."""

    @property
    def move(self) -> float:
        """How far a position may move in one step."""

    @property
    def reach(self) -> float:
        """How far around a position it looks at the features."""

    @property
    def whole_pixels(self) -> bool:
        """Whether positions are whole pixels of the image; targets are then, too."""

    @property
    def settle(self) -> int:
        """For how many more steps points must stay at their targets to count as arrived."""

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Remember what it needs of the first step; where it takes the handles to be."""

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Where the handles are now, given where they were one step before."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The two parts of one drag, with what they remember of it."""

    supervision: Supervision
    tracker: Tracker

    @property
    def reach(self) -> float:
        """How far around a position, known from the step before, a step looks at the features."""
        tracker = self.tracker
        return max(tracker.reach, tracker.move + self.supervision.reach)


@dataclass(frozen=True, eq=False)
class Task:
    """What parts are made for: settings, generator, the map's side, and where may move.

    mask (1, 1, S, S), 1 where the image of side S may move, 0 where it stays.
    """

    settings: DragSettings
    generator: Generator
    map_size: int
    mask: Tensor | None

    @property
    def image_size(self) -> int:
        """The side of the generator's image."""
        return self.generator.resolution

    def in_map(self, length: float) -> float:
        """A length in pixels of a 512 px image, as settings are, in pixels of the map."""
        return length / 512 * self.map_size

    def in_image(self, length: float) -> float:
        """A length in pixels of a 512 px image in pixels of the generator's image."""
        return length / 512 * self.image_size
