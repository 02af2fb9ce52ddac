"""Windows of a feature map, and the exact computation of nothing else.

Every operation of these networks above their coarse blocks is local: a 3x3 convolution reaches one
pixel, an up-sampling two. So a window of a map needs only a window of the map before, a little
wider than half as large; demodulation does not look at pixels at all. Features and gradients are
those of the whole map. What lies outside the image is zero, as the networks' own padding is.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.errors import SettingsError

_BATCH_WORK = 3e7  # what one more batch of windows costs, in multiplications
_COARSEST = 8  # px; below, a whole map costs less than its windows
_WINDOW_FACTOR = 1.3  # small windows compute slower, pixel for pixel, than a whole map


@dataclass(frozen=True)
class Window:
    """Columns left to right - 1 and rows top to bottom - 1 of a feature map."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Columns."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Rows."""
        return self.bottom - self.top

    def cut(self, feature_map: Tensor) -> Tensor:
        """The window's part of a map (..., H, W)."""
        return feature_map[..., self.top : self.bottom, self.left : self.right]


def check_windows(windows: Sequence[Window], resolution: int) -> None:
    """Refuse windows that are empty, of several sizes or not inside the map (SettingsError)."""
    if not windows:
        raise SettingsError("there is no window to compute; give at least one")
    for window in windows:
        inside = 0 <= window.left < window.right <= resolution
        if not (inside and 0 <= window.top < window.bottom <= resolution):
            raise SettingsError(
                f"the window {window} is not inside the map of {resolution}x{resolution} pixels"
            )
    sizes = {(window.width, window.height) for window in windows}
    if len(sizes) > 1:
        raise SettingsError(
            f"the windows have the sizes {sorted(sizes)}; windows of one call must be alike"
        )


@dataclass(frozen=True)
class Patches:
    """Where the patches of a batch lie in a map: their corners, and their one size.

    `corners` is (N, 2), (left, top); patches may reach beyond the map.
    """

    corners: NDArray[np.int64]
    width: int
    height: int
    resolution: int

    def shrunk(self, margin: int) -> Patches:
        """The same without a margin all around: what a convolution without padding leaves."""
        return Patches(
            self.corners + margin,
            self.width - 2 * margin,
            self.height - 2 * margin,
            self.resolution,
        )

    def doubled(self, shift: int) -> Patches:
        """In the map of twice the size, without `shift` pixels all around."""
        return Patches(
            2 * self.corners + shift,
            2 * (self.width - shift),
            2 * (self.height - shift),
            2 * self.resolution,
        )

    @property
    def ends(self) -> NDArray[np.int64]:
        """(N, 2): the column right of and the row below each patch."""
        return np.asarray(self.corners + np.array((self.width, self.height)), np.int64)

    @property
    def inside(self) -> bool:
        """Whether no patch reaches beyond the map."""
        return bool(self.corners.min() >= 0 and self.ends.max() <= self.resolution)

    def cut(self, feature_map: Tensor) -> Tensor:
        """The patches (N, C, h, w) of a map (1, C, R, R), zero beyond it."""
        left, top = (int(value) for value in np.maximum(-self.corners.min(axis=0), 0))
        beyond = self.ends.max(axis=0) - self.resolution
        right, bottom = (int(value) for value in np.maximum(beyond, 0))
        if left or top or right or bottom:
            feature_map = F.pad(feature_map, (left, right, top, bottom))
        rows = [
            feature_map[:, :, y + top : y + top + self.height, x + left : x + left + self.width]
            for x, y in self.corners.tolist()
        ]
        return rows[0] if len(rows) == 1 else torch.cat(rows)

    def noise(self, constant: Tensor) -> Tensor:
        """The patches (N, 1, h, w) of a constant noise image (R, R)."""
        return self.cut(constant[None, None])

    def clear_outside(self, x: Tensor) -> Tensor:
        """X (N, C, h, w) with zeros beyond the map, where a whole map would have its padding."""
        if self.inside:
            return x
        columns = self.corners[:, :1] + np.arange(self.width)
        rows = self.corners[:, 1:] + np.arange(self.height)
        across = (columns >= 0) & (columns < self.resolution)
        down = (rows >= 0) & (rows < self.resolution)
        mask = torch.from_numpy(down[:, None, :, None] & across[:, None, None, :])
        return x * mask.to(x.device, x.dtype)


@dataclass(frozen=True, eq=False)
class WindowMaps:
    """Windows of a feature map, as they were computed: several of them may share a map.

    Each of `maps` is (P, C, H, W); `places` says, per window, in which of them it is, in which of
    its P patches, and where its left column and its top row are there.
    """

    maps: tuple[Tensor, ...]
    places: tuple[tuple[int, int, int, int], ...]
    width: int
    height: int

    @classmethod
    def of_whole(cls, feature_map: Tensor, windows: Sequence[Window]) -> WindowMaps:
        """Windows of one size of a whole map (1, C, R, R)."""
        places = tuple((0, 0, window.left, window.top) for window in windows)
        return cls((feature_map,), places, windows[0].width, windows[0].height)

    def stacked(self) -> Tensor:
        """All windows, (N, C, height, width)."""
        return torch.stack(
            [
                self.maps[number][patch, :, top : top + self.height, left : left + self.width]
                for number, patch, left, top in self.places
            ]
        )


@dataclass(frozen=True)
class Batch:
    """Windows that are computed together: their patches of the coarse map, and who is where.

    `places` holds, per wanted window, its number, its patch, and its corner in the patch's result.
    """

    source: Patches
    places: tuple[tuple[int, int, int, int], ...]


@dataclass(frozen=True)
class Plan:
    """Compute the blocks up to `whole` px whole, and from there on only batches of windows."""

    whole: int
    batches: tuple[Batch, ...]

    def compute(
        self, coarse: Tensor, windows: Sequence[Window], grow: Callable[[Tensor, Patches], Tensor]
    ) -> WindowMaps:
        """The wanted windows of the fine map.

        `coarse` is the last whole map; `grow` turns patches of it into patches of the fine one.
        """
        if not self.batches:
            return WindowMaps.of_whole(coarse, windows)
        found = {}
        for number, batch in enumerate(self.batches):
            for i, patch, left, top in batch.places:
                found[i] = (number, patch, left, top)
        return WindowMaps(
            tuple(grow(batch.source.cut(coarse), batch.source) for batch in self.batches),
            tuple(found[i] for i in range(len(windows))),
            windows[0].width,
            windows[0].height,
        )


@dataclass(frozen=True)
class Reach:
    """How windows grow with the map: twice as large, less `shift` pixels at every side.

    `work` says, per block, how many multiplications a pixel of it costs.
    """

    shift: int
    work: dict[int, float]

    def plan(self, windows: Sequence[Window], resolution: int) -> Plan:
        """The cheapest way to the windows of the map at `resolution`."""
        check_windows(windows, resolution)
        sizes = [size for size in self.work if size <= resolution]
        cheapest, least = Plan(resolution, ()), sum(self.work[s] * s * s for s in sizes)
        groups = merge(windows, 3 * self.shift)  # the margin after two doublings
        for whole in sizes[:-1]:
            if whole < _COARSEST:
                continue
            above = [size for size in sizes if size > whole]
            batches = self._batches(windows, groups, resolution // whole, whole)
            cost = sum(self.work[s] * s * s for s in sizes if s <= whole)
            cost += sum(self._cost(batch.source, above) for batch in batches)
            if cost < least:
                cheapest, least = Plan(whole, tuple(batches)), cost
        return cheapest

    def _batches(
        self, windows: Sequence[Window], groups: list[list[int]], scale: int, whole: int
    ) -> list[Batch]:
        """Patches of the coarse map for groups of windows, those of one size together."""
        lost = self.shift * (scale - 1)
        alike: dict[tuple[int, int], list[tuple[tuple[int, int], list[int]]]] = {}
        for group in groups:
            box = _around([windows[i] for i in group])
            corner = ((box.left - lost) // scale, (box.top - lost) // scale)
            # Long enough wherever the corner falls, so that windows of one size stay alike.
            size = (
                -(-(box.width + 2 * lost + scale - 1) // scale),
                -(-(box.height + 2 * lost + scale - 1) // scale),
            )
            alike.setdefault(size, []).append((corner, group))
        batches = []
        for (width, height), members in alike.items():
            corners = np.array([corner for corner, _ in members], np.int64)
            places = tuple(
                (
                    i,
                    patch,
                    windows[i].left - (scale * corner[0] + lost),
                    windows[i].top - (scale * corner[1] + lost),
                )
                for patch, (corner, group) in enumerate(members)
                for i in group
            )
            batches.append(Batch(Patches(corners, width, height, whole), places))
        return batches

    def _cost(self, patches: Patches, above: Sequence[int]) -> float:
        cost = _BATCH_WORK * len(above)
        for size in above:
            patches = patches.doubled(self.shift)
            pixels = len(patches.corners) * patches.width * patches.height
            cost += _WINDOW_FACTOR * self.work[size] * pixels
        return cost


def merge(windows: Sequence[Window], margin: int) -> list[list[int]]:
    """Groups of window numbers, put together where one box costs no more than its parts.

    What a box costs is its area with the margin that has to be computed around it.
    """
    boxes = np.array([(w.left, w.top, w.right, w.bottom) for w in windows], np.int64)
    boxes += (-margin, -margin, margin, margin)
    groups = [[i] for i in range(len(windows))]
    saved = np.array([_saved(box, boxes) for box in boxes])
    np.fill_diagonal(saved, -1)
    for _ in range(len(groups) - 1):
        first, second = divmod(int(saved.argmax()), len(groups))
        if saved[first, second] < 0:
            break
        boxes[first, :2] = np.minimum(boxes[first, :2], boxes[second, :2])
        boxes[first, 2:] = np.maximum(boxes[first, 2:], boxes[second, 2:])
        groups[first] += groups[second]
        groups[second] = []
        saved[first] = saved[:, first] = _saved(boxes[first], boxes)
        saved[first, first] = -1
        gone = [i for i, group in enumerate(groups) if not group]
        saved[gone] = saved[:, gone] = -1
    return [group for group in groups if group]


def _saved(box: NDArray[np.int64], others: NDArray[np.int64]) -> NDArray[np.int64]:
    """The area saved by one box around `box` and each of the others (N, 4) instead of two."""
    corner, end = np.minimum(box[:2], others[:, :2]), np.maximum(box[2:], others[:, 2:])
    alone = np.prod(others[:, 2:] - others[:, :2], axis=1)
    saved = np.prod(box[2:] - box[:2]) + alone - np.prod(end - corner, axis=1)
    return np.asarray(saved, np.int64)


def _around(windows: Sequence[Window]) -> Window:
    return Window(
        min(w.left for w in windows),
        min(w.top for w in windows),
        max(w.right for w in windows),
        max(w.bottom for w in windows),
    )
