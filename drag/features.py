"""Feature maps and points: the only place where (x, y) becomes row and column.

Image pixels and feature pixels both have their centres at whole numbers, and a map covers the
whole image: x_feature = (x_image + 0.5) * map / image - 0.5.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from photodrag.checkpoints import Window, WindowMaps
from photodrag.frames import rescaled


def to_map(points: Tensor, image_size: int, map_size: int) -> Tensor:
    """Points (..., 2) from image pixels to pixels of a feature map."""
    return rescaled(points, map_size / image_size)


def to_image(points: Tensor, image_size: int, map_size: int) -> Tensor:
    """Points (..., 2) from pixels of a feature map to image pixels."""
    return rescaled(points, image_size / map_size)


@dataclass(frozen=True, eq=False)
class HandleMaps:
    """Of a feature map, the part around each of N handles: all that dragging looks at.

    Parts may overlap, so all pixels stand in one table (T, C). Of each part, `first` (N,) is the
    row of its first pixel in the table and `down` (N,) how many rows further the next line of
    pixels begins; `corners` (N, 2), (x, y), is where its first pixel is in the map. All parts
    have `width` x `height` pixels.
    """

    table: Tensor
    first: Tensor
    down: Tensor
    corners: Tensor
    width: int
    height: int

    def sample(self, points: Tensor) -> Tensor:
        """Bilinear samples at points (N, K, 2) of the map, handle by handle: (N, K, C).

        Points outside the map take the value at its border; points in it must be in the part.
        """
        column, row, weights = self._between(points)
        total: Tensor | None = None
        for (i, j), weight in weights.items():
            rows = self.first[:, None] + (row + i) * self.down[:, None] + column + j
            values = self.table.index_select(0, rows.flatten()).view(*rows.shape, -1)
            values = values * weight[..., None]
            total = values if total is None else total + values
        assert total is not None
        return total

    def parts(self) -> Tensor:
        """The parts themselves, pixel by pixel: (N, height, width, C)."""
        device = self.first.device
        lines = self.down[:, None] * torch.arange(self.height, device=device)
        rows = (self.first[:, None] + lines)[..., None] + torch.arange(self.width, device=device)
        return self.table.index_select(0, rows.flatten()).view(*rows.shape, -1)

    def distances(self, points: Tensor, vectors: Tensor) -> Tensor:
        """|F - v|^2 - |v|^2 for samples F at points (N, L, 2) and vectors v (N, K, C): (N, L, K).

        The samples are not made. A bilinear sample is a weighted sum of four pixels: its products
        with a vector are a sample of the pixels' products, and its squared length is a quadratic
        form in the four weights, given by the pixels' products with their neighbours.
        """
        parts = self.parts()
        column, row, weights = self._between(points)
        at = row * self.width + column  # (N, L)
        count = len(parts)

        def look_up(products: Tensor, i: int, j: int) -> Tensor:
            flat = products.reshape(count, self.height * self.width, -1)
            rows = (at + i * self.width + j)[..., None].expand(-1, -1, flat.shape[2])
            return flat.gather(1, rows)

        lengths = torch.zeros_like(weights[0, 0])[..., None]
        for (down, right), pairs in _PAIRS.items():
            shifted = parts.roll((-down, -right), dims=(1, 2)) if down or right else parts
            products = (parts * shifted).sum(dim=3)
            for one, other in pairs:
                twice = 1 if one == other else 2
                factor = twice * weights[one] * weights[other]
                lengths += factor[..., None] * look_up(products, *one)
        along = parts.flatten(1, 2) @ vectors.transpose(1, 2)  # (N, height * width, K)
        shared = sum(weight[..., None] * look_up(along, *at) for at, weight in weights.items())
        return lengths - 2 * shared

    def _between(self, points: Tensor) -> tuple[Tensor, Tensor, dict[tuple[int, int], Tensor]]:
        """Column and row in its part of the pixel left above each point (N, K, 2), and weights.

        They weigh that pixel, (0, 0), and its neighbours on the right, (0, 1), below and across.
        """
        x, y = (points - self.corners[:, None]).unbind(dim=2)
        x, y = x.clamp(0, self.width - 1), y.clamp(0, self.height - 1)
        column, row = x.floor().clamp(max=self.width - 2), y.floor().clamp(max=self.height - 2)
        right, down = x - column, y - row
        weights = {
            (0, 0): (1 - right) * (1 - down),
            (0, 1): right * (1 - down),
            (1, 0): (1 - right) * down,
            (1, 1): right * down,
        }
        return column.long(), row.long(), weights


# Of the four pixels around a sample each pair once, by how far apart (down, right) they are.
_PAIRS: dict[tuple[int, int], list[tuple[tuple[int, int], tuple[int, int]]]] = {
    (0, 0): [((0, 0), (0, 0)), ((0, 1), (0, 1)), ((1, 0), (1, 0)), ((1, 1), (1, 1))],
    (0, 1): [((0, 0), (0, 1)), ((1, 0), (1, 1))],
    (1, 0): [((0, 0), (1, 0)), ((0, 1), (1, 1))],
    (1, 1): [((0, 0), (1, 1))],
    (1, -1): [((0, 1), (1, 0))],
}


def windows_around(
    places: Sequence[tuple[float, float]], reach: float, image_size: int, map_size: int
) -> list[Window]:
    """Per place (x, y) in the image, the window of the map for all within `reach` map pixels."""
    ratio, whole = map_size / image_size, math.ceil(reach)
    size = min(2 * whole + 2, map_size)  # one pixel more: places lie between pixels
    windows = []
    for place in places:
        left, top = (
            min(max(math.floor(rescaled(value, ratio)) - whole, 0), map_size - size)
            for value in place
        )
        windows.append(Window(left, top, left + size, top + size))
    return windows


def handle_maps(found: WindowMaps, windows: Sequence[Window]) -> HandleMaps:
    """The windows' values as one table, with where each window lies in it and in the map."""
    tables, starts = [], [0]
    for values in found.maps:
        tables.append(values.permute(0, 2, 3, 1).flatten(0, 2))
        starts.append(starts[-1] + len(tables[-1]))
    first, down = [], []
    for number, patch, left, top in found.places:
        height, width = found.maps[number].shape[2:]
        first.append(starts[number] + (patch * height + top) * width + left)
        down.append(width)
    table = tables[0] if len(tables) == 1 else torch.cat(tables)
    return HandleMaps(
        table,
        torch.tensor(first, device=table.device),
        torch.tensor(down, device=table.device),
        table.new_tensor([(window.left, window.top) for window in windows]),
        found.width,
        found.height,
    )


def disc(radius: float, spacing: float = 1.0) -> Tensor:
    """Offsets (K, 2) of a grid within a radius of the origin, the origin included."""
    reach = int(radius / spacing)
    offsets = _grid(reach) * spacing
    return offsets[offsets.norm(dim=1) <= radius + 1e-6]


def square(radius: float, spacing: float = 1.0) -> Tensor:
    """Offsets (K, 2) of a grid in a square of half-side `radius`, row by row."""
    reach = round(radius / spacing)
    return _grid(reach) * spacing


def _grid(reach: int) -> Tensor:
    line = torch.arange(-reach, reach + 1.0)
    y, x = torch.meshgrid(line, line, indexing="ij")
    return torch.stack([x.flatten(), y.flatten()], dim=1)
