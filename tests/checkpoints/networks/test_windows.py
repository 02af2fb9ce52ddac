"""Windows against the whole map: the same features and the same gradients."""

import random

import pytest
import torch

from photodrag.checkpoints import MobileStyleGANConfig, StyleGAN2Config, Window, build_generator
from photodrag.checkpoints.networks.windows import merge
from photodrag.errors import SettingsError

CONFIGS = {
    "stylegan2": StyleGAN2Config(
        resolution=64, z_dim=8, w_dim=8, mapping_layers=2, channel_base=512, channel_max=16
    ),
    "narrow": StyleGAN2Config(
        resolution=128, z_dim=8, w_dim=8, mapping_layers=2, channel_base=512, channel_max=32
    ),
    "clamped": StyleGAN2Config(
        resolution=32,
        z_dim=8,
        w_dim=8,
        mapping_layers=2,
        channel_base=256,
        channel_max=8,
        conv_clamp=1.0,
    ),
    "mobile": MobileStyleGANConfig(
        channels=(16, 16, 16, 16, 16, 8), z_dim=8, w_dim=8, mapping_layers=2
    ),
}


@pytest.fixture(scope="module", params=CONFIGS)
def generator(request):
    """Random weights, noise and biases that are not zero, so that a wrong border shows."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = build_generator(request.param, CONFIGS[request.param])
        for name, tensor in (*made.synthesis.named_parameters(), *made.synthesis.named_buffers()):
            if "noise" in name or name.endswith(".bias"):
                tensor.data += 0.3 * torch.randn_like(tensor)
    return made


def compare(generator, resolution, windows):
    """The whole map's windows, features and gradients, with those computed alone; the plan."""
    draw = torch.Generator().manual_seed(1)
    w = torch.randn(generator.num_ws, 8, generator=draw).requires_grad_()
    whole = generator.features_w(w, resolution)
    expected = torch.cat([window.cut(whole) for window in windows])
    values = generator.windows_w(w, resolution, windows).stacked()
    assert values.shape == expected.shape
    torch.testing.assert_close(values, expected, rtol=0, atol=1e-5 * float(expected.detach().std()))
    pull = torch.randn(expected.shape, generator=draw)
    (there,) = torch.autograd.grad(expected, w, pull)
    (here,) = torch.autograd.grad(values, w, pull)
    torch.testing.assert_close(here, there, rtol=0, atol=1e-5 * float(there.abs().max()))
    return generator.synthesis.reach.plan(windows, resolution)


@pytest.mark.parametrize("seed", range(12))
def test_random_windows_equal_the_whole_map(generator, monkeypatch, seed):
    # The tiny networks' windows would all be cheaper whole.
    monkeypatch.setattr("photodrag.checkpoints.networks.windows._BATCH_WORK", 0)
    monkeypatch.setattr("photodrag.checkpoints.networks.windows._COARSEST", 4)
    draw = random.Random(seed)
    resolution = draw.choice(generator.block_resolutions[2:])
    width, height = (draw.randint(1, min(resolution, 14)) for _ in range(2))
    corners = [
        # Borders and corners as often as places inside.
        [draw.choice([0, resolution - n, draw.randint(0, resolution - n)]) for n in (width, height)]
        for _ in range(draw.randint(1, 4))
    ]
    windows = [Window(x, y, x + width, y + height) for x, y in corners]
    compare(generator, resolution, windows)


def test_all_four_corners_are_computed_in_one_batch(generator, monkeypatch):
    monkeypatch.setattr("photodrag.checkpoints.networks.windows._BATCH_WORK", 0)
    size = generator.block_resolutions[-1]
    windows = [Window(x, y, x + 2, y + 2) for x in (0, size - 2) for y in (0, size - 2)]
    plan = compare(generator, size, windows)
    assert plan.whole < size
    assert [len(batch.places) for batch in plan.batches] == [4]


def test_a_window_of_everything_is_the_whole_map(generator):
    size = generator.block_resolutions[-1]
    plan = compare(generator, size, [Window(0, 0, size, size)])
    assert plan.whole == size
    assert not plan.batches


def test_one_window_of_a_latent_needs_no_gradient(generator):
    latent = generator.sample(0)
    window = Window(5, 2, 12, 9)
    found = generator.features(latent, 32, window)
    torch.testing.assert_close(found, window.cut(generator.features(latent, 32)))


def test_full_size_network_computes_windows_from_a_coarse_map():
    """What a drag asks of StyleGAN2 at 1024 px: far from the whole map."""
    generator = build_generator("full", StyleGAN2Config(resolution=1024, w_dim=8, z_dim=8))
    plan = generator.synthesis.reach.plan([Window(40, 50, 54, 64)], 128)
    (batch,) = plan.batches
    assert plan.whole <= 32
    assert batch.source.width * batch.source.height <= plan.whole**2 / 3


@pytest.mark.parametrize(
    ("windows", "said"),
    [
        ([], "no window"),
        ([Window(0, 0, 33, 4)], "not inside"),
        ([Window(-1, 0, 3, 4)], "not inside"),
        ([Window(4, 4, 4, 8)], "not inside"),
        ([Window(0, 5, 4, 3)], "not inside"),
        ([Window(0, 0, 4, 4), Window(0, 0, 5, 4)], "alike"),
    ],
)
def test_windows_that_make_no_sense_are_refused(generator, windows, said):
    with pytest.raises(SettingsError, match=said):
        generator.windows_w(generator.mean_latent().w, 32, windows)


def test_windows_that_overlap_are_merged_and_far_ones_are_not():
    near = [Window(10, 10, 20, 20), Window(12, 9, 22, 19)]
    far = Window(60, 60, 70, 70)
    assert sorted(map(sorted, merge([near[0], far, near[1]], margin=3))) == [[0, 2], [1]]


def test_merging_costs_no_more_than_the_parts():
    draw = random.Random(0)
    windows = []
    for _ in range(40):
        x, y = draw.randint(0, 100), draw.randint(0, 100)
        windows.append(Window(x, y, x + 12, y + 12))
    groups = merge(windows, margin=3)
    assert sorted(i for group in groups for i in group) == list(range(40))
    merged = 0
    for group in groups:
        across = max(windows[i].right for i in group) - min(windows[i].left for i in group)
        down = max(windows[i].bottom for i in group) - min(windows[i].top for i in group)
        merged += (across + 6) * (down + 6)
    assert merged <= 40 * 18 * 18
    assert len(groups) < 40
