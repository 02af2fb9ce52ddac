import pytest
import torch
from torch import nn
from torch.autograd import gradcheck

from photodrag.checkpoints.networks.config import StyleGAN2Config
from photodrag.checkpoints.networks.stylegan2 import StyleGAN2Synthesis, SynthesisLayer

TOLERANCE = {"rtol": 0, "atol": 1e-4}
RESOLUTIONS = (4, 8, 16, 32, 64)


def latents(config, count=1, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(count, config.num_ws, config.w_dim, generator=draw)


def tiny(resolution, **values):
    settings = {"z_dim": 8, "w_dim": 8, "mapping_layers": 1, "channel_base": 128}
    return StyleGAN2Config(resolution, **{**settings, "channel_max": 12, **values})


@pytest.mark.parametrize(
    ("latent", "image", "noise"),
    [
        ("w", "image_const", True),
        ("w", "image_none", False),
        ("wplus", "image_wplus_const", True),
    ],
)
def test_images_equal_the_official_code(reference, latent, image, noise):
    with torch.no_grad():
        found = reference.generator.synthesis(reference.values[latent], noise=noise)
    torch.testing.assert_close(found, reference.values[image], **TOLERANCE)


@pytest.mark.parametrize("resolution", RESOLUTIONS)
def test_features_equal_the_official_code(reference, resolution):
    if resolution > reference.generator.resolution:
        assert f"feature_{resolution}" not in reference.values
        return
    with torch.no_grad():
        found = reference.generator.synthesis.features(reference.values["wplus"][:1], resolution)
    torch.testing.assert_close(found, reference.values[f"feature_{resolution}"], **TOLERANCE)


@pytest.mark.parametrize("clamp", [None, 256.0, 0.5])
@pytest.mark.parametrize("channel_max", [5, 32])
@pytest.mark.parametrize("resolution", [8, 16, 32, 64])
def test_every_configuration_paints(make_generator, resolution, channel_max, clamp):
    config = tiny(resolution, channel_max=channel_max, conv_clamp=clamp)
    synthesis = make_generator(config).synthesis
    ws = latents(config, count=2)
    image = synthesis(ws)
    assert image.shape == (2, 3, resolution, resolution)
    assert torch.isfinite(image).all()
    assert image.std() > 0
    for size in config.block_resolutions:
        features = synthesis.features(ws, size)
        assert features.shape == (2, config.channels(size), size, size)
        if clamp:
            assert features.abs().max() <= clamp * 2**0.5 + 1e-6
    assert len(synthesis.layers) == config.num_ws


def test_clamp_holds_where_it_is_reached(make_generator):
    config = tiny(16, conv_clamp=0.5)
    free = make_generator(tiny(16)).synthesis.features(latents(config), 16)
    assert free.abs().max() > 1.0
    clamped = make_generator(config).synthesis.features(latents(config), 16)
    assert float(clamped.max()) == pytest.approx(0.5 * 2**0.5)


def test_batch_equals_one_by_one(stylegan2):
    ws = latents(stylegan2.config, count=3)
    together = stylegan2.synthesis(ws)
    alone = torch.cat([stylegan2.synthesis(w[None]) for w in ws])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("resolution", [4, 8, 16])
def test_stopping_early_equals_a_network_that_ends_there(stylegan2, resolution):
    config = StyleGAN2Config(
        resolution, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16
    )
    short = StyleGAN2Synthesis(config)
    weights = stylegan2.synthesis.state_dict()
    short.load_state_dict({name: weights[name] for name in short.state_dict()})
    ws = latents(stylegan2.config)
    torch.testing.assert_close(
        stylegan2.synthesis(ws, resolution=resolution), short(ws[:, : config.num_ws])
    )


def test_rows_act_where_layers_says(stylegan2):
    ws = latents(stylegan2.config)
    for row, resolution in enumerate(stylegan2.layers[:-1]):
        changed = ws.clone()
        changed[:, row] += 1
        for size in stylegan2.block_resolutions:
            same = torch.equal(
                stylegan2.synthesis.features(changed, size), stylegan2.synthesis.features(ws, size)
            )
            assert same == (size < resolution), (row, size)
    changed = ws.clone()
    changed[:, -1] += 1
    assert torch.equal(
        stylegan2.synthesis.features(changed, 32), stylegan2.synthesis.features(ws, 32)
    )
    assert not torch.equal(stylegan2.synthesis(changed), stylegan2.synthesis(ws))


def test_gradient_reaches_w(make_generator):
    config = tiny(8, channel_max=3, w_dim=3)
    synthesis = make_generator(config).synthesis.double()
    ws = latents(config).double().requires_grad_()
    assert gradcheck(synthesis, (ws,), eps=1e-6, atol=1e-6)


def test_weights_get_no_gradient_and_stay(stylegan2):
    before = {name: t.clone() for name, t in stylegan2.synthesis.state_dict().items()}
    ws = latents(stylegan2.config).requires_grad_()
    stylegan2.synthesis(ws).square().mean().backward()
    assert torch.isfinite(ws.grad).all()
    assert ws.grad.abs().max() > 0
    assert all(parameter.grad is None for parameter in stylegan2.synthesis.parameters())
    for name, tensor in stylegan2.synthesis.state_dict().items():
        torch.testing.assert_close(tensor, before[name], rtol=0, atol=0)


def double_in_place(layer):
    with torch.no_grad():
        layer.weight.mul_(2)


def double_by_loading(layer):
    state = layer.state_dict()
    layer.load_state_dict(state | {"weight": 2 * state["weight"]})


def double_by_replacing(layer):
    layer.weight = nn.Parameter(2 * layer.weight.detach(), requires_grad=False)


def double_by_a_step(layer):
    layer.weight.requires_grad_(True)
    optimizer = torch.optim.SGD([layer.weight], lr=1.0)
    (-0.5 * layer.weight.square().sum()).backward()
    optimizer.step()
    layer.weight.requires_grad_(False)


@pytest.mark.parametrize(
    "change", [double_in_place, double_by_loading, double_by_replacing, double_by_a_step]
)
def test_demodulation_follows_the_weights(change):
    torch.manual_seed(0)
    layer = SynthesisLayer(4, 3, 8, 8, up=False, clamp=None).requires_grad_(False)
    x, w = torch.randn(1, 4, 8, 8), torch.randn(1, 8)
    before = layer(x, w, noise=False)
    weight = layer.weight.clone()
    change(layer)
    torch.testing.assert_close(layer.weight, 2 * weight)
    # Demodulation divides by the weights' size: doubling all of them changes nothing.
    torch.testing.assert_close(layer(x, w, noise=False), before, rtol=1e-4, atol=1e-5)


def test_energy_has_a_gradient_only_while_weights_are_trained():
    layer = SynthesisLayer(4, 3, 8, 8, up=False, clamp=None)
    assert layer.energy().requires_grad
    with torch.no_grad():
        assert not layer.energy().requires_grad
    layer.requires_grad_(False)
    assert not layer.energy().requires_grad
    torch.testing.assert_close(layer.energy(), layer.weight.square().sum(dim=(2, 3)))
