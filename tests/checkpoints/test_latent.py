import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.errors import LatentError


@pytest.mark.parametrize("shape", [(8,), (1, 4, 8), ()])
def test_latent_has_rows_and_columns(shape):
    with pytest.raises(LatentError, match=r"num_ws, w_dim"):
        Latent(torch.zeros(shape), "g")


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_not_finite_are_refused(value):
    w = torch.zeros(3, 4)
    w[1, 2] = value
    with pytest.raises(LatentError, match="not finite"):
        Latent(w, "g")


def test_latent_is_float32_without_a_graph():
    w = torch.ones(3, 4, dtype=torch.float64, requires_grad=True)
    latent = Latent(w * 2, "g")
    assert latent.w.dtype == torch.float32
    assert not latent.w.requires_grad
    assert latent.num_ws == 3


def test_distance_is_the_root_mean_square_difference():
    a, b = Latent(torch.zeros(2, 2), "g"), Latent(torch.tensor([[3.0, 0], [0, 4]]), "g")
    assert a.distance(b) == pytest.approx(2.5)
    assert a.distance(a) == 0
