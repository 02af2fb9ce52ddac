"""Where a generator's w lie: mean, spread and a whitened space in which they are normal.

The last activation of the mapping network is a leaky ReLU; undone, its samples are close to a
Gaussian, whose principal axes give whitened coordinates ("P_N space", Zhu et al. 2020,
arXiv 2012.09036). The mean square of these coordinates is 1 for a typical face and grows as a
latent leaves the distribution.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from .mapping import MappingNetwork
from .ops import LEAKY_GAIN, LEAKY_SLOPE

DEFAULT_SAMPLES = 4096


@dataclass(frozen=True, eq=False)
class WStatistics:
    """Mean and spread of w, and the map to whitened coordinates.

    mean (w_dim,), std: root mean square distance of w to its mean per sample, as in
    StyleGAN2's projection; center (w_dim,) and axes (w_dim, k) in the space before the last
    activation, axes already divided by the standard deviation along them.
    """

    mean: Tensor
    std: float
    center: Tensor
    axes: Tensor
    back: Tensor

    def whiten(self, w: Tensor) -> Tensor:
        """W (..., w_dim) to whitened coordinates (..., k)."""
        return (undo_activation(w) - self.center) @ self.axes

    def unwhiten(self, v: Tensor) -> Tensor:
        """Whitened coordinates (..., k) back to w (..., w_dim)."""
        return F.leaky_relu(v @ self.back + self.center, LEAKY_SLOPE) * LEAKY_GAIN


def undo_activation(w: Tensor) -> Tensor:
    """The values before the mapping network's last leaky ReLU."""
    return F.leaky_relu(w / LEAKY_GAIN, 1 / LEAKY_SLOPE)


@torch.no_grad()
def measure_w(
    mapping: MappingNetwork, samples: int = DEFAULT_SAMPLES, seed: int = 0
) -> WStatistics:
    """Statistics of w over random z (and random classes of a conditional generator)."""
    draw = torch.Generator().manual_seed(seed)
    device = mapping.w_avg.device
    z = torch.randn(samples, mapping.z_dim, generator=draw).to(device)
    c = None
    if mapping.c_dim:
        classes = torch.randint(mapping.c_dim, (samples,), generator=draw)
        c = F.one_hot(classes, mapping.c_dim).float().to(device)
    w = mapping.to_w(z, c)
    mean = w.mean(dim=0)
    std = float((w - mean).square().sum().div(samples).sqrt())
    before = undo_activation(w)
    center = before.mean(dim=0)
    # On the CPU in double precision: the same axes whatever the device.
    centered = (before - center).cpu().double()
    values, vectors = torch.linalg.eigh(centered.t() @ centered / (samples - 1))
    kept = values > values.max() * 1e-6
    spread = values[kept].sqrt()
    axes = (vectors[:, kept] / spread).float().to(device)
    back = (vectors[:, kept] * spread).t().float().contiguous().to(device)
    return WStatistics(mean, std, center, axes, back)
