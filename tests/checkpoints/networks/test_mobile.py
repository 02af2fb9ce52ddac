"""The student against the same network written out with numpy."""

import copy

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from photodrag.checkpoints.networks.config import MobileStyleGANConfig

HAAR = np.array([[[1, 1], [1, 1]], [[1, 1], [-1, -1]], [[1, -1], [1, -1]], [[1, -1], [-1, 1]]]) / 2


def latents(generator, count=1, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(count, generator.num_ws, generator.w_dim, generator=draw)


def haar(x):
    channels = x.shape[0] // 4
    return sum(np.kron(x[b * channels : (b + 1) * channels], HAAR[b]) for b in range(4))


def convolve(x, weight):
    """(I, H, W) with (O, I, 3, 3), zeros outside."""
    padded = np.pad(x, ((0, 0), (1, 1), (1, 1)))
    height, width = x.shape[1:]
    return sum(
        np.einsum("oi,ihw->ohw", weight[..., r, c], padded[:, r : r + height, c : c + width])
        for r in range(3)
        for c in range(3)
    )


def written_out(generator, ws):
    """Every level's features, then the image, of W+ (num_ws, w_dim), in double precision."""
    state = {n: t.double().numpy() for n, t in generator.synthesis.state_dict().items()}
    rows = iter(ws.double().numpy())

    def styled(x, name):
        style = state[f"{name}.weight"] @ next(rows) + state[f"{name}.bias"]
        return x * style[:, None, None]

    def finish(x, name):
        x = x + state[f"{name}.bias"][:, None, None] + state[f"{name}.noise"]
        return np.where(x > 0, x, 0.2 * x)

    x = convolve(styled(state["const"][0], "first.modulation"), state["first.weight"])
    found = [finish(x, "first")]
    for level in range(len(generator.config.channels) - 1):
        x = haar(styled(found[-1], f"levels.{level}.up"))
        for conv in ("conv1", "conv2"):
            name = f"levels.{level}.{conv}"
            x = styled(x, f"{name}.modulation")
            depthwise = state[f"{name}.depthwise"]
            x = np.concatenate(
                [convolve(x[i : i + 1], depthwise[i : i + 1]) for i in range(len(x))]
            )
            x = finish(np.einsum("oi,ihw->ohw", state[f"{name}.pointwise"][..., 0, 0], x), name)
        found.append(x)
    x = styled(found[-1], "to_image.modulation")
    x = np.einsum("oi,ihw->ohw", state["to_image.weight"][..., 0, 0], x)
    return found, haar(x + state["to_image.bias"][:, None, None])


@pytest.mark.parametrize("channels", [(8, 4), (16, 12, 8, 4), (4, 4, 8, 4, 3)])
def test_the_network_equals_its_definition(make_generator, channels):
    config = MobileStyleGANConfig(z_dim=8, w_dim=8, mapping_layers=1, channels=channels)
    generator = make_generator(config)
    ws = latents(generator)
    features, image = written_out(generator, ws[0])
    torch.testing.assert_close(
        generator.synthesis(ws)[0].double(), torch.from_numpy(image), rtol=1e-4, atol=1e-4
    )
    for resolution, expected in zip(config.block_resolutions, features, strict=True):
        found = generator.synthesis.features(ws, resolution)[0]
        torch.testing.assert_close(found.double(), torch.from_numpy(expected), rtol=1e-4, atol=1e-4)


def test_layers_and_resolutions_belong_together(mobile):
    assert mobile.resolution == 64
    assert mobile.block_resolutions == (4, 8, 16, 32)
    assert mobile.image_resolutions == (32, 64)
    assert mobile.layers == (4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64)
    assert len(mobile.layers) == mobile.num_ws


def test_rows_act_where_layers_says(mobile):
    ws = latents(mobile)
    for row, resolution in enumerate(mobile.layers):
        changed = ws.clone()
        changed[:, row] += 1
        for size in mobile.block_resolutions:
            same = torch.equal(
                mobile.synthesis.features(changed, size), mobile.synthesis.features(ws, size)
            )
            assert same == (size < resolution), (row, size)
        assert not torch.equal(mobile.synthesis(changed), mobile.synthesis(ws))


def test_half_the_resolution_is_the_low_pass_band(mobile):
    ws = latents(mobile, count=2)
    half = mobile.synthesis(ws, resolution=32)
    # The detail bands of a Haar transform add up to nothing over each 2x2 square.
    torch.testing.assert_close(half, F.avg_pool2d(mobile.synthesis(ws), 2), rtol=1e-4, atol=1e-5)


def test_batch_equals_one_by_one(mobile):
    ws = latents(mobile, count=3)
    alone = torch.cat([mobile.synthesis(w[None]) for w in ws])
    torch.testing.assert_close(mobile.synthesis(ws), alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("resolution", [4, 8, None])
def test_gradient_reaches_w(make_generator, resolution):
    """Against differences along the gradient: the in-place operations must not spoil it."""
    config = MobileStyleGANConfig(z_dim=4, w_dim=4, mapping_layers=1, channels=(8, 4))
    synthesis = make_generator(config).synthesis.double()

    def paint(ws):
        if resolution is None:
            return synthesis(ws)
        return synthesis.features(ws, resolution)

    ws = torch.randn(1, config.num_ws, 4, generator=torch.Generator().manual_seed(0)).double()
    assert torch.autograd.gradcheck(paint, (ws.requires_grad_(),))


def test_weights_can_be_trained(mobile):
    trained = mobile.with_synthesis(copy.deepcopy(mobile.synthesis)).synthesis
    trained.requires_grad_(True)
    trained(latents(mobile)).square().mean().backward()
    assert all(torch.isfinite(p.grad).all() for p in trained.parameters())
    assert all(p.grad is None for p in mobile.synthesis.parameters())


def test_painting_leaves_weights_and_latent_alone(mobile):
    ws = latents(mobile)
    kept = ws.clone()
    before = {name: t.clone() for name, t in mobile.synthesis.state_dict().items()}
    first = mobile.synthesis(ws)
    torch.testing.assert_close(mobile.synthesis(ws), first, rtol=0, atol=0)
    torch.testing.assert_close(ws, kept, rtol=0, atol=0)
    for name, tensor in mobile.synthesis.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)
