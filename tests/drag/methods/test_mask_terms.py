"""The mask's term against its definition: the resized maps, compared pixel by pixel."""

import pytest
import torch
from torch.nn import functional as F

from photodrag.drag.methods.mask_terms import kept_difference


def by_definition(feature_map, first_map, keep):
    size = keep.shape[-2:]
    now, then = (
        F.interpolate(each, size, mode="bilinear", align_corners=False)
        for each in (feature_map, first_map)
    )
    return F.l1_loss(now * keep, then * keep)


@pytest.mark.parametrize("scale", [1, 2, 4, 8])
def test_value_and_gradient_are_those_of_the_resized_maps(scale):
    draw = torch.Generator().manual_seed(scale)
    now, then = (torch.randn(1, 19, 8, 8, generator=draw).double() for _ in range(2))
    keep = (torch.rand(1, 1, 8 * scale, 8 * scale, generator=draw) < 0.6).double()
    now.requires_grad_()
    expected, found = by_definition(now, then, keep), kept_difference(now, then, keep)
    torch.testing.assert_close(found, expected)
    (there,) = torch.autograd.grad(3 * expected, now)
    (here,) = torch.autograd.grad(3 * found, now)
    torch.testing.assert_close(here, there)


def test_nothing_kept_costs_nothing():
    now = torch.randn(1, 3, 4, 4, generator=torch.Generator().manual_seed(0)).requires_grad_()
    value = kept_difference(now, torch.zeros(1, 3, 4, 4), torch.zeros(1, 1, 16, 16))
    assert float(value.detach()) == 0
    (gradient,) = torch.autograd.grad(value, now)
    assert not gradient.any()
