import hashlib
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image

from evaluation.frechet import (
    FID,
    STAND_IN,
    TITLES,
    InceptionFeatures,
    MissingNetworkError,
    ShiftTolerantFeatures,
    frechet_distance,
    main,
    usable_features,
)


def test_a_set_is_nowhere_from_itself():
    vectors = list(np.random.default_rng(0).normal(size=(20, 5)))
    assert frechet_distance(vectors, vectors) == pytest.approx(0, abs=1e-9)


def test_a_shifted_set_is_as_far_as_the_shift_squared():
    vectors = list(np.random.default_rng(0).normal(size=(20, 3)))
    shifted = [vector + np.array([3, 0, 4]) for vector in vectors]
    assert frechet_distance(vectors, shifted) == pytest.approx(25)


def test_covariances_count_by_their_roots():
    # In one dimension it is (mean - mean)^2 + (deviation - deviation)^2.
    a, b = np.array([-1.0, 1.0]), np.array([-3.0, 5.0])
    expected = 1 + (a.std(ddof=1) - b.std(ddof=1)) ** 2
    assert frechet_distance(list(a[:, None]), list(b[:, None])) == pytest.approx(expected)


def test_it_equals_the_textbook_formula():
    draw = np.random.default_rng(1)
    a, b = draw.normal(size=(50, 4)), draw.normal(size=(40, 4)) @ draw.normal(size=(4, 4)) + 1
    cov_a, cov_b = np.cov(a.T), np.cov(b.T)
    shared = np.sqrt(np.linalg.eigvals(cov_a @ cov_b).real).sum()
    apart = np.square(a.mean(axis=0) - b.mean(axis=0)).sum()
    expected = apart + np.trace(cov_a) + np.trace(cov_b) - 2 * shared
    assert frechet_distance(list(a), list(b)) == pytest.approx(expected)


def test_one_picture_has_no_spread():
    assert frechet_distance([np.zeros(2)], [np.zeros(2), np.ones(2)]) is None


def test_the_stand_in_looks_at_pictures_of_any_size():
    look = ShiftTolerantFeatures()
    grey, noise = (
        np.full((40, 40, 3), 128, np.uint8),
        np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8),
    )
    assert look(grey).shape == look(noise).shape == (256,)
    assert np.abs(look(grey) - look(noise)).max() > 0.01


def test_missing_weights_are_a_reason_and_not_a_silence(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    features, missing = usable_features()
    assert [look.name for look in features] == [STAND_IN]
    assert missing.keys() == {FID}
    assert "torch-fidelity" in missing[FID]


def test_damaged_weights_are_refused(tmp_path):
    pytest.importorskip("torch_fidelity", reason="the extra `evaluation` is not installed")
    path = tmp_path / "weights-inception-6726825d.pth"
    path.write_bytes(b"not the weights")
    with pytest.raises(MissingNetworkError, match="damaged"):
        InceptionFeatures(path)


def test_weights_that_hold_code_are_refused(tmp_path):
    pytest.importorskip("torch_fidelity", reason="the extra `evaluation` is not installed")
    path = tmp_path / "prepared.pth"
    torch.save({"fc.weight": Path("anywhere")}, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    with pytest.raises(MissingNetworkError, match="more than tensors"):
        InceptionFeatures(path.rename(tmp_path / f"weights-{digest[:8]}.pth"))


def test_inception_gives_its_features(tmp_path):
    module = pytest.importorskip(
        "torch_fidelity.feature_extractor_inceptionv3",
        reason="the extra `evaluation` is not installed",
    )
    network = module.FeatureExtractorInceptionV3.__new__(module.FeatureExtractorInceptionV3)
    path = tmp_path / "unnamed.pth"
    try:
        module.FeatureExtractorInceptionV3.__init__(
            network, "inception", ["2048"], feature_extractor_weights_path=str(path)
        )
    except FileNotFoundError:  # the network stands, only its weights are missing
        torch.save(network.state_dict(), path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    look = InceptionFeatures(path.rename(tmp_path / f"weights-{digest[:8]}.pth"))
    assert look(np.zeros((64, 64, 3), np.uint8)).shape == (2048,)


def test_two_folders_are_compared(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    draw = np.random.default_rng(0)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for i in range(3):
            pixels = draw.integers(0, 256, (32, 32, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(tmp_path / folder / f"{i}.png")
    done = CliRunner().invoke(main, [str(tmp_path / "a"), str(tmp_path / "b")])
    assert done.exit_code == 0, done.output
    assert "3 and 3 pictures" in done.output
    assert f"{TITLES[STAND_IN]}: " in done.output
    assert "FID: skipped" in done.output


def test_a_folder_with_one_picture_is_refused(tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "one.png")
    done = CliRunner().invoke(main, [str(tmp_path), str(tmp_path)])
    assert done.exit_code == 1
    assert "1 pictures" in done.output
