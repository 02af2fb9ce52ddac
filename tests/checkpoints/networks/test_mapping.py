import pytest
import torch
from torch.autograd import gradcheck

from photodrag.checkpoints.networks.mapping import Linear, MappingNetwork
from photodrag.errors import LatentError

TOLERANCE = {"rtol": 0, "atol": 1e-4}


@pytest.mark.parametrize(
    ("name", "truncation", "cutoff"),
    [("w", 1.0, None), ("w_psi07", 0.7, None), ("w_psi05_cut4", 0.5, 4)],
)
def test_mapping_equals_the_official_code(reference, name, truncation, cutoff):
    with torch.no_grad():
        w = reference.generator.mapping(
            reference.values["z"], reference.condition, truncation=truncation, cutoff=cutoff
        )
    torch.testing.assert_close(w, reference.values[name], **TOLERANCE)


def test_without_truncation_all_rows_are_one_w(stylegan2):
    z = torch.randn(3, 16, generator=torch.Generator().manual_seed(1))
    ws = stylegan2.mapping(z)
    assert ws.shape == (3, 8, 16)
    torch.testing.assert_close(ws, stylegan2.mapping.to_w(z)[:, None].expand(-1, 8, -1))


def test_whole_truncation_gives_the_stored_mean(stylegan2):
    mapping = MappingNetwork(16, 0, 16, 2, 8)
    mapping.w_avg.copy_(torch.arange(16.0))
    z = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
    ws = mapping(z, truncation=0.0, cutoff=3)
    torch.testing.assert_close(ws[:, :3], torch.arange(16.0).expand(2, 3, 16))
    torch.testing.assert_close(ws[:, 3:], mapping(z)[:, 3:])


def test_length_of_z_does_not_matter(stylegan2):
    z = torch.randn(2, 16, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(stylegan2.mapping(z), stylegan2.mapping(7 * z))


def test_linear_scales_weights_at_run_time():
    layer = Linear(4, 2, multiplier=0.01, bias=1.0)
    x = torch.tensor([[1.0, -2.0, 0.5, 3.0]])
    expected = x @ (layer.weight * 0.01 / 2).t() + 1.0
    torch.testing.assert_close(layer(x), expected)


@pytest.mark.parametrize("shape", [(16,), (1, 15), (1, 16, 1)])
def test_z_of_another_shape_is_refused(stylegan2, shape):
    with pytest.raises(LatentError, match=rf"\({shape[0]},.*must be \(N, 16\)"):
        stylegan2.mapping(torch.zeros(shape))


@pytest.mark.parametrize("condition", [None, torch.zeros(2, 4), torch.zeros(1, 3)])
def test_conditional_network_needs_its_class(condition):
    mapping = MappingNetwork(8, 3, 8, 1, 4)
    seen = "None" if condition is None else str(condition.shape[1])
    with pytest.raises(LatentError, match=seen):
        mapping(torch.ones(2, 8), condition)


def test_classes_give_different_w():
    torch.manual_seed(0)
    mapping = MappingNetwork(8, 3, 8, 1, 4)
    first, second = mapping.to_w(torch.ones(2, 8), torch.eye(3)[:2])
    assert (first - second).abs().max() > 1e-3


def test_mapping_has_the_right_gradient():
    torch.manual_seed(0)
    mapping = MappingNetwork(4, 0, 4, 2, 2)
    # z becomes float32 inside, so the comparison is as coarse as that.
    z = torch.randn(1, 4).double().requires_grad_()
    assert gradcheck(mapping.to_w, (z,), eps=1e-2, atol=1e-2, rtol=1e-2)
