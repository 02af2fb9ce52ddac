"""Small images of a student network without its last levels.

MobileStyleGAN's student (arXiv 2104.04767) paints only at its full size: the heads that its
training had at the smaller sizes were pruned. Here the levels above a size are run at that size:
their own weights, with each depthwise kernel replaced by its mean response over the pixels that
one small pixel covers. What this leaves out (the activations bend the mean) is made up for by
fitted corrections, a few thousand numbers. As the weights are the generator's own, the heads keep
fitting while it is tuned, and the tuning reaches the last levels through them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .config import MobileStyleGANConfig
from .mobile import MobileLevel, MobileSynthesis, ToImage
from .ops import LEAKY_SLOPE, inverse_haar


class CoarseLevel(nn.Module):
    """Corrections that let a level run at a part (1 / factor) of its resolution."""

    up_response: Tensor
    response: Tensor

    def __init__(self, inputs: int, outputs: int, factor: int):
        super().__init__()
        self.first = nn.Parameter(torch.zeros(inputs, 1, 3, 3))
        self.first_mix = nn.Parameter(torch.zeros(outputs, inputs // 4, 1, 1))
        self.first_bias = nn.Parameter(torch.zeros(outputs))
        self.second = nn.Parameter(torch.zeros(outputs, 1, 3, 3))
        self.second_mix = nn.Parameter(torch.zeros(outputs, outputs, 1, 1))
        self.second_bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("up_response", _up_response(factor), persistent=False)
        self.register_buffer("response", _response(factor), persistent=False)

    def forward(self, x: Tensor, level: MobileLevel, ws: Sequence[Tensor]) -> Tensor:
        """X (N, inputs, H, W) with three rows of W+ -> (N, outputs, H, W)."""
        first, second = level.conv1, level.conv2
        kernel = torch.einsum("kij,cj->kci", self.up_response, first.depthwise.flatten(1))
        kernel = kernel.reshape(self.first.shape) + self.first
        x = F.conv2d(level.up(x, ws[0]), kernel, padding=1, groups=len(kernel))
        low, vertical, horizontal, diagonal = x.chunk(4, dim=1)
        x = first.modulation(low + vertical + (horizontal + diagonal), ws[1])
        x = F.conv2d(x, first.pointwise + self.first_mix, first.bias + self.first_bias)
        x = F.leaky_relu_(x, LEAKY_SLOPE)
        kernel = (second.depthwise.flatten(1) @ self.response.t()).reshape(self.second.shape)
        x = F.conv2d(x, kernel + self.second, padding=1, groups=len(kernel))
        x = second.modulation(x, ws[2])
        x = F.conv2d(x, second.pointwise + self.second_mix, second.bias + self.second_bias)
        return F.leaky_relu_(x, LEAKY_SLOPE)


class CoarseToImage(nn.Module):
    """Corrections that let the last layer paint at a smaller size: only its low-pass bands."""

    def __init__(self, inputs: int):
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(3, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))

    def forward(self, x: Tensor, to_image: ToImage, w: Tensor) -> Tensor:
        """X (N, inputs, H, W) with the last row of W+ -> RGB (N, 3, H, W), about -1..1."""
        weight = 0.5 * to_image.weight[:3] + self.weight
        return F.conv2d(to_image.modulation(x, w), weight, 0.5 * to_image.bias[:3] + self.bias)


class RenderingHead(nn.Module):
    """Corrections of every level above one size, and of the last layer."""

    def __init__(self, config: MobileStyleGANConfig, resolution: int):
        super().__init__()
        self.resolution = resolution
        self.first_level = config.block_resolutions.index(resolution)
        above = config.block_resolutions[self.first_level + 1 :]
        shapes = zip(
            config.channels[self.first_level :], config.channels[self.first_level + 1 :], above,
            strict=False,
        )  # fmt: skip
        self.levels = nn.ModuleList(
            CoarseLevel(inputs, outputs, level // resolution) for inputs, outputs, level in shapes
        )
        self.to_image = CoarseToImage(config.channels[-1])

    def forward(self, synthesis: MobileSynthesis, features: Tensor, ws: Tensor) -> Tensor:
        """Features (N, C, R, R) at this size and W+ (N, num_ws, w_dim) -> (N, 3, R, R)."""
        x, rows = features, ws.unbind(dim=1)
        for i, corrections in enumerate(self.levels, self.first_level):
            x = corrections(x, synthesis.levels[i], rows[1 + 3 * i : 4 + 3 * i])
        image: Tensor = self.to_image(x, synthesis.to_image, rows[-1])
        return image


class RenderingHeads(nn.Module):
    """The heads of one generator, one for each size; frozen."""

    def __init__(self, config: MobileStyleGANConfig, resolutions: Sequence[int]):
        super().__init__()
        self.resolutions = tuple(sorted(resolutions))
        if len(set(self.resolutions)) < len(self.resolutions):
            raise ValueError(
                f"the heads' sizes are {self.resolutions!r:.80}; each may be there once"
            )
        self.heads = nn.ModuleDict({str(r): RenderingHead(config, r) for r in self.resolutions})
        self.eval().requires_grad_(False)

    def forward(self, synthesis: MobileSynthesis, ws: Tensor, resolution: int) -> Tensor:
        """Paint W+ (N, num_ws, w_dim) as a small image (N, 3, R, R), about -1..1."""
        features = synthesis.features(ws, resolution)
        image: Tensor = self.heads[str(resolution)](synthesis, features, ws)
        return image


def _up_response(factor: int) -> Tensor:
    """For each wavelet band: from a depthwise kernel after the transform to its mean response."""
    bands = []
    for band in range(4):
        signal = torch.zeros(1, 4, 5, 5)
        signal[0, band, 2, 2] = 1
        signal = signal.repeat_interleave(factor // 2, 2).repeat_interleave(factor // 2, 3)
        bands.append(_mean_response(inverse_haar(signal), factor))
    return torch.stack(bands)


def _response(factor: int) -> Tensor:
    """From a depthwise kernel to its mean response where the signal is flat in each pixel."""
    signal = torch.zeros(1, 1, 5, 5)
    signal[0, 0, 2, 2] = 1
    signal = signal.repeat_interleave(factor, 2).repeat_interleave(factor, 3)
    return _mean_response(signal, factor)


def _mean_response(signal: Tensor, factor: int) -> Tensor:
    """The kernel (9,) that each of the nine fine kernels amounts to, as columns (9, 9)."""
    kernels = torch.eye(9).reshape(9, 1, 3, 3)
    fine = F.conv2d(signal.contiguous(), kernels, padding=1)
    coarse = F.avg_pool2d(fine, factor)[0, :, 1:4, 1:4]
    # An impulse's response is the kernel turned around.
    return coarse.flip((1, 2)).flatten(1).t().contiguous()
