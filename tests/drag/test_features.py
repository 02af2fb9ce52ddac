import numpy as np
import pytest
import torch

from photodrag.checkpoints import Window, WindowMaps
from photodrag.drag.features import disc, handle_maps, square, to_image, to_map, windows_around


def maps_of(image, windows):
    return handle_maps(WindowMaps.of_whole(image, windows), windows)


def sample(image, points):
    """Samples of a whole map (1, C, H, W) at points (K, 2): (K, C)."""
    height, width = image.shape[2:]
    return maps_of(image, [Window(0, 0, width, height)]).sample(points[None])[0]


def bilinear(image, x, y):
    """One sample of (C, H, W), the border's value outside, written out."""
    height, width = image.shape[1:]
    x, y = np.clip(x, 0, width - 1), np.clip(y, 0, height - 1)
    left, top = int(min(np.floor(x), width - 2)), int(min(np.floor(y), height - 2))
    right, down = x - left, y - top
    upper = image[:, top, left] * (1 - right) + image[:, top, left + 1] * right
    lower = image[:, top + 1, left] * (1 - right) + image[:, top + 1, left + 1] * right
    return upper * (1 - down) + lower * down


def test_samples_are_bilinear_with_x_first():
    draw = np.random.default_rng(0)
    image = draw.normal(size=(3, 7, 11))
    points = np.concatenate([draw.uniform(-2, 13, (40, 2)), [[0, 0], [10, 6], [3, 5], [4.5, 2]]])
    found = sample(torch.from_numpy(image)[None], torch.from_numpy(points))
    expected = np.array([bilinear(image, x, y) for x, y in points])
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-9)


def test_each_handle_samples_its_own_part_of_the_map():
    draw = torch.Generator().manual_seed(0)
    image = torch.randn(1, 3, 16, 16, generator=draw)
    windows = [Window(0, 0, 6, 6), Window(10, 4, 16, 10)]
    maps = maps_of(image, windows)
    # Points beyond the map's border, too: they take the value at the border.
    points = torch.tensor([[[1.5, 2.25], [-3.0, 4.0]], [[12.5, 5.0], [18.0, 9.0]]])
    found = maps.sample(points)
    assert found.shape == (2, 2, 3)
    torch.testing.assert_close(found, torch.stack([sample(image, some) for some in points]))


@pytest.mark.parametrize("reach", [1.0, 2.3, 5.0])
def test_windows_hold_all_within_reach(reach):
    draw = np.random.default_rng(0)
    places = [(0.0, 0.0), (255.0, 255.0), (0.0, 255.0), *draw.uniform(0, 255, (30, 2))]
    for (x, y), window in zip(places, windows_around(places, reach, 256, 32), strict=True):
        column, row = (x + 0.5) / 8 - 0.5, (y + 0.5) / 8 - 0.5
        assert window.left <= max(column - reach, 0)
        assert window.top <= max(row - reach, 0)
        assert window.right - 1 >= min(column + reach, 31)
        assert window.bottom - 1 >= min(row + reach, 31)
        assert 0 <= window.left < window.right <= 32
        assert window.width == window.height == windows_around([(9, 9)], reach, 256, 32)[0].width


def test_windows_are_no_larger_than_the_map():
    assert windows_around([(3.0, 60.0)], 9.0, 64, 16) == [Window(0, 0, 16, 16)]


def test_samples_have_a_gradient_to_the_map():
    image = torch.randn(1, 2, 5, 6, generator=torch.Generator().manual_seed(0)).double()
    points = torch.tensor([[1.3, 2.6], [4.1, 0.2], [3.0, 3.0]]).double()
    assert torch.autograd.gradcheck(lambda x: sample(x, points), (image.requires_grad_(),))


def test_distances_are_those_of_the_samples():
    draw = torch.Generator().manual_seed(0)
    image = torch.randn(1, 7, 16, 16, generator=draw).double()
    windows = [Window(0, 0, 6, 7), Window(9, 4, 15, 11), Window(10, 9, 16, 16)]
    maps = maps_of(image, windows)
    corners = torch.tensor([(window.left, window.top) for window in windows])
    points = corners[:, None] + torch.rand(3, 20, 2, generator=draw).double() * 5
    points = torch.cat([points, corners[:, None].double(), corners[:, None] + 5.0], dim=1)
    vectors = torch.randn(3, 4, 7, generator=draw).double()
    away = (maps.sample(points)[:, :, None] - vectors[:, None]).square().sum(dim=3)
    lengths = vectors.square().sum(dim=2)[:, None]
    torch.testing.assert_close(maps.distances(points, vectors) + lengths, away)


@pytest.mark.parametrize(("image_size", "map_size"), [(256, 64), (64, 64), (1024, 32), (32, 128)])
def test_points_go_to_the_map_and_back(image_size, map_size):
    draw = torch.Generator().manual_seed(0)
    points = torch.rand(20, 2, generator=draw).double() * image_size - 0.5
    there = to_map(points, image_size, map_size)
    torch.testing.assert_close(to_image(there, image_size, map_size), points)


def test_map_and_image_cover_the_same_square():
    corners = torch.tensor([[-0.5, -0.5], [255.5, 255.5], [127.5, 63.5]])
    expected = torch.tensor([[-0.5, -0.5], [63.5, 63.5], [31.5, 15.5]])
    torch.testing.assert_close(to_map(corners, 256, 64), expected)


def test_resized_map_agrees_with_the_places_on_it():
    """An image that is a ramp, made smaller, has at a place what the image has there."""
    ramp = torch.arange(64.0).expand(1, 1, 64, 64)
    small = torch.nn.functional.interpolate(ramp, (16, 16), mode="area")
    points = torch.tensor([[20.0, 30.0], [33.25, 10.0]])
    torch.testing.assert_close(sample(small, to_map(points, 64, 16))[:, 0], points[:, 0])


def test_disc_holds_the_grid_within_its_radius():
    offsets = disc(2.0)
    assert len(offsets) == 13
    assert len(torch.unique(offsets, dim=0)) == 13
    assert offsets.norm(dim=1).max() == 2
    torch.testing.assert_close(offsets.mean(dim=0), torch.zeros(2))
    assert len(disc(1.0, spacing=0.5)) == 13


def test_square_is_ordered_row_by_row():
    offsets = square(1.0)
    assert offsets[0].tolist() == [-1, -1]
    assert offsets[1].tolist() == [0, -1]
    assert offsets[-1].tolist() == [1, 1]
    assert len(square(2.0, spacing=0.5)) == 81
