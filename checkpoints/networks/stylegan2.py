"""StyleGAN2's synthesis network (Karras et al. 2020, arXiv 1912.04958), skip architecture.

Parameter and buffer names are those of NVIDIA's published networks, so their tensors load one to
one. Every configuration: any resolution, channel base and maximum, with or without clamping.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .config import StyleGAN2Config
from .mapping import Linear
from .ops import (
    LEAKY_GAIN,
    blur,
    demodulation,
    modulated_conv,
    scaled_activation,
    transposed_matrix,
    upsample,
)
from .windows import Patches, Reach, Window, WindowMaps

_MATRIX_PIXELS = 64**2  # up to so many, a CPU doubles a map faster by way of a matrix product


class SynthesisLayer(nn.Module):
    """A modulated 3x3 convolution, constant noise, bias and activation; may double the size."""

    noise_const: Tensor
    resample_filter: Tensor

    def __init__(
        self,
        inputs: int,
        outputs: int,
        w_dim: int,
        resolution: int,
        *,
        up: bool,
        clamp: float | None,
    ):
        super().__init__()
        self.up, self.clamp = up, clamp
        self.affine = Linear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(outputs, inputs, 3, 3))
        self.noise_strength = nn.Parameter(torch.zeros([]))
        self.bias = nn.Parameter(torch.zeros(outputs))
        self.register_buffer("noise_const", torch.randn(resolution, resolution))
        self.register_buffer("resample_filter", _resample_kernel())
        self._kept: dict[str, tuple[int, Tensor]] = {}

    def forward(self, x: Tensor, w: Tensor, noise: bool) -> Tensor:
        """X (N, inputs, H, W) with w (N, w_dim) -> (N, outputs, H or 2H, W or 2W)."""
        style = self.affine(w)
        if self.up:
            x = self._convolve(x, style, padding=0)
            x = blur(x, self.resample_filter, gain=4, padding=1)
        else:
            x = self._convolve(x, style, padding=1)
        return self._activate(x, style, self.noise_const if noise else None)

    def window(self, x: Tensor, w: Tensor, patches: Patches) -> Tensor:
        """The same for patches x (N, inputs, h, w) of a map, w (1, w_dim).

        `patches` says where the result lies: (N, outputs, h - 2, w - 2) or (2h - 4, 2w - 4) where
        this layer doubles; only what the patches determine is there.
        """
        style = self.affine(w)
        if self.up:
            x = self._convolve(x, style, padding=1)
            x = blur(x, self.resample_filter, gain=4, padding=0)
        else:
            x = self._convolve(x, style, padding=0)
        x = self._activate(x, style, patches.noise(self.noise_const))
        return patches.clear_outside(x)

    def _activate(self, x: Tensor, style: Tensor, noise: Tensor | None) -> Tensor:
        # In place, and with the activation's gain where it costs nothing: on a CPU every pass over
        # the map counts.
        scale = demodulation(style, self.energy(), LEAKY_GAIN)
        if noise is not None:
            noise = noise * (self.noise_strength * LEAKY_GAIN)
        x = scaled_activation(x, scale, noise, self.bias * LEAKY_GAIN)
        limit = None if self.clamp is None else self.clamp * LEAKY_GAIN
        return x if limit is None else x.clamp(-limit, limit)

    def energy(self) -> Tensor:
        """Sum of the squared weights over the kernel, (O, I); kept while they stand still."""
        return self._derived("energy", lambda weight: weight.square().sum(dim=(2, 3)))

    def _convolve(self, x: Tensor, style: Tensor, padding: int) -> Tensor:
        matrix = None
        if self.up and x.shape[2] * x.shape[3] <= _MATRIX_PIXELS and x.device.type == "cpu":
            matrix = self._derived("matrix", transposed_matrix)
        return modulated_conv(
            x,
            self.weight,
            style,
            transposed=self.up,
            padding=padding,
            matrix=matrix,
        )

    def _derived(self, name: str, make: Callable[[Tensor], Tensor]) -> Tensor:
        """What follows from the weights alone; computed again only when they have changed."""
        if torch.is_grad_enabled() and self.weight.requires_grad:
            return make(self.weight)
        if torch.compiler.is_compiling():  # reads no addresses; a pass before has kept it
            return self._kept[name][1]
        version = hash((self.weight.data_ptr(), self.weight._version))
        if name not in self._kept or self._kept[name][0] != version:
            with torch.no_grad():
                self._kept[name] = (version, make(self.weight))
        return self._kept[name][1]


class ToRGBLayer(nn.Module):
    """A modulated 1x1 convolution to RGB, without demodulation."""

    def __init__(self, inputs: int, w_dim: int, clamp: float | None):
        super().__init__()
        self.clamp = clamp
        self.affine = Linear(w_dim, inputs, bias=1.0)
        self.weight = nn.Parameter(torch.randn(3, inputs, 1, 1))
        self.bias = nn.Parameter(torch.zeros(3))
        self.scale = 1 / math.sqrt(inputs)

    def forward(self, x: Tensor, w: Tensor) -> Tensor:
        """X (N, inputs, H, W) with w (N, w_dim) -> RGB (N, 3, H, W)."""
        style = self.affine(w) * self.scale
        rgb = F.conv2d(x * style[:, :, None, None], self.weight) + self.bias[:, None, None]
        return rgb if self.clamp is None else rgb.clamp(-self.clamp, self.clamp)


class SynthesisBlock(nn.Module):
    """All layers at one resolution: one or two convolutions and the RGB that is added up."""

    resample_filter: Tensor

    def __init__(self, resolution: int, config: StyleGAN2Config):
        super().__init__()
        outputs = config.channels(resolution)
        w_dim, clamp = config.w_dim, config.conv_clamp
        self.resolution, self.first = resolution, resolution == 4
        if self.first:
            self.const = nn.Parameter(torch.randn(outputs, 4, 4))
        else:
            inputs = config.channels(resolution // 2)
            self.conv0 = SynthesisLayer(inputs, outputs, w_dim, resolution, up=True, clamp=clamp)
        self.conv1 = SynthesisLayer(outputs, outputs, w_dim, resolution, up=False, clamp=clamp)
        self.torgb = ToRGBLayer(outputs, w_dim, clamp)
        self.register_buffer("resample_filter", _resample_kernel())

    def features(self, x: Tensor | None, ws: Sequence[Tensor], noise: bool) -> Tensor:
        """Features of this block from those of the block before; ws are its rows of W+."""
        if self.first:
            first: Tensor = self.conv1(self.const.expand(len(ws[0]), -1, -1, -1), ws[0], noise)
            return first
        assert x is not None
        out: Tensor = self.conv1(self.conv0(x, ws[0], noise), ws[1], noise)
        return out

    def window(self, x: Tensor, ws: Sequence[Tensor], patches: Patches) -> tuple[Tensor, Patches]:
        """Features for patches of the block before, and where they lie; ws (1, w_dim) each."""
        between = patches.doubled(2)
        x = self.conv0.window(x, ws[0], between)
        after = between.shrunk(1)
        return self.conv1.window(x, ws[1], after), after

    def add_rgb(self, image: Tensor | None, x: Tensor, w: Tensor) -> Tensor:
        """The image so far, doubled, plus this block's RGB."""
        rgb: Tensor = self.torgb(x, w)
        return rgb if image is None else upsample(image, self.resample_filter) + rgb


class StyleGAN2Synthesis(nn.Module):
    """W+ -> image or features."""

    def __init__(self, config: StyleGAN2Config):
        super().__init__()
        self.block_resolutions = config.block_resolutions
        for resolution in self.block_resolutions:
            setattr(self, f"b{resolution}", SynthesisBlock(resolution, config))
        # Up-sampling reaches two pixels of the finer map, the convolution after it one.
        self.reach = Reach(3, {size: _work(config, size) for size in self.block_resolutions})

    @property
    def layers(self) -> tuple[int, ...]:
        """For each row of W+ the resolution that it acts at (the last row paints RGB only)."""
        rows = [4]
        for resolution in self.block_resolutions[1:]:
            rows += [resolution, resolution]
        return (*rows, self.block_resolutions[-1])

    def forward(self, ws: Tensor, *, resolution: int | None = None, noise: bool = True) -> Tensor:
        """Paint W+ (N, num_ws, w_dim) as an image (N, 3, R, R), about -1..1.

        A smaller `resolution` stops at that block and returns the RGB added up so far.
        """
        last = self.block_resolutions[-1] if resolution is None else resolution
        x: Tensor | None = None
        image: Tensor | None = None
        for block, rows in self._blocks(ws, last):
            x = block.features(x, rows, noise)
            image = block.add_rgb(image, x, rows[-1])
        assert image is not None
        return image

    def features(self, ws: Tensor, resolution: int, *, noise: bool = True) -> Tensor:
        """The features (N, C, R, R) after the block at a resolution; nothing is painted."""
        x: Tensor | None = None
        for block, rows in self._blocks(ws, resolution):
            x = block.features(x, rows, noise)
        assert x is not None
        return x

    def windows(self, ws: Tensor, resolution: int, windows: Sequence[Window]) -> WindowMaps:
        """Windows of the features after the block at a resolution; ws (1, num_ws, w_dim)."""
        plan = self.reach.plan(windows, resolution)
        x: Tensor | None = None
        above = []
        for block, rows in self._blocks(ws, resolution):
            if block.resolution > plan.whole:
                above.append((block, rows))
                continue
            x = block.features(x, rows, noise=True)
        assert x is not None

        def grow(part: Tensor, patches: Patches) -> Tensor:
            for block, rows in above:
                part, patches = block.window(part, rows, patches)
            return part

        return plan.compute(x, windows, grow)

    def _blocks(self, ws: Tensor, last: int) -> list[tuple[SynthesisBlock, tuple[Tensor, ...]]]:
        rows = ws.unbind(dim=1)
        pairs: list[tuple[SynthesisBlock, tuple[Tensor, ...]]] = []
        start = 0
        for resolution in self.block_resolutions:
            block = getattr(self, f"b{resolution}")
            assert isinstance(block, SynthesisBlock)
            count = 1 if block.first else 2
            pairs.append((block, rows[start : start + count + 1]))  # + 1: the RGB's row
            start += count
            if resolution == last:
                break
        return pairs


def _resample_kernel() -> Tensor:
    row = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(row, row)
    return kernel / kernel.sum()


def _work(config: StyleGAN2Config, resolution: int) -> float:
    """Multiplications per pixel of a block's features."""
    outputs = config.channels(resolution)
    if resolution == 4:
        return 9.0 * outputs**2
    # The doubling convolution works at the smaller size, a quarter of the pixels.
    return 9.0 * outputs * (config.channels(resolution // 2) / 4 + outputs) + 16 * outputs
