"""Synthesis as the published code does it, with the weights of the generator under test.

The other side of the comparisons: every call computes everything, image included, and keeps
nothing. StyleGAN2 (Karras et al. 2020, arXiv 1912.04958) in its fused form: each sample gets its
own modulated and demodulated weights, one group per sample. MobileStyleGAN's student (Belousov
2021, arXiv 2104.04767) as its paper draws it, one operation after the other, channels first.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from photodrag.checkpoints import Generator, StyleGAN2Config

_SLOPE, _GAIN = 0.2, math.sqrt(2)


class ReferenceSynthesis:
    """Plain copies of a generator's synthesis weights, and what is painted with them."""

    def __init__(self, generator: Generator):
        self.config = generator.config
        self.tensors = {
            name: tensor.detach().clone(memory_format=torch.contiguous_format)
            for name, tensor in generator.synthesis.state_dict().items()
        }

    def paint(self, ws: Tensor, feature_resolution: int = 0) -> tuple[Tensor, Tensor | None]:
        """W+ (N, num_ws, w_dim) -> the image (N, 3, R, R), about -1..1, and one block's features.

        The features (N, C, r, r) are those of the block at `feature_resolution`, if there is one.
        """
        if isinstance(self.config, StyleGAN2Config):
            return self._paint_stylegan2(self.config, ws, feature_resolution)
        return self._paint_mobile(ws, feature_resolution)

    def _paint_stylegan2(
        self, config: StyleGAN2Config, ws: Tensor, feature_resolution: int
    ) -> tuple[Tensor, Tensor | None]:
        x = self.tensors["b4.const"][None].repeat(len(ws), 1, 1, 1)
        image = features = None
        row = 0
        for resolution in config.block_resolutions:
            block = f"b{resolution}"
            for name in ("conv1",) if resolution == 4 else ("conv0", "conv1"):
                x = self._layer(f"{block}.{name}", x, ws[:, row], config.conv_clamp)
                row += 1
            rgb = self._to_rgb(f"{block}.torgb", x, ws[:, row], config.conv_clamp)
            if image is None:
                image = rgb
            else:
                image = _upsample(image, self.tensors[f"{block}.resample_filter"]) + rgb
            if resolution == feature_resolution:
                features = x
        assert image is not None
        return image, features

    def _layer(self, name: str, x: Tensor, w: Tensor, clamp: float | None) -> Tensor:
        up = name.endswith("conv0")
        style = self._affine(f"{name}.affine", w)
        x = _modulated(x, self.tensors[f"{name}.weight"], style, demodulate=True, up=up)
        if up:
            x = _filter(x, self.tensors[f"{name}.resample_filter"] * 4, (1, 1, 1, 1))
        x = x + self.tensors[f"{name}.noise_const"] * self.tensors[f"{name}.noise_strength"]
        x = F.leaky_relu(x + self.tensors[f"{name}.bias"][:, None, None], _SLOPE) * _GAIN
        return x if clamp is None else torch.clamp(x, -clamp * _GAIN, clamp * _GAIN)

    def _to_rgb(self, name: str, x: Tensor, w: Tensor, clamp: float | None) -> Tensor:
        style = self._affine(f"{name}.affine", w) / math.sqrt(x.shape[1])
        rgb = _modulated(x, self.tensors[f"{name}.weight"], style, demodulate=False, up=False)
        rgb = rgb + self.tensors[f"{name}.bias"][:, None, None]
        return rgb if clamp is None else torch.clamp(rgb, -clamp, clamp)

    def _affine(self, name: str, w: Tensor) -> Tensor:
        weight = self.tensors[f"{name}.weight"]
        return F.linear(w, weight / math.sqrt(weight.shape[1]), self.tensors[f"{name}.bias"])

    def _paint_mobile(self, ws: Tensor, feature_resolution: int) -> tuple[Tensor, Tensor | None]:
        tensors = self.tensors
        x = tensors["const"].repeat(len(ws), 1, 1, 1)
        x = self._scale("first.modulation", x, ws[:, 0])
        x = F.conv2d(x, tensors["first.weight"], padding=1) + tensors["first.noise"]
        x = F.leaky_relu(x + tensors["first.bias"][:, None, None], _SLOPE)
        features = x if feature_resolution == 4 else None
        row, level = 1, 0
        while f"levels.{level}.up.weight" in tensors:
            x = _inverse_haar(self._scale(f"levels.{level}.up", x, ws[:, row]))
            for i, name in enumerate(("conv1", "conv2")):
                x = self._separable(f"levels.{level}.{name}", x, ws[:, row + 1 + i])
            row, level = row + 3, level + 1
            if x.shape[-1] == feature_resolution:
                features = x
        x = self._scale("to_image.modulation", x, ws[:, row])
        bands = F.conv2d(x, tensors["to_image.weight"]) + tensors["to_image.bias"][:, None, None]
        return _inverse_haar(bands), features

    def _separable(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        x = self._scale(f"{name}.modulation", x, w)
        x = F.conv2d(x, self.tensors[f"{name}.depthwise"], padding=1, groups=x.shape[1])
        x = F.conv2d(x, self.tensors[f"{name}.pointwise"]) + self.tensors[f"{name}.noise"]
        return F.leaky_relu(x + self.tensors[f"{name}.bias"][:, None, None], _SLOPE)

    def _scale(self, name: str, x: Tensor, w: Tensor) -> Tensor:
        style = F.linear(w, self.tensors[f"{name}.weight"], self.tensors[f"{name}.bias"])
        return x * style[:, :, None, None]


def _modulated(x: Tensor, weight: Tensor, style: Tensor, *, demodulate: bool, up: bool) -> Tensor:
    """Convolve x (N, I, H, W) with weights (O, I, k, k) made anew for every sample."""
    samples, inputs, height, width = x.shape
    outputs, size = weight.shape[0], weight.shape[2]
    own = weight[None] * style[:, None, :, None, None]
    if demodulate:
        own = own * (own.square().sum(dim=(2, 3, 4), keepdim=True) + 1e-8).rsqrt()
    x = x.reshape(1, samples * inputs, height, width)
    if up:
        own = own.transpose(1, 2).reshape(samples * inputs, outputs, size, size)
        x = F.conv_transpose2d(x, own, stride=2, groups=samples)
    else:
        own = own.reshape(samples * outputs, inputs, size, size)
        x = F.conv2d(x, own, padding=size // 2, groups=samples)
    return x.reshape(samples, outputs, *x.shape[2:])


def _filter(x: Tensor, kernel: Tensor, padding: tuple[int, int, int, int]) -> Tensor:
    channels = x.shape[1]
    weight = kernel[None, None].repeat(channels, 1, 1, 1)
    return F.conv2d(F.pad(x, padding), weight, groups=channels)


def _upsample(x: Tensor, kernel: Tensor) -> Tensor:
    """Zeros between the pixels, then the filter over the whole doubled map."""
    samples, channels, height, width = x.shape
    spread = F.pad(x.reshape(samples, channels, height, 1, width, 1), (0, 1, 0, 0, 0, 1))
    spread = spread.reshape(samples, channels, 2 * height, 2 * width)
    return _filter(spread, kernel * 4, (2, 1, 2, 1))


def _inverse_haar(x: Tensor) -> Tensor:
    low, vertical, horizontal, diagonal = x.chunk(4, dim=1)
    pixels = [
        low + vertical + horizontal + diagonal,
        low + vertical - horizontal - diagonal,
        low - vertical + horizontal - diagonal,
        low - vertical - horizontal + diagonal,
    ]
    stacked = torch.stack(pixels, dim=2) * 0.5
    return F.pixel_shuffle(stacked.flatten(1, 2), 2)
