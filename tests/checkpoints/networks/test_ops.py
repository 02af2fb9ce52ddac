"""Every operation against its definition, written out with numpy in double precision."""

import numpy as np
import pytest
import torch
from torch.autograd import gradcheck
from torch.nn import functional as F

from photodrag.checkpoints.networks.ops import (
    LEAKY_SLOPE,
    blur,
    convolve,
    demodulation,
    inverse_haar,
    leaky_relu,
    modulated_conv,
    scaled_activation,
    transposed_matrix,
    unit_second_moment,
    upsample,
)

KERNEL = np.outer([1, 3, 3, 1], [1, 3, 3, 1]) / 64
# What a single 1 in each band paints: low-pass, vertical, horizontal, diagonal.
HAAR = np.array([[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2


def numbers(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).normal(size=shape))


def haar_by_definition(x):
    channels = x.shape[1] // 4
    bands = x.reshape(len(x), 4, channels, *x.shape[2:])
    return sum(np.kron(bands[:, band], HAAR[band]) for band in range(4))


def correlate(image, kernel):
    """Plain loops: (H, W) with (k, k), valid places only."""
    height, width = (n - len(kernel) + 1 for n in image.shape)
    return np.array(
        [
            [(image[r : r + len(kernel), c : c + len(kernel)] * kernel).sum() for c in range(width)]
            for r in range(height)
        ]
    )


@pytest.mark.parametrize("shape", [(1, 4, 1, 1), (2, 12, 3, 5), (1, 8, 4, 4)])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_inverse_haar_equals_its_definition(shape, layout):
    x = numbers(*shape).contiguous(memory_format=layout)
    kept = x.clone()
    np.testing.assert_allclose(inverse_haar(x).numpy(), haar_by_definition(x.numpy()), atol=1e-12)
    torch.testing.assert_close(x, kept, rtol=0, atol=0)


def test_inverse_haar_has_the_right_gradient():
    x = numbers(2, 8, 2, 3).requires_grad_()
    assert gradcheck(inverse_haar, (x,))


def test_inverse_haar_keeps_the_energy():
    x = numbers(1, 16, 8, 8).float()
    torch.testing.assert_close(inverse_haar(x).square().sum(), x.square().sum())


def test_unit_second_moment_scales_every_row():
    x = numbers(5, 32) * torch.tensor([[0.01], [1.0], [3.0], [10.0], [200.0]])
    y = unit_second_moment(x)
    torch.testing.assert_close(y.square().mean(dim=1), torch.ones(5).double(), rtol=1e-3, atol=0)
    torch.testing.assert_close(y / y[:, :1], x / x[:, :1])


def test_leaky_relu_has_slope_and_gain():
    x = torch.tensor([-200.0, -1.0, 0.0, 1.0, 10.0])
    torch.testing.assert_close(leaky_relu(x), torch.tensor([-40, -0.2, 0, 1, 10]) * 2**0.5)


@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize("size", [1, 3])
def test_modulated_convolution_equals_modulated_weights(transposed, size):
    x, weight, style = numbers(2, 3, 5, 5), numbers(4, 3, size, size, seed=1), numbers(2, 3, seed=2)
    energy = weight.square().sum(dim=(2, 3))
    padding = 0 if transposed else size // 2
    out = modulated_conv(x, weight, style, transposed=transposed, padding=padding)
    out = out * demodulation(style, energy)[:, :, None, None]
    for i in range(2):
        modulated = weight * style[i, None, :, None, None]
        modulated = modulated / (modulated.square().sum(dim=(1, 2, 3), keepdim=True) + 1e-8).sqrt()
        if transposed:
            expected = F.conv_transpose2d(x[i : i + 1], modulated.transpose(0, 1), stride=2)
        else:
            expected = F.conv2d(x[i : i + 1], modulated, padding=size // 2)
        torch.testing.assert_close(out[i : i + 1], expected)


@pytest.mark.parametrize("padding", [0, 1])
def test_matrix_product_gives_the_transposed_convolution(padding):
    x, weight, style = numbers(2, 3, 5, 4), numbers(4, 3, 3, 3, seed=1), numbers(1, 3, seed=2)
    matrix = transposed_matrix(weight)
    one, other = (
        modulated_conv(x, weight, style, transposed=True, padding=padding, matrix=some)
        for some in (None, matrix)
    )
    assert one.shape == (2, 4, 11 - 2 * padding, 9 - 2 * padding)
    torch.testing.assert_close(other, one)


def test_modulated_convolution_has_the_right_gradient():
    x, weight, style = numbers(1, 2, 3, 3), numbers(3, 2, 3, 3, seed=1), numbers(1, 2, seed=2)

    def modulated(x, weight, style):
        scale = demodulation(style, weight.square().sum(dim=(2, 3)), gain=2)
        return modulated_conv(x, weight, style, transposed=True) * scale[:, :, None, None]

    assert gradcheck(modulated, tuple(t.requires_grad_() for t in (x, weight, style)))


@pytest.mark.parametrize(("padding", "groups"), [(0, 1), (1, 1), (1, 2)])
def test_convolution_with_still_weights_has_the_right_gradient(padding, groups):
    x, weight = numbers(2, 4, 5, 6).requires_grad_(), numbers(6, 4 // groups, 3, 3, seed=1)
    out = convolve(x, weight, padding=padding, groups=groups)
    torch.testing.assert_close(out, F.conv2d(x, weight, padding=padding, groups=groups))
    assert gradcheck(lambda x: convolve(x, weight, padding=padding, groups=groups), (x,))
    learns = weight.requires_grad_()
    assert gradcheck(lambda x, weight: convolve(x, weight, groups=groups), (x, learns))


def kept_for_the_gradient(work):
    """Numbers in all tensors that are kept, each counted once."""
    kept = {}
    with torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: kept.setdefault(tensor.data_ptr(), tensor), lambda tensor: tensor
    ):
        out = work()
    return sum(tensor.numel() for tensor in kept.values()), out


def test_a_layer_with_still_weights_keeps_only_its_input_and_result():
    x, weight, bias = numbers(1, 8, 16, 16).requires_grad_(), numbers(8, 8, 3, 3), numbers(8)
    style = (numbers(1, 8, seed=1).abs() + 1).requires_grad_()

    def layer():
        return scaled_activation(modulated_conv(x, weight, style, padding=1), style, None, bias)

    count, _ = kept_for_the_gradient(layer)
    assert count < 2 * x.numel() + 2 * weight.numel()


@pytest.mark.parametrize("noise", [None, (3, 4), (2, 1, 3, 4)])
@pytest.mark.parametrize("batch", [1, 2])
def test_scaled_activation_is_what_it_says(noise, batch):
    x, bias = numbers(2, 5, 3, 4), numbers(5, seed=1)
    scale = numbers(batch, 5, seed=2).abs() + 0.5
    noise = None if noise is None else numbers(*noise, seed=3)
    shifted = x * scale[:, :, None, None] + (0 if noise is None else noise) + bias[:, None, None]
    expected = F.leaky_relu(shifted, LEAKY_SLOPE)

    def activate(x, scale, bias):
        return scaled_activation(x.clone(), scale, noise, bias)

    torch.testing.assert_close(activate(x, scale, bias), expected)
    x.requires_grad_(), scale.requires_grad_()
    torch.testing.assert_close(activate(x, scale, bias), expected)
    assert gradcheck(activate, (x, scale, bias))
    assert gradcheck(activate, (x, scale, bias.requires_grad_()))


def test_blur_convolves_every_channel():
    x, kernel = numbers(2, 3, 6, 7), numbers(4, 4, seed=1)
    out = blur(x, kernel, gain=3, padding=1).numpy()
    for i in range(2):
        for c in range(3):
            padded = np.pad(x[i, c].numpy(), 1)
            expected = correlate(padded, 3 * kernel.numpy()[::-1, ::-1])
            np.testing.assert_allclose(out[i, c], expected, atol=1e-12)


def test_upsample_puts_zeros_between_and_filters():
    x = numbers(1, 2, 4, 5)
    out = upsample(x, torch.from_numpy(KERNEL)).numpy()
    assert out.shape == (1, 2, 8, 10)
    for c in range(2):
        spread = np.zeros((8, 10))
        spread[::2, ::2] = x[0, c]
        expected = correlate(np.pad(spread, ((2, 1), (2, 1))), 4 * KERNEL)
        np.testing.assert_allclose(out[0, c], expected, atol=1e-12)


def test_upsample_keeps_a_flat_image_flat_inside():
    out = upsample(torch.ones(1, 1, 6, 6), torch.from_numpy(KERNEL).float())
    torch.testing.assert_close(out[..., 2:-2, 2:-2], torch.ones(1, 1, 8, 8))
