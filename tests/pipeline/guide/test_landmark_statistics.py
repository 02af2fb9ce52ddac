"""Statistics of made data whose landmarks follow from w, linearly."""

import numpy as np
import pytest
import torch

from photodrag.checkpoints import load_generator
from photodrag.errors import CheckpointError
from photodrag.pipeline.guide.landmark_statistics import (
    LandmarkStatistics,
    find_statistics,
)
from photodrag.pipeline.guide.likely_change import LikelyChange
from scripts.fit_landmarks import measure_statistics
from scripts.fitted_files import save_statistics

W_DIM, FACES = 8, 400
EXACT = 1e-4  # percent: landmarks taken as they are


@pytest.fixture(scope="module")
def map_of_w():
    """Landmarks are this (136, 8) times w."""
    return torch.randn(136, W_DIM, generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture(scope="module")
def faces(map_of_w):
    """w and landmarks of many faces, with a mean of their own."""
    draw = torch.Generator().manual_seed(1)
    w = torch.randn(FACES, W_DIM, generator=draw).double() * torch.linspace(0.5, 2, W_DIM) + 3
    return w, (w @ map_of_w.t()).view(FACES, 68, 2) + 50


@pytest.fixture(scope="module")
def statistics(faces):
    return measure_statistics(*faces)


def shares_of(*landmarks):
    return torch.eye(68).double()[list(landmarks)]


def likeliest(statistics, wanted, shares, noise):
    """The first change of w (w_dim,) that is tried where places move as wanted (N, 2)."""
    return LikelyChange(statistics, shares.numpy(), wanted.numpy(), noise).propose()


def moves(map_of_w, change, landmarks):
    """By which (N, 2) a change of w moves landmarks."""
    return (map_of_w @ change).view(68, 2)[list(landmarks)]


def test_landmarks_that_tell_all_of_w_give_back_the_exact_change(statistics, map_of_w):
    change = torch.linspace(-1, 2, W_DIM).double()
    at = (3, 20, 48, 60)  # four landmarks are eight numbers
    found = likeliest(statistics, moves(map_of_w, change, at), shares_of(*at), EXACT)
    torch.testing.assert_close(found, change, rtol=0, atol=1e-2)


def test_one_landmark_gets_the_likeliest_of_the_changes_that_move_it(statistics, map_of_w, faces):
    wanted = torch.tensor([[1.0, -2.0]]).double()
    found = likeliest(statistics, wanted, shares_of(48), EXACT)
    torch.testing.assert_close(moves(map_of_w, found, [48]), wanted, rtol=0, atol=1e-2)
    precision = torch.linalg.inv(torch.cov(faces[0].t()))
    draw = torch.Generator().manual_seed(2)
    rows = map_of_w[96:98]
    for _ in range(20):
        other = torch.randn(W_DIM, generator=draw).double()
        other = found + 0.5 * (other - torch.linalg.pinv(rows) @ rows @ other)
        torch.testing.assert_close(moves(map_of_w, other, [48]), wanted, rtol=0, atol=1e-2)
        assert other @ precision @ other > found @ precision @ found


def test_a_place_between_landmarks_is_their_weighted_mean(statistics, map_of_w):
    shares = 0.25 * shares_of(30) + 0.75 * shares_of(33)
    wanted = torch.tensor([[-1.0, 1.5]]).double()
    moved = moves(map_of_w, likeliest(statistics, wanted, shares, EXACT), (30, 33))
    torch.testing.assert_close(0.25 * moved[:1] + 0.75 * moved[1:], wanted, rtol=0, atol=1e-2)


def test_noise_keeps_the_change_small(map_of_w):
    statistics = LandmarkStatistics(W_DIM)
    statistics.spread.copy_(4 * torch.eye(136))
    statistics.cross.copy_(map_of_w)
    wanted = torch.tensor([[1.0, 0.0]]).double()
    exact, noisy = (likeliest(statistics, wanted, shares_of(0), noise) for noise in (EXACT, 2.0))
    torch.testing.assert_close(exact, map_of_w[0].float().double() / 4)
    torch.testing.assert_close(noisy, exact / 2)  # 4 of 4 + 2 squared


def test_no_way_is_no_change(statistics):
    found = likeliest(statistics, torch.zeros(2, 2), shares_of(1, 2), 0.6)
    assert found.shape == (W_DIM,)
    assert (found == 0).all()


def test_the_same_wish_twice_does_not_break_it(statistics, map_of_w):
    """Two handles at one landmark: known more exactly, not singular."""
    wanted = torch.tensor([[1.0, 1.0], [1.0, 1.0]]).double()
    found = likeliest(statistics, wanted, shares_of(8, 8), 0.1)
    torch.testing.assert_close(moves(map_of_w, found, [8]), wanted[:1], rtol=0, atol=0.05)


def test_what_is_given_stays_as_it_was(statistics):
    given = [torch.ones(1, 2), shares_of(4), statistics.spread, statistics.cross]
    kept = [tensor.clone() for tensor in given]
    likeliest(statistics, given[0], given[1], 0.5)
    for tensor, before in zip(given, kept, strict=True):
        assert torch.equal(tensor, before)


def test_a_file_is_for_its_generator_only(statistics, tiny_checkpoint, tmp_path):
    generator = load_generator(tiny_checkpoint)
    save_statistics(tmp_path / "other-landmarks.safetensors", statistics, "another", {})
    assert find_statistics(generator, tmp_path) is None
    save_statistics(
        tmp_path / "tiny-landmarks.safetensors", statistics, generator.fingerprint, {"faces": "9"}
    )
    found = find_statistics(generator, tmp_path)
    assert isinstance(found, LandmarkStatistics)
    torch.testing.assert_close(found.spread, statistics.spread, rtol=1e-3, atol=1e-3)
    torch.testing.assert_close(found.cross, statistics.cross, rtol=1e-3, atol=1e-3)


def test_a_generator_without_statistics_has_none(tiny_checkpoint, tmp_path):
    assert find_statistics(load_generator(tiny_checkpoint)) is None
    assert find_statistics(load_generator(tiny_checkpoint), tmp_path) is None


def test_a_damaged_file_is_refused_by_name(statistics, tiny_checkpoint, tmp_path):
    generator = load_generator(tiny_checkpoint)
    path = tmp_path / "tiny-landmarks.safetensors"
    save_statistics(path, statistics, generator.fingerprint, {})
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match=r"landmark statistics in .*tiny-landmarks"):
        find_statistics(generator, tmp_path)


@pytest.mark.weights
def test_the_shipped_ones_are_of_the_default_generator_and_know_a_smile():
    """A corner of the mouth that goes out takes the other one and the cheeks' side along."""
    generator = load_generator()
    statistics = find_statistics(generator)
    assert statistics is not None
    assert statistics.cross.shape == (136, generator.w_dim)
    assert torch.isfinite(statistics.cross).all()
    shares = shares_of(48, 54)
    wanted = torch.tensor([[-2.0, -1.0], [2.0, -1.0]]).double()
    assert likeliest(statistics, wanted, shares, 0.6).norm() > 0
    # The lips part where the mouth grows wide: what smiles in the generator's faces do.
    rows = torch.kron(shares, torch.eye(2).double())
    spread = statistics.spread.double()
    within = rows @ spread @ rows.t() + 0.36 * torch.eye(4).double()
    expected = (torch.linalg.solve(within, wanted.flatten()) @ rows @ spread).view(68, 2)
    assert expected[66, 1] - expected[62, 1] > 0.3
    assert np.sign(float(expected[48, 0])) == -1
