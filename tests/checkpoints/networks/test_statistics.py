import pytest
import torch

from photodrag.checkpoints.networks.mapping import MappingNetwork
from photodrag.checkpoints.networks.statistics import measure_w, undo_activation


@pytest.fixture(scope="module")
def mapping():
    torch.manual_seed(0)
    return MappingNetwork(32, 0, 16, 2, 4).requires_grad_(False)


@pytest.fixture(scope="module")
def conditional():
    torch.manual_seed(0)
    return MappingNetwork(32, 3, 16, 2, 4).requires_grad_(False)


def sample(mapping, count, seed=123):
    z = torch.randn(count, mapping.z_dim, generator=torch.Generator().manual_seed(seed))
    return mapping.to_w(z)


def test_whitening_can_be_undone(mapping):
    statistics = measure_w(mapping)
    w = sample(mapping, 64)
    torch.testing.assert_close(statistics.unwhiten(statistics.whiten(w)), w, rtol=1e-3, atol=1e-3)
    v = torch.randn(5, 16, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(statistics.whiten(statistics.unwhiten(v)), v, rtol=1e-3, atol=1e-3)


def test_fresh_samples_are_white(mapping):
    v = measure_w(mapping).whiten(sample(mapping, 2000))
    assert float(v.square().mean()) == pytest.approx(1, abs=0.1)
    torch.testing.assert_close(torch.cov(v.t()), torch.eye(16), rtol=0, atol=0.2)


def test_a_latent_far_away_is_not_typical(mapping):
    statistics = measure_w(mapping)
    far = statistics.mean + 10 * (sample(mapping, 100) - statistics.mean)
    assert statistics.whiten(far).square().mean() > 20


def test_mean_and_spread_are_those_of_the_samples(mapping):
    statistics = measure_w(mapping)
    w = sample(mapping, 4000)
    away = (w - w.mean(dim=0)).square().sum(dim=1).mean().sqrt()
    assert statistics.std == pytest.approx(float(away), rel=0.05)
    assert float((statistics.mean - w.mean(dim=0)).norm()) < 0.1 * float(away)


def test_any_shape_of_latents_can_be_whitened(mapping):
    statistics = measure_w(mapping)
    w = sample(mapping, 6)
    torch.testing.assert_close(
        statistics.whiten(w.view(2, 3, 16)).view(6, 16), statistics.whiten(w)
    )
    assert statistics.whiten(w[0]).shape == (16,)


def test_whitening_has_a_gradient(mapping):
    w = sample(mapping, 2).requires_grad_()
    measure_w(mapping).whiten(w).square().mean().backward()
    assert torch.isfinite(w.grad).all()
    assert w.grad.abs().max() > 0


def test_same_seed_gives_the_same_statistics(mapping):
    first, second, other = (measure_w(mapping, 512, seed) for seed in (3, 3, 4))
    torch.testing.assert_close(first.mean, second.mean, rtol=0, atol=0)
    torch.testing.assert_close(first.axes, second.axes, rtol=0, atol=0)
    assert not torch.equal(first.mean, other.mean)


def test_classes_are_all_drawn_for_a_conditional_network(conditional):
    z = torch.randn(2000, 32, generator=torch.Generator().manual_seed(9))
    means = [conditional.to_w(z, torch.eye(3)[i].expand(2000, 3)).mean(dim=0) for i in range(3)]
    expected = torch.stack(means).mean(dim=0)
    assert max(float((mean - expected).norm()) for mean in means) > 0.1
    assert float((measure_w(conditional).mean - expected).norm()) < 0.1


def test_directions_that_never_vary_are_left_out(mapping):
    flat = MappingNetwork(32, 0, 16, 1, 4).requires_grad_(False)
    flat.fc0.weight[8:] = 0  # half of w is one constant
    statistics = measure_w(flat)
    assert statistics.axes.shape == (16, 8)
    w = sample(flat, 8)
    torch.testing.assert_close(statistics.unwhiten(statistics.whiten(w)), w, rtol=1e-3, atol=1e-3)


def test_activation_is_undone():
    x = torch.tensor([-3.0, -0.5, 0.0, 2.0])
    bent = torch.where(x > 0, x, 0.2 * x) * 2**0.5
    torch.testing.assert_close(undo_activation(bent), x)
