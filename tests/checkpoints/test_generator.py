import copy
from dataclasses import replace

import pytest
import torch

from photodrag.checkpoints import Latent, MobileStyleGANConfig, StyleGAN2Config, build_generator
from photodrag.errors import LatentError, SettingsError

SMALL = {"z_dim": 8, "w_dim": 8, "mapping_layers": 1, "channel_base": 64, "channel_max": 4}


@pytest.fixture(scope="module")
def conditional(make_generator):
    return make_generator(StyleGAN2Config(16, c_dim=3, **SMALL))


@pytest.fixture(params=["stylegan2", "mobile"])
def generator(request):
    return request.getfixturevalue(request.param)


def test_sample_is_the_same_for_a_seed(generator):
    first, again, other = (generator.sample(seed) for seed in (3, 3, 4))
    torch.testing.assert_close(first.w, again.w, rtol=0, atol=0)
    assert first.distance(other) > 0.01
    assert first.generator == generator.name
    assert first.w.shape == (generator.num_ws, generator.w_dim)


def test_sample_leaves_the_global_seed_alone(generator):
    torch.manual_seed(5)
    expected = torch.rand(1)
    torch.manual_seed(5)
    generator.sample(1)
    _ = generator.w_statistics
    torch.testing.assert_close(torch.rand(1), expected, rtol=0, atol=0)


def test_truncation_pulls_a_sample_to_the_mean(generator):
    whole, half = generator.sample(0, truncation=1.0), generator.sample(0, truncation=0.5)
    average = generator.mapping.w_avg
    torch.testing.assert_close(half.w - average, (whole.w - average) / 2)


def test_the_fingerprint_is_of_what_paints(generator):
    """Where a file has no mean of w it is computed, with last bits that depend on the processor."""
    elsewhere, other = (replace(generator, mapping=copy.deepcopy(generator.mapping)) for _ in "ab")
    elsewhere.mapping.w_avg.mul_(1 + 1e-6)
    with torch.no_grad():
        other.mapping.fc0.bias.add_(1e-6)
    assert elsewhere.fingerprint == generator.fingerprint
    assert other.fingerprint != generator.fingerprint


def test_mean_latent_is_the_mean_in_every_row(generator):
    mean = generator.mean_latent()
    torch.testing.assert_close(mean.w, generator.w_statistics.mean.expand(generator.num_ws, -1))


@pytest.mark.parametrize(("resolution", "rows"), [(8, 4), (16, 6), (32, 6), (64, 6), (256, 6)])
def test_geometry_ends_with_the_first_row_at_32(resolution, rows):
    config = StyleGAN2Config(resolution, **{**SMALL, "channel_base": 256})
    assert build_generator("g", config).geometry_rows == rows


def test_geometry_rows_of_the_student():
    config = MobileStyleGANConfig(z_dim=8, w_dim=8, mapping_layers=1, channels=(8, 8, 8, 8, 4))
    generator = build_generator("g", config)
    assert generator.layers[generator.geometry_rows - 1] == 32
    assert max(generator.layers[: generator.geometry_rows - 1]) == 16


def test_render_gives_every_resolution_it_names(generator):
    latent = generator.sample(0)
    for resolution in generator.image_resolutions:
        assert generator.render(latent, resolution).shape == (1, 3, resolution, resolution)
    torch.testing.assert_close(
        generator.render(latent), generator.render(latent, generator.resolution), rtol=0, atol=0
    )
    for resolution in generator.block_resolutions:
        assert generator.features(latent, resolution).shape[2:] == (resolution, resolution)


@pytest.mark.parametrize("resolution", [3, 48, 2048])
def test_resolution_it_cannot_paint_is_refused(generator, resolution):
    latent = generator.sample(0)
    with pytest.raises(SettingsError, match=str(resolution)):
        generator.render(latent, resolution)
    with pytest.raises(SettingsError, match=str(resolution)):
        generator.features(latent, resolution)


@pytest.mark.parametrize("shape", [(3, 16), (8, 15)])
def test_latent_of_another_shape_is_refused(stylegan2, shape):
    latent = Latent(torch.zeros(shape), "somebody's")
    for use in (stylegan2.render, lambda latent: stylegan2.features(latent, 8), stylegan2.check):
        with pytest.raises(LatentError, match=rf"\({shape[0]}, {shape[1]}\).*somebody's"):
            use(latent)


def test_conditional_generator_needs_a_class(conditional):
    assert conditional.sample(0, class_index=0).distance(conditional.sample(0, class_index=2)) > 0
    for wrong in (None, -1, 3):
        with pytest.raises(SettingsError, match=f"the class is {wrong}, give 0 to 2"):
            conditional.sample(0, class_index=wrong)


def test_class_for_a_generator_without_is_refused(generator):
    with pytest.raises(SettingsError, match="no classes"):
        generator.sample(0, class_index=0)


def test_same_device_is_the_same_generator(generator):
    assert generator.to("cpu") is generator
    assert generator.device == torch.device("cpu")


def test_other_device_gets_copies(generator):
    moved = generator.to(torch.device("meta"))
    assert moved.device.type == "meta"
    assert generator.device.type == "cpu"
    assert all(p.device.type == "meta" for p in moved.synthesis.parameters())
    assert torch.isfinite(generator.render(generator.sample(0))).all()


@pytest.mark.gpu
def test_device_paints_what_the_cpu_paints(generator):
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    moved = generator.to("cuda")
    latent = generator.sample(0)
    torch.testing.assert_close(moved.sample(0).w.cpu(), latent.w, rtol=1e-4, atol=1e-4)
    torch.testing.assert_close(
        moved.render(latent).cpu(), generator.render(latent), rtol=1e-2, atol=1e-2
    )


def test_other_weights_make_another_generator(generator):
    latent = generator.sample(0)
    before = generator.render(latent)
    synthesis = copy.deepcopy(generator.synthesis)
    with torch.no_grad():
        for parameter in synthesis.parameters():
            parameter.add_(0.1)
    other = generator.with_synthesis(synthesis.requires_grad_(True))
    assert not any(parameter.requires_grad for parameter in other.synthesis.parameters())
    assert not torch.equal(other.render(latent), before)
    torch.testing.assert_close(generator.render(latent), before, rtol=0, atol=0)
    assert generator.original is None
    assert generator.untuned is other.untuned is other.original is generator
    assert other.with_synthesis(copy.deepcopy(synthesis)).untuned is generator


def test_weights_want_no_gradient(generator):
    modules = (generator.mapping, generator.synthesis)
    assert not any(p.requires_grad for module in modules for p in module.parameters())
    assert not any(module.training for module in modules)
