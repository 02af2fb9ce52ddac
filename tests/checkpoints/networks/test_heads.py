from dataclasses import replace

import pytest
import torch
from torch.nn import functional as F

from photodrag.checkpoints import (
    Generator,
    MobileStyleGANConfig,
    StyleGAN2Config,
    build_generator,
    load_generator,
    locate,
)
from photodrag.checkpoints.loading import with_heads
from photodrag.checkpoints.networks.heads import RenderingHeads
from photodrag.errors import CacheWarning, CheckpointError, SettingsError
from scripts.fitted_files import save_heads

CONFIG = MobileStyleGANConfig(channels=(32, 32, 16, 16), z_dim=16, w_dim=16, mapping_layers=2)


@pytest.fixture(scope="module")
def plain() -> Generator:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build_generator("tiny", CONFIG)


@pytest.fixture(scope="module")
def headed(plain: Generator) -> Generator:
    return replace(plain, heads=RenderingHeads(CONFIG, (16, 8)))


def test_generator_with_heads_paints_small_images(headed):
    assert headed.image_resolutions == (8, 16, 32, 64)
    latent = headed.sample(1)
    for size in headed.image_resolutions:
        assert headed.render(latent, size).shape == (1, 3, size, size)
    with pytest.raises(SettingsError, match="8, 16, 32, 64"):
        headed.render(latent, 4)


def test_large_images_are_as_without_heads(plain, headed):
    latent = plain.sample(2)
    assert torch.equal(plain.render(latent), headed.render(latent))
    assert plain.image_resolutions == (32, 64)


def test_every_row_gets_a_gradient(headed):
    for size in (8, 16):
        w = headed.sample(3).w.clone().requires_grad_()
        headed.render_w(w, size).square().sum().backward()
        assert (w.grad.abs().amax(dim=1) > 0).all()


def test_head_is_exact_where_the_features_are_flat_and_nothing_bends(plain):
    """With constant features, all activations on one side, both ways give the same mean."""
    generator = build_generator("straight", CONFIG)
    synthesis = generator.synthesis
    level = synthesis.levels[-1]
    with torch.no_grad():
        for conv in (level.conv1, level.conv2):
            conv.bias.fill_(1e3)  # so that the leaky ReLU is the identity
    ws = plain.sample(4).w[None]
    features = torch.randn(1, 16, 1, 1).expand(1, 16, 16, 16).contiguous()
    head = RenderingHeads(CONFIG, (16,)).heads["16"]
    rows = ws.unbind(dim=1)
    fine = synthesis.to_image(level(features, rows[-4:-1]), rows[-1])[:, :3] * 0.5
    small = head(synthesis, features, ws)
    expected = F.avg_pool2d(fine, 2)
    inner = (..., slice(3, -3), slice(3, -3))  # the borders see zeros at another distance
    torch.testing.assert_close(small[inner], expected[inner], rtol=1e-4, atol=0.02)


def test_heads_stay_when_the_synthesis_changes(headed):
    other = build_generator("other", CONFIG)
    tuned = headed.with_synthesis(other.synthesis)
    assert tuned.heads is headed.heads
    latent = headed.sample(5)
    assert not torch.allclose(tuned.render(latent, 16), headed.render(latent, 16))


def test_heads_want_no_gradient_and_are_no_part_of_the_fingerprint(plain, headed):
    assert not any(parameter.requires_grad for parameter in headed.heads.parameters())
    assert headed.fingerprint == plain.fingerprint


@pytest.fixture
def folder(tmp_path, plain):
    heads = RenderingHeads(CONFIG, (8, 16))
    with torch.no_grad():
        heads.heads["16"].to_image.bias.fill_(0.25)
    save_heads(tmp_path / "tiny-heads.safetensors", heads, plain.fingerprint, {"source": "tests"})
    return tmp_path


def test_heads_are_found_by_the_weights(folder, plain):
    found = with_heads(plain, folder)
    assert found.image_resolutions == (8, 16, 32, 64)
    assert float(found.heads.heads["16"].to_image.bias[0]) == 0.25
    assert found.fingerprint is plain.fingerprint  # hashed once


def test_other_weights_get_no_heads(folder):
    other = build_generator("tiny", CONFIG)
    with pytest.warns(CacheWarning, match="not those that were published"):
        assert with_heads(other, folder) is other


def test_stylegan2_needs_no_heads(folder):
    config = StyleGAN2Config(resolution=16, z_dim=16, w_dim=16, channel_base=64, channel_max=8)
    generator = build_generator("tiny", config)
    assert with_heads(generator, folder) is generator


def test_damaged_heads_are_refused(folder, plain):
    path = folder / "tiny-heads.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"tiny-heads\.safetensors cannot be read"):
        with_heads(plain, folder)


@pytest.mark.weights
@pytest.mark.skipif(locate("ffhq-mobile") is None, reason="ffhq-mobile has not been fetched")
def test_default_generator_has_heads_that_paint_as_it_does():
    generator = load_generator("ffhq-mobile")
    assert generator.image_resolutions == (128, 256, 512, 1024)
    for seed in (11, 12):
        latent = generator.sample(seed)
        image = generator.render(latent)
        for size, error in ((128, 2e-3), (256, 5e-4)):  # 33 and 39 dB
            small = F.interpolate(image, (size, size), mode="area")
            assert float((generator.render(latent, size) - small).square().mean()) < error
