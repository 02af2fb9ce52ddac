"""MobileStyleGAN's student network (Belousov 2021, arXiv 2104.04767), in plain PyTorch.

Depthwise separable convolutions and inverse Haar transforms instead of StyleGAN2's full ones.
Demodulation and noise strength are folded into the weights, as in the published student.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .config import MobileStyleGANConfig
from .ops import LEAKY_SLOPE, inverse_haar
from .windows import Patches, Reach, Window, WindowMaps


class Modulation(nn.Module):
    """The style of one layer: an affine map of w."""

    def __init__(self, w_dim: int, channels: int):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(channels, w_dim) / w_dim**0.5)
        self.bias = nn.Parameter(torch.ones(channels))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """Scale the channels of x (N, C, H, W) by the style of w (N, w_dim)."""
        return x * F.linear(w, self.weight, self.bias)[:, :, None, None]


class FirstConv(nn.Module):
    """The full 3x3 convolution of the 4x4 level."""

    noise: Tensor

    def __init__(self, channels: int, w_dim: int):
        super().__init__()
        self.modulation = Modulation(w_dim, channels)
        self.weight = nn.Parameter(torch.randn(channels, channels, 3, 3) / (9 * channels) ** 0.5)
        self.bias = nn.Parameter(torch.zeros(channels))
        self.register_buffer("noise", torch.zeros(4, 4))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """X (N, C, 4, 4) with w (N, w_dim) -> (N, C, 4, 4)."""
        x = F.conv2d(self.modulation(x, w), self.weight, self.bias, padding=1)
        return F.leaky_relu_(x.add_(self.noise), LEAKY_SLOPE)


class SeparableConv(nn.Module):
    """Modulation, depthwise 3x3, pointwise 1x1, constant noise, bias, leaky ReLU without gain."""

    noise: Tensor

    def __init__(self, inputs: int, outputs: int, w_dim: int, resolution: int):
        super().__init__()
        self.modulation = Modulation(w_dim, inputs)
        self.depthwise = nn.Parameter(torch.randn(inputs, 1, 3, 3) / 3)
        self.pointwise = nn.Parameter(torch.randn(outputs, inputs, 1, 1) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("noise", torch.zeros(resolution, resolution))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """X (N, inputs, H, W) with w (N, w_dim) -> (N, outputs, H, W)."""
        return self._compute(x, w, self.noise, padding=1)

    def window(self, x: Tensor, w: Tensor, patches: Patches) -> Tensor:
        """Patches x (N, inputs, h, w) of a map -> (N, outputs, h - 2, w - 2), at `patches`."""
        x = self._compute(x, w, patches.noise(self.noise), padding=0)
        return patches.clear_outside(x)

    def _compute(self, x: Tensor, w: Tensor, noise: Tensor, padding: int) -> Tensor:
        # The depthwise convolution acts channel by channel, so modulation may follow it.
        x = F.conv2d(x, self.depthwise, padding=padding, groups=x.shape[1])
        x = F.conv2d(self.modulation(x, w), self.pointwise, self.bias)
        return F.leaky_relu_(x.add_(noise), LEAKY_SLOPE)  # in place: this is memory-bound


class MobileLevel(nn.Module):
    """One doubling: inverse Haar transform of the modulated features, then two convolutions."""

    def __init__(self, inputs: int, outputs: int, w_dim: int, resolution: int):
        super().__init__()
        self.up = Modulation(w_dim, inputs)
        self.conv1 = SeparableConv(inputs // 4, outputs, w_dim, resolution)
        self.conv2 = SeparableConv(outputs, outputs, w_dim, resolution)

    def forward(self, x: Tensor, ws: Sequence[Tensor]) -> Tensor:
        """X (N, inputs, H, W) with three rows of W+ -> (N, outputs, 2H, 2W)."""
        x = inverse_haar(self.up(x, ws[0]))
        out: Tensor = self.conv2(self.conv1(x, ws[1]), ws[2])
        return out

    def window(self, x: Tensor, ws: Sequence[Tensor], patches: Patches) -> tuple[Tensor, Patches]:
        """Features for patches of the level before, and where they lie; ws (1, w_dim) each."""
        between = patches.doubled(0).shrunk(1)
        x = self.conv1.window(inverse_haar(self.up(x, ws[0])), ws[1], between)
        after = between.shrunk(1)
        return self.conv2.window(x, ws[2], after), after


class ToImage(nn.Module):
    """Modulated 1x1 convolution to 12 channels, then the inverse Haar transform to RGB."""

    def __init__(self, inputs: int, w_dim: int):
        super().__init__()
        self.modulation = Modulation(w_dim, inputs)
        self.weight = nn.Parameter(torch.randn(12, inputs, 1, 1) / inputs**0.5)
        self.bias = nn.Parameter(torch.zeros(12))

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """X (N, inputs, H, W) with w (N, w_dim) -> wavelet bands (N, 12, H, W)."""
        return F.conv2d(self.modulation(x, w), self.weight, self.bias)


class MobileSynthesis(nn.Module):
    """W+ -> image or features."""

    def __init__(self, config: MobileStyleGANConfig):
        super().__init__()
        channels, w_dim = config.channels, config.w_dim
        self.block_resolutions = config.block_resolutions
        self.const = nn.Parameter(torch.randn(1, channels[0], 4, 4))
        self.first = FirstConv(channels[0], w_dim)
        self.levels = nn.ModuleList(
            MobileLevel(inputs, outputs, w_dim, resolution)
            for inputs, outputs, resolution in zip(
                channels, channels[1:], self.block_resolutions[1:], strict=False
            )
        )
        self.to_image = ToImage(channels[-1], w_dim)
        # Nothing but the two convolutions of a level reaches beyond its own pixels.
        self.reach = Reach(2, _work(config))
        # Channels-last is 3 times faster on a CPU where depthwise convolutions dominate.
        self.to(memory_format=torch.channels_last)

    @property
    def layers(self) -> tuple[int, ...]:
        """For each row of W+ the resolution that it acts at (the last row paints the image)."""
        rows = [4]
        for resolution in self.block_resolutions[1:]:
            rows += [resolution] * 3
        return (*rows, 2 * self.block_resolutions[-1])

    def forward(self, ws: Tensor, *, resolution: int | None = None) -> Tensor:
        """Paint W+ (N, num_ws, w_dim) as an image (N, 3, R, R), about -1..1.

        Half the resolution skips the last transform: its low-pass band is the smaller image.
        """
        bands: Tensor = self.to_image(self.features(ws, self.block_resolutions[-1]), ws[:, -1])
        full = 2 * self.block_resolutions[-1]
        if resolution is None or resolution == full:
            return inverse_haar(bands)
        assert resolution == full // 2
        return bands[:, :3] * 0.5

    def features(self, ws: Tensor, resolution: int) -> Tensor:
        """The features (N, C, R, R) after the level at a resolution; nothing is painted."""
        rows = ws.unbind(dim=1)
        x: Tensor = self.first(self.const.expand(len(ws), -1, -1, -1), rows[0])
        for level, size, ws_of_level in self._levels(rows):
            if size > resolution:
                break
            x = level(x, ws_of_level)
        return x

    def windows(self, ws: Tensor, resolution: int, windows: Sequence[Window]) -> WindowMaps:
        """Windows of the features after the level at a resolution; ws (1, num_ws, w_dim)."""
        plan = self.reach.plan(windows, resolution)
        rows = ws.unbind(dim=1)
        x: Tensor = self.first(self.const, rows[0])
        above = []
        for level, size, ws_of_level in self._levels(rows):
            if size > resolution:
                break
            if size > plan.whole:
                above.append((level, ws_of_level))
                continue
            x = level(x, ws_of_level)

        def grow(part: Tensor, patches: Patches) -> Tensor:
            for level, ws_of_level in above:
                part, patches = level.window(part, ws_of_level, patches)
            return part

        return plan.compute(x, windows, grow)

    def _levels(
        self, rows: Sequence[Tensor]
    ) -> Iterator[tuple[MobileLevel, int, Sequence[Tensor]]]:
        for i, (level, size) in enumerate(
            zip(self.levels, self.block_resolutions[1:], strict=True)
        ):
            assert isinstance(level, MobileLevel)
            yield level, size, rows[1 + 3 * i : 4 + 3 * i]


_MEMORY_WORK = 500  # multiplications that the few passes over one channel's pixel take as long as


def _work(config: MobileStyleGANConfig) -> dict[int, float]:
    """Multiplications per pixel of each level's features."""
    channels, sizes = config.channels, config.block_resolutions
    work = {sizes[0]: 9.0 * channels[0] ** 2}
    for inputs, outputs, size in zip(channels, channels[1:], sizes[1:], strict=False):
        narrow = inputs // 4
        work[size] = outputs * (narrow + outputs) + _MEMORY_WORK * (narrow + outputs)
    return work
