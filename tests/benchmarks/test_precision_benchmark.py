"""Rounding as TF32 does, and drags with every precision."""

import numpy as np
import pytest
import torch

from benchmarks import precision
from photodrag.checkpoints import StyleGAN2Config
from photodrag.drag import DragSettings
from photodrag.inversion import Inversion, Losses

SIZE = 64


@pytest.mark.parametrize(
    ("value", "rounded"),
    [
        (1.0, 1.0),
        (-3.5, -3.5),
        (1 + 2**-10, 1 + 2**-10),
        (1 + 2**-12, 1.0),
        (1 + 3 * 2**-12, 1 + 2**-10),
        (-(1 + 3 * 2**-12), -(1 + 2**-10)),
        (1 + 2**-11, 1.0),  # halves go to the even one
        (1 + 3 * 2**-11, 1 + 2**-9),
        (0.0, 0.0),
    ],
)
def test_ten_bits_are_left(value, rounded):
    found = precision.round_to(torch.tensor([value]), precision.TF32_BITS)
    assert found.item() == rounded


def test_rounding_keeps_the_order_in_memory_and_what_was_given():
    values = torch.randn(1, 3, 4, 5).to(memory_format=torch.channels_last)
    kept = values.clone()
    found = precision.round_to(values, 10)
    assert found.stride() == values.stride()
    assert torch.equal(values, kept)
    torch.testing.assert_close(found, values, rtol=2**-11, atol=0)


def test_products_and_convolutions_are_rounded_forward_and_backward():
    draw = torch.Generator().manual_seed(0)
    image = torch.randn(1, 4, 8, 8, generator=draw)
    weight = torch.randn(4, 4, 3, 3, generator=draw)
    matrix = torch.randn(8, 8, generator=draw)

    def run(x, w, m):
        leaf = x.clone().requires_grad_()
        out = torch.nn.functional.conv2d(leaf, w)
        (out.square().sum() * 0.5).backward()
        return out.detach(), leaf.grad, m @ m

    exact = run(image, weight, matrix)
    with precision.Rounded():
        coarse = run(image, weight, matrix)
    for one, other in zip(exact, coarse, strict=True):
        assert not torch.equal(one, other)
        torch.testing.assert_close(one, other, rtol=0.05, atol=0.05)
    rounded = (precision.round_to(image, 10), precision.round_to(weight, 10))
    torch.testing.assert_close(coarse[0], torch.nn.functional.conv2d(*rounded))


def test_every_drag_is_compared_with_float32(make_generator):
    config = StyleGAN2Config(
        resolution=SIZE, z_dim=8, w_dim=8, mapping_layers=2, channel_base=512, channel_max=16
    )
    generator = make_generator(config)
    inversion = Inversion(generator.sample(0), generator, Losses(0.0, 0.0), False)
    angle = np.linspace(0, 2 * np.pi, 68, endpoint=False)
    landmarks = 32 + 16 * np.column_stack([np.cos(angle), np.sin(angle)])
    settings = DragSettings(max_steps=2, feature_resolution=32)
    rows = list(precision.compare(inversion, landmarks, settings))
    assert [(row["drag"], row["precision"]) for row in rows] == [
        (drag, name) for drag in precision.DRAGS for name in ("float32", "tf32", "bfloat16")
    ]
    assert [row["difference"] for row in rows[::3]] == [0, 0]
    assert all(row["steps"] == 2 and row["distance"] > 0 for row in rows)
    table = precision.tabulate([{"photo": "one", **row} for row in rows])
    assert len(table.cells) == 6
    assert all(len(line) == len(table.titles) for line in table.cells)
