"""The mapping network, z -> w, of StyleGAN2 (Karras et al. 2020, arXiv 1912.04958)."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from photodrag.errors import LatentError

from .ops import leaky_relu, unit_second_moment

MAPPING_LEARNING_RATE_MULTIPLIER = 0.01  # the published networks are trained and stored with it


class Linear(nn.Module):
    """A fully connected layer whose weights are stored divided by their runtime scale."""

    def __init__(self, inputs: int, outputs: int, multiplier: float = 1.0, bias: float = 0.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs) / multiplier)
        self.bias = nn.Parameter(torch.full((outputs,), bias / multiplier))
        self.multiplier = multiplier
        self.scale = multiplier / math.sqrt(inputs)

    def forward(self, x: Tensor) -> Tensor:
        """(N, inputs) -> (N, outputs)."""
        return torch.addmm(self.bias * self.multiplier, x, self.weight.t() * self.scale)


class MappingNetwork(nn.Module):
    """z, and a class for conditional networks, to w."""

    w_avg: Tensor

    def __init__(self, z_dim: int, c_dim: int, w_dim: int, num_layers: int, num_ws: int):
        super().__init__()
        self.z_dim, self.c_dim, self.w_dim = z_dim, c_dim, w_dim
        self.num_layers, self.num_ws = num_layers, num_ws
        if c_dim:
            self.embed = Linear(c_dim, w_dim)
        multiplier = MAPPING_LEARNING_RATE_MULTIPLIER
        width = z_dim + (w_dim if c_dim else 0)
        for i in range(num_layers):
            setattr(self, f"fc{i}", Linear(width, w_dim, multiplier))
            width = w_dim
        self.register_buffer("w_avg", torch.zeros(w_dim))

    def forward(
        self,
        z: Tensor,
        c: Tensor | None = None,
        *,
        truncation: float = 1.0,
        cutoff: int | None = None,
    ) -> Tensor:
        """Map z (N, z_dim), c (N, c_dim) to W+ (N, num_ws, w_dim), all rows of one w.

        `truncation` pulls w towards the mean of W (1 leaves it); `cutoff` does so only for the
        first rows.
        """
        w = self.to_w(z, c)[:, None].repeat(1, self.num_ws, 1)
        if truncation == 1.0:
            return w
        rows = slice(0, cutoff)
        return torch.cat(
            [
                self.w_avg.lerp(w[:, rows], truncation),
                w[:, cutoff:] if cutoff is not None else w[:, :0],
            ],
            dim=1,
        )

    def to_w(self, z: Tensor, c: Tensor | None = None) -> Tensor:
        """Map z (N, z_dim) to w (N, w_dim), without truncation."""
        if z.ndim != 2 or z.shape[1] != self.z_dim:
            raise LatentError(f"z has shape {tuple(z.shape)}; it must be (N, {self.z_dim})")
        x = unit_second_moment(z.float())
        if self.c_dim:
            if c is None or c.shape != (len(z), self.c_dim):
                seen = None if c is None else tuple(c.shape)
                raise LatentError(
                    f"the class c has shape {seen}; this conditional generator needs "
                    f"({len(z)}, {self.c_dim})"
                )
            x = torch.cat([x, unit_second_moment(self.embed(c.float()))], dim=1)
        for i in range(self.num_layers):
            x = leaky_relu(getattr(self, f"fc{i}")(x))
        return x
