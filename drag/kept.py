"""The mask's term of DragGAN's loss (Pan et al. 2023, arXiv 2305.10973, equation 2).

The published code resizes the feature map to the image before it compares, which at 1024 px is a
gigabyte to write, to read, and to keep for the gradient. Here the same sum is taken over one
phase of the resized pixels at a time: all pixels that lie alike between four feature pixels.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

_CHANNELS_AT_ONCE = 16  # on a CPU, so that what is worked on stays in its cache


def kept_difference(feature_map: Tensor, first_map: Tensor, keep: Tensor) -> Tensor:
    """Mean of |resized(feature_map - first_map)| * keep over the image and all channels.

    Maps (1, C, m, m), the second without gradient; keep (1, 1, S, S), 0 or 1, S a multiple of m.
    """
    out: Tensor = _KeptDifference.apply(feature_map, first_map, keep)
    return out


class _KeptDifference(torch.autograd.Function):
    """Value and gradient are found together; the backward pass only scales."""

    @staticmethod
    def forward(ctx: Any, feature_map: Tensor, first_map: Tensor, keep: Tensor) -> Tensor:
        """The mean; see kept_difference."""
        channels, size = feature_map.shape[1], keep.shape[-1]
        scale = size // feature_map.shape[-1]
        difference = (feature_map - first_map)[0].contiguous()
        at_once = channels if feature_map.is_cuda else _CHANNELS_AT_ONCE
        total = difference.new_zeros(())
        gradients = []
        for part in torch.split(difference, at_once):
            if scale == 1:
                kept = part * keep[0]
                total = total + kept.abs().sum()
                gradients.append(kept.sign_())
            else:
                total = total + _phases(part, keep[0, 0], scale, gradients)
        count = channels * size * size
        ctx.save_for_backward(torch.cat(gradients)[None] / count)
        return total / count

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        """The gradient with respect to feature_map."""
        (gradient,) = ctx.saved_tensors
        return gradient * grad, None, None


def _phases(part: Tensor, keep: Tensor, scale: int, gradients: list[Tensor]) -> Tensor:
    """The sum over a few channels (C, m, m); their gradient is appended to `gradients`.

    Between feature pixels lie `scale` image pixels each way, at (j + 0.5) / scale of the way;
    beyond the outermost feature pixels the map goes on unchanged for half as many.
    """
    cells = part.shape[-1] + 1
    padded = F.pad(part[None], (1, 1, 1, 1), mode="replicate")[0]
    inside = F.pad(keep, (scale // 2,) * 4).view(cells, scale, cells, scale)
    gradient = torch.zeros_like(padded)
    total = part.new_zeros(())
    for j in range(scale):
        down = (j + 0.5) / scale
        rows = torch.lerp(padded[:, :-1], padded[:, 1:], down)
        row_gradient = torch.zeros_like(rows)
        for k in range(scale):
            across = (k + 0.5) / scale
            here = torch.lerp(rows[..., :-1], rows[..., 1:], across)
            here *= inside[:, j, :, k].contiguous()
            total = total + torch.linalg.vector_norm(here, 1)
            here.sign_()
            row_gradient[..., :-1].add_(here, alpha=1 - across)
            row_gradient[..., 1:].add_(here, alpha=across)
        gradient[:, :-1].add_(row_gradient, alpha=1 - down)
        gradient[:, 1:].add_(row_gradient, alpha=down)
    # What the padding got belongs to the pixels that it repeats.
    gradient[:, 1] += gradient[:, 0]
    gradient[:, -2] += gradient[:, -1]
    gradient[..., 1] += gradient[..., 0]
    gradient[..., -2] += gradient[..., -1]
    gradients.append(gradient[:, 1:-1, 1:-1])
    return total
