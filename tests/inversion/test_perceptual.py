import urllib.error

import numpy as np
import pytest
import torch

from photodrag.errors import PerceptualWeightsError, SettingsError
from photodrag.inversion import load_perceptual
from photodrag.inversion import perceptual as module
from photodrag.inversion.perceptual import PERCEPTUAL_NETWORKS


def ramp():
    y, x = np.mgrid[:64, :64] / 63
    image = np.stack([2 * x - 1, 2 * y - 1, x + y - 1])
    return torch.from_numpy(image[None].astype(np.float32))


def noise(index):
    """The first or second picture of one generator."""
    draw = np.random.default_rng(5)
    images = [draw.uniform(-1, 1, (1, 3, 64, 64)).astype(np.float32) for _ in range(2)]
    return torch.from_numpy(images[index])


@pytest.fixture(scope="module", params=["st-alex", "st-vgg"])
def network(request):
    return load_perceptual(request.param)


# What the package stlpips-pytorch 0.0.2 itself gives for these pictures.
@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("st-alex", (0.035245079547, 1.012757420540, 0.694014787674)),
        ("st-vgg", (0.066832855344, 0.815214812756, 0.758669853210)),
    ],
)
def test_distance_equals_the_published_network(name, values):
    network = load_perceptual(name)
    pairs = ((noise(0), noise(1)), (ramp(), noise(0)), (ramp(), ramp().flip(3)))
    for (a, b), value in zip(pairs, values, strict=True):
        assert float(network(a, b)) == pytest.approx(value, rel=1e-5)


def test_equal_images_have_no_distance(network):
    assert float(network(noise(0), noise(0))) == 0
    assert float(network(noise(0), ramp())) > 0.1


def test_distance_is_symmetric(network):
    a, b = noise(0), ramp()
    assert float(network(a, b)) == pytest.approx(float(network(b, a)), rel=1e-5)


@pytest.mark.parametrize("image", [noise(0), torch.zeros(1, 3, 64, 64)], ids=["noise", "flat"])
def test_gradient_is_finite_at_equal_images(network, image):
    moving = image.clone().requires_grad_()
    network(moving, image).backward()
    assert torch.isfinite(moving.grad).all()


def test_gradient_lowers_the_distance(network):
    moving = noise(0).requires_grad_()
    target = network.embed(ramp())
    before = network.distance(network.embed(moving), target)
    (gradient,) = torch.autograd.grad(before, moving)
    step = 0.01 * gradient / gradient.abs().mean()
    assert network.distance(network.embed(moving - step), target) < before


def test_weight_says_where_a_difference_counts(network):
    # Much larger than what one feature sees, so that the right half says nothing of the left.
    a = torch.zeros(1, 3, 64, 512)
    b = a.clone()
    b[..., :128] = noise(0).repeat(1, 1, 1, 2)
    left, right = torch.zeros(2, 1, 1, 64, 512)
    left[..., :128] = 1
    right[..., 448:] = 1
    fa, fb = network.embed(a), network.embed(b)
    everywhere = float(network.distance(fa, fb))
    assert float(network.distance(fa, fb, left)) > 2 * everywhere
    assert float(network.distance(fa, fb, right)) < 0.2 * everywhere
    same = network.distance(fa, fb, torch.full((1, 1, 64, 512), 3.0))
    assert float(same) == pytest.approx(everywhere, rel=1e-4)


def test_weights_of_the_network_want_no_gradient(network):
    assert not any(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("name", ["", "alex", "lpips", "st-squeeze"])
def test_unknown_name_is_refused_with_the_names(name):
    with pytest.raises(SettingsError, match=f"{name!r}.*st-alex, st-vgg, lpips-alex"):
        load_perceptual(name)


@pytest.mark.parametrize("name", [n for n in PERCEPTUAL_NETWORKS if n.startswith("lpips")])
def test_lpips_without_its_weights_is_refused(name, monkeypatch, tmp_path):
    def fail(*_args, **_kwargs):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("torch.hub.download_url_to_file", fail)
    with pytest.raises(PerceptualWeightsError, match=rf"{name}.*no route.*use st-alex"):
        load_perceptual(name)


def test_missing_package_is_refused(monkeypatch):
    monkeypatch.setattr(module, "_PACKAGE", "no_such_package_at_all")
    with pytest.raises(PerceptualWeightsError, match="not installed"):
        load_perceptual("st-alex")


@pytest.mark.parametrize("content", [b"", b"nothing that torch wrote", None])
def test_damaged_weights_are_refused(monkeypatch, tmp_path, content):
    folder = tmp_path / "weights"
    folder.mkdir()
    if content is None:
        torch.save({"net.0.weight": torch.zeros(1, 3, 1, 1)}, folder / "alex_shift_tolerant.pth")
    else:
        (folder / "alex_shift_tolerant.pth").write_bytes(content)
    monkeypatch.setattr(module, "_weights_folder", lambda: folder)
    with pytest.raises(PerceptualWeightsError, match="st-alex cannot be read"):
        load_perceptual("st-alex")
