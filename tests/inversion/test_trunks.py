import pytest
import torch
from torch.nn import functional as F

from photodrag.inversion.trunks import BlurredConvolution, BlurredSubsampling


@pytest.mark.parametrize("size", [(64, 64), (63, 64), (64, 33), (31, 31), (16, 16)])
@pytest.mark.parametrize("padding", [0, 2])
def test_merged_convolution_equals_convolution_and_blur(size, padding):
    draw = torch.Generator().manual_seed(0)
    weight = torch.randn(8, 3, 11, 11, generator=draw) / 19
    bias = torch.randn(8, generator=draw)
    x = torch.randn(2, 3, *size, generator=draw, requires_grad=True)
    apart = BlurredSubsampling()(F.conv2d(x, weight, bias, padding=padding))
    merged = BlurredConvolution(weight, bias, padding)(x)
    torch.testing.assert_close(merged, apart, rtol=1e-5, atol=1e-5)
    back = torch.randn(apart.shape, generator=draw)
    for gradient, expected in zip(
        torch.autograd.grad(merged, x, back), torch.autograd.grad(apart, x, back), strict=True
    ):
        torch.testing.assert_close(gradient, expected, rtol=1e-5, atol=1e-5)
