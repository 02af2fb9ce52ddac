"""The few operations that StyleGAN2-family networks are made of, in plain PyTorch.

Everything works on (N, C, H, W) float tensors. Modulation scales the activations, not the
weights: the result is the same (Karras et al. 2020, arXiv 1912.04958, section 2.2), a batch needs
no grouped convolution, and the weights need no gradient while only the latent is optimised.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.nn.grad import conv2d_input

LEAKY_SLOPE = 0.2
LEAKY_GAIN = math.sqrt(2)


def unit_second_moment(x: Tensor) -> Tensor:
    """Scale each row of (N, D) so that its mean square is 1."""
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


def leaky_relu(x: Tensor) -> Tensor:
    """StyleGAN2's activation: leaky ReLU and a gain that keeps the variance."""
    return F.leaky_relu(x, LEAKY_SLOPE) * LEAKY_GAIN


def modulated_conv(
    x: Tensor,
    weight: Tensor,
    style: Tensor,
    *,
    transposed: bool = False,
    padding: int = 0,
    matrix: Tensor | None = None,
) -> Tensor:
    """A modulated convolution; `demodulation` is what its result is to be multiplied with.

    x is (N, I, H, W), weight (O, I, k, k), style (N or 1, I). Transposed with stride 2, a 3x3
    kernel gives (2H + 1, 2W + 1), less `padding` at every side; with `matrix` (see
    transposed_matrix) by way of one matrix product, which is faster for small maps on a CPU.
    """
    x = x * style[:, :, None, None]
    if transposed and matrix is not None:
        size = tuple(2 * n + weight.shape[2] - 2 - 2 * padding for n in x.shape[2:])
        return F.fold(matrix @ x.flatten(2), size, weight.shape[2], padding=padding, stride=2)
    if transposed:
        return F.conv_transpose2d(x, weight.transpose(0, 1), stride=2, padding=padding)
    return convolve(x, weight, padding=padding)


def demodulation(style: Tensor, energy: Tensor, gain: float = 1.0) -> Tensor:
    """What gives each channel unit variance again, (N or 1, O), times `gain`.

    style (N or 1, I); energy (O, I): the sum of the squared weights over the kernel.
    """
    return (style.square() @ energy.t() + 1e-8).rsqrt() * gain


def scaled_activation(x: Tensor, scale: Tensor, noise: Tensor | None, bias: Tensor) -> Tensor:
    """Leaky ReLU of x * scale + noise + bias, in place of x (N, C, H, W).

    scale (N or 1, C), more than 0; noise (H, W) or (N, 1, H, W), bias (C,). Where neither noise
    nor bias needs a gradient, only the result is kept for it.
    """
    shift = bias[:, None, None]
    learns = bias.requires_grad or (noise is not None and noise.requires_grad)
    if torch.is_grad_enabled() and not learns and (x.requires_grad or scale.requires_grad):
        out: Tensor = _ScaledActivation.apply(x, scale, noise, shift)
        return out
    if torch.is_grad_enabled() and (x.requires_grad or scale.requires_grad):
        x = x * scale[:, :, None, None]  # its gradient needs x
    else:
        x = x.mul_(scale[:, :, None, None])
    return F.leaky_relu_((x if noise is None else x.add_(noise)).add_(shift), LEAKY_SLOPE)


class _ScaledActivation(torch.autograd.Function):
    """The activation can be undone, so what went in is known from what came out."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, noise: Tensor | None, shift: Tensor) -> Tensor:
        x.mul_(scale[:, :, None, None])
        if noise is not None:
            x.add_(noise)
        x = F.leaky_relu_(x.add_(shift), LEAKY_SLOPE)
        ctx.mark_dirty(x)
        ctx.save_for_backward(x, scale, noise, shift)
        return x

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None, None]:
        out, scale, noise, shift = ctx.saved_tensors
        # The activation times its gradient is what went in times the gradient there. Products of
        # rows and columns: a map of their terms would be one more to write and to read.
        maps, channels = out.shape[:2]
        rows = grad.reshape(maps * channels, 1, -1)
        along = (rows @ out.reshape(maps * channels, -1, 1)).view(maps, channels)
        grad = torch.ops.aten.leaky_relu_backward(grad, out, LEAKY_SLOPE, True)
        along -= grad.sum(dim=(2, 3)) * shift[:, 0, 0]
        if noise is not None:
            column = noise.reshape(-1, noise.shape[-2] * noise.shape[-1], 1)
            along -= (grad.flatten(2) @ column)[..., 0]
        if len(scale) == 1:
            along = along.sum(dim=0, keepdim=True)
        return grad.mul_(scale[:, :, None, None]), along / scale, None, None


def convolve(x: Tensor, weight: Tensor, *, padding: int = 0, groups: int = 1) -> Tensor:
    """`conv2d`; where only x needs a gradient, nothing of x is kept for it.

    PyTorch keeps x for the gradient of the weights even where they need none.
    """
    if weight.requires_grad or not (x.requires_grad and torch.is_grad_enabled()):
        return F.conv2d(x, weight, padding=padding, groups=groups)
    out: Tensor = _FrozenConvolution.apply(x, weight, padding, groups)
    return out


class _FrozenConvolution(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, padding: int, groups: int) -> Tensor:
        ctx.save_for_backward(weight)
        ctx.shape, ctx.padding, ctx.groups = x.shape, padding, groups
        return F.conv2d(x, weight, padding=padding, groups=groups)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        (weight,) = ctx.saved_tensors
        pulled = conv2d_input(  # type: ignore[no-untyped-call]
            ctx.shape, weight, grad, padding=ctx.padding, groups=ctx.groups
        )
        return pulled, None, None, None


def transposed_matrix(weight: Tensor) -> Tensor:
    """A kernel (O, I, k, k) as the matrix (O * k * k, I) of its transposed convolution."""
    return weight.permute(0, 2, 3, 1).reshape(-1, weight.shape[1])


def blur(x: Tensor, kernel: Tensor, gain: float, padding: int) -> Tensor:
    """Filter every channel of x with one small kernel (k, k), zeros outside the border."""
    channels = x.shape[1]
    weight = (kernel * gain).flip((0, 1)).to(x.dtype).expand(channels, 1, -1, -1)
    return convolve(x, weight, padding=padding, groups=channels)


def upsample(x: Tensor, kernel: Tensor) -> Tensor:
    """Double the size of x: zeros in between, then the kernel (4, 4) with gain 4."""
    channels = x.shape[1]
    weight = (kernel * 4).to(x.dtype).expand(channels, 1, -1, -1)
    return F.conv_transpose2d(x, weight, stride=2, padding=1, groups=channels)


def inverse_haar(x: Tensor) -> Tensor:
    """One level of the inverse Haar wavelet transform, (N, 4C, H, W) -> (N, C, 2H, 2W).

    Channel order: C low-pass, C vertical, C horizontal, C diagonal. The result is channels-last.
    """
    if torch.compiler.is_compiling():  # what is written by hand here, a compiler does itself
        return _haar_sums(x)
    out: Tensor = _InverseHaar.apply(x)
    return out


def _haar_sums(x: Tensor) -> Tensor:
    low, vertical, horizontal, diagonal = (x * 0.5).chunk(4, dim=1)
    top, bottom = low + vertical, low - vertical
    right_top, right_bottom = horizontal + diagonal, horizontal - diagonal
    upper = torch.stack([top + right_top, top - right_top], dim=-1)
    lower = torch.stack([bottom + right_bottom, bottom - right_bottom], dim=-1)
    return torch.stack([upper, lower], dim=3).flatten(4, 5).flatten(2, 3)


class _InverseHaar(torch.autograd.Function):
    """The transform is orthonormal, so its gradient is the forward transform.

    Written by hand because it is bound by memory: four sums straight into the result instead of
    a chain of copies.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """(N, 4C, H, W) -> (N, C, 2H, 2W)."""
        batch, channels, height, width = x.shape
        low, vertical, horizontal, diagonal = (x * 0.5).chunk(4, dim=1)
        top, bottom = low + vertical, low - vertical
        right_top, right_bottom = horizontal + diagonal, horizontal - diagonal
        out = _empty_channels_last(x, (batch, channels // 4, 2 * height, 2 * width))
        torch.add(top, right_top, out=out[:, :, 0::2, 0::2])
        torch.sub(top, right_top, out=out[:, :, 0::2, 1::2])
        torch.add(bottom, right_bottom, out=out[:, :, 1::2, 0::2])
        torch.sub(bottom, right_bottom, out=out[:, :, 1::2, 1::2])
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> Tensor:
        """(N, C, 2H, 2W) -> (N, 4C, H, W)."""
        batch, channels, height, width = grad.shape
        top_left, top_right = grad[:, :, 0::2, 0::2], grad[:, :, 0::2, 1::2]
        bottom_left, bottom_right = grad[:, :, 1::2, 0::2], grad[:, :, 1::2, 1::2]
        top, right_top = top_left + top_right, top_left - top_right
        bottom, right_bottom = bottom_left + bottom_right, bottom_left - bottom_right
        out = _empty_channels_last(grad, (batch, 4 * channels, height // 2, width // 2))
        low, vertical, horizontal, diagonal = out.chunk(4, dim=1)
        torch.add(top, bottom, out=low)
        torch.sub(top, bottom, out=vertical)
        torch.add(right_top, right_bottom, out=horizontal)
        torch.sub(right_top, right_bottom, out=diagonal)
        return out.mul_(0.5)


def _empty_channels_last(like: Tensor, shape: tuple[int, int, int, int]) -> Tensor:
    return torch.empty(
        shape, dtype=like.dtype, device=like.device, memory_format=torch.channels_last
    )
