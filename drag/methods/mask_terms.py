"""The mask's term of DragGAN's loss (Pan et al. 2023, arXiv 2305.10973, equation 2).

The published code resizes the feature map to the image before it compares, which at 1024 px is a
gigabyte to write, to read, and to keep for the gradient. On a CPU the same sum is taken cell by
cell: between four feature pixels of one sign no resized pixel has another sign, so the sum of
their amounts is one product; only the other cells' pixels are made.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from ..interfaces import Task

_CHANNELS_AT_ONCE = 8  # so that what is worked on stays in a processor's cache


def kept_difference(feature_map: Tensor, first_map: Tensor, keep: Tensor) -> Tensor:
    """Mean of |resized(feature_map - first_map)| * keep over the image and all channels.

    Maps (1, C, m, m), the second without gradient; keep (1, 1, S, S), 0 or 1, S a multiple of m
    by a power of 2.
    """
    scale = keep.shape[-1] // feature_map.shape[-1]
    if scale == 1:
        return ((feature_map - first_map) * keep).abs().mean()
    if feature_map.device.type != "cpu":  # memory is fast there, and choosing cells is not
        size = keep.shape[-2:]
        resized = F.interpolate(feature_map - first_map, size, mode="bilinear")
        return (resized * keep).abs().mean()
    out: Tensor = _KeptDifference.apply(feature_map, first_map, keep)
    return out


class _KeptDifference(torch.autograd.Function):
    """Value and gradient are found together; the backward pass only scales."""

    @staticmethod
    def forward(ctx: Any, feature_map: Tensor, first_map: Tensor, keep: Tensor) -> Tensor:
        """The mean; see kept_difference."""
        cells = _Cells(keep[0, 0], keep.shape[-1] // feature_map.shape[-1])
        total = feature_map.new_zeros(())
        gradient = torch.empty_like(feature_map, memory_format=torch.contiguous_format)
        maps = (feature_map[0], first_map[0], gradient[0])
        parts = zip(*(torch.split(one, _CHANNELS_AT_ONCE) for one in maps), strict=True)
        for part, first, pull in parts:
            value, found = cells.amount((part - first).contiguous())
            total = total + value
            pull.copy_(found)
        count = keep.numel() * feature_map.shape[1]
        ctx.save_for_backward(gradient.div_(count))
        return total / count

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """The gradient with respect to feature_map."""
        (gradient,) = ctx.saved_tensors
        return gradient.mul_(grad), None, None  # in place: it is as large as the map


class _Cells:
    """The image's pixels by the four feature pixels that they lie between.

    In each of (m + 1)^2 cells there are `scale` pixels each way, at (j + 0.5) / scale of the way;
    beyond the outermost feature pixels the map goes on unchanged for half as many.
    """

    def __init__(self, keep: Tensor, scale: int):
        cells = keep.shape[-1] // scale + 1
        padded = F.pad(keep, (scale // 2,) * 4).view(cells, scale, cells, scale)
        self.keep = padded.transpose(1, 2).reshape(cells * cells, scale * scale)
        way = (torch.arange(scale, device=keep.device, dtype=keep.dtype) + 0.5) / scale
        ends = torch.stack([1 - way, way])
        # Weight of each corner (left above, right above, left below, right below) in each pixel.
        self.weights = torch.einsum("aj,bk->abjk", ends, ends).reshape(4, scale * scale)
        # The corners' weights in the sum of a cell's pixels.
        self.sums = (self.weights @ self.keep.t()).view(4, cells, cells)
        kept = self.keep.sum(dim=1)
        self.used = (kept > 0).view(cells, cells)
        self.partly = (kept > 0) & (kept < scale * scale)

    def amount(self, part: Tensor) -> tuple[Tensor, Tensor]:
        """The sum over a few channels (C, m, m) of the kept pixels' amounts, and its gradient."""
        padded = F.pad(part[None], (1, 1, 1, 1), mode="replicate")[0]
        corners = (
            padded[:, :-1, :-1],
            padded[:, :-1, 1:],
            padded[:, 1:, :-1],
            padded[:, 1:, 1:],
        )
        least = torch.minimum(
            torch.minimum(corners[0], corners[1]), torch.minimum(corners[2], corners[3])
        )
        most = torch.maximum(
            torch.maximum(corners[0], corners[1]), torch.maximum(corners[2], corners[3])
        )
        # 1, -1 or 0 (nothing, or both signs).
        sign = (least >= 0).to(part.dtype) * (most > 0) - (most <= 0).to(part.dtype) * (least < 0)
        both = (least < 0) & (most > 0) & self.used
        at = both.flatten().nonzero()[:, 0]
        cell = at % self.used.numel()
        pixels = torch.stack([corner.flatten()[at] for corner in corners], dim=1) @ self.weights
        partly = self.partly[cell].nonzero()[:, 0]
        pixels[partly] *= self.keep[cell[partly]]
        total = torch.linalg.vector_norm(pixels, 1)
        pulls = pixels.sign_() @ self.weights.t()
        gradient = torch.zeros_like(padded)
        places = (
            gradient[:, :-1, :-1],
            gradient[:, :-1, 1:],
            gradient[:, 1:, :-1],
            gradient[:, 1:, 1:],
        )
        for i, (corner, place) in enumerate(zip(corners, places, strict=True)):
            pull = sign * self.sums[i]
            total = total + (pull * corner).sum()
            pull.view(-1)[at] = pulls[:, i]
            place.add_(pull)
        # What the padding got belongs to the pixels that it repeats.
        gradient[:, 1] += gradient[:, 0]
        gradient[:, -2] += gradient[:, -1]
        gradient[..., 1] += gradient[..., 0]
        gradient[..., -2] += gradient[..., -1]
        return total, gradient[:, 1:-1, 1:-1]


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
