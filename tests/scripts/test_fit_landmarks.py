"""The program that measures landmark statistics, on the tiny generator with made landmarks."""

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from photodrag.checkpoints import load_generator
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.pipeline.guide.landmark_statistics import find_statistics
from scripts import fit_landmarks

W_DIM = 16


@pytest.fixture
def script(face_marks, monkeypatch):
    """Landmarks are a face that lies where the picture is bright."""
    sizes, boxes = set(), []

    def found(image, box):
        sizes.add(image.shape)
        boxes.append(box)
        shift = image.mean(axis=(0, 1))[:2] - 128
        return (face_marks + 0.5) / 2 - 0.5 + shift / 8

    monkeypatch.setattr(fit_landmarks, "landmarks_in", found)
    monkeypatch.setattr(fit_landmarks, "sizes", sizes, raising=False)
    monkeypatch.setattr(fit_landmarks, "boxes", boxes, raising=False)
    return fit_landmarks


@pytest.fixture(scope="module")
def generator(tiny_checkpoint):
    return load_generator(tiny_checkpoint)


def test_faces_are_painted_and_their_landmarks_found(script, generator, face_marks):
    w, landmarks = script.paint_faces(generator, 6)
    assert w.shape == (6, W_DIM)
    assert landmarks.shape == (6, 68, 2)
    assert script.sizes == {(256, 256, 3)}
    # In percent of the side, from its edge: 512 px are 100.
    shift = landmarks.numpy() - (face_marks + 0.5) * 100 / 512
    np.testing.assert_allclose(shift, shift[:, :1].repeat(68, axis=1), atol=1e-9)
    assert np.ptp(shift[:, 0, 0]) > 0
    assert script.boxes[1] == script.boxes[6]


def test_the_same_faces_are_painted_again(script, generator):
    first, second = (script.paint_faces(generator, 3) for _ in range(2))
    assert torch.equal(first[0], second[0])
    assert torch.equal(first[1], second[1])


def test_faces_are_nearer_to_the_mean_than_the_mapping_networks(script, generator):
    w, _ = script.paint_faces(generator, 60)
    centre = generator.w_statistics.center
    sampled = generator.mapping.to_w(torch.randn(60, generator.config.z_dim), None)
    spread = (undo_activation(sampled) - centre).norm(dim=1).mean()
    assert 0.6 < float((w - centre).norm(dim=1).mean() / spread) < 0.9


def test_landmarks_that_follow_from_w_explain_it_and_others_do_not(script):
    draw = torch.Generator().manual_seed(0)
    map_of_w = torch.randn(136, W_DIM, generator=draw)
    w = torch.randn(300, W_DIM, generator=draw)
    landmarks = 10 * (w @ map_of_w.t()).view(300, 68, 2).double()
    statistics = fit_landmarks.measure_statistics(w[:250], landmarks[:250])
    assert script.explained(statistics, w[250:], landmarks[250:]) > 0.99
    noise = 10 * torch.randn(300, 68, 2, generator=draw).double()
    statistics = fit_landmarks.measure_statistics(w[:250], noise[:250])
    assert script.explained(statistics, w[250:], noise[250:]) < 0.1


@pytest.fixture(scope="module")
def map_of_w():
    """Landmarks are this (136, 8) times w."""
    return torch.randn(136, 8, generator=torch.Generator().manual_seed(0)).double()


@pytest.fixture(scope="module")
def faces(map_of_w):
    """w and landmarks of many faces, with a mean of their own."""
    draw = torch.Generator().manual_seed(1)
    w = torch.randn(400, 8, generator=draw).double() * torch.linspace(0.5, 2, 8) + 3
    return w, (w @ map_of_w.t()).view(400, 68, 2) + 50


@pytest.fixture(scope="module")
def statistics(faces):
    return fit_landmarks.measure_statistics(*faces)


def test_measures_are_covariances(faces, map_of_w, statistics):
    covariance = torch.cov(faces[0].t())
    torch.testing.assert_close(
        statistics.cross.double(), map_of_w @ covariance, rtol=0.15, atol=0.6
    )
    torch.testing.assert_close(statistics.spread, statistics.spread.t())
    assert statistics.spread.shape == (136, 136)


def test_faces_that_the_predictor_missed_do_not_count(faces, statistics):
    w, landmarks = (tensor.clone() for tensor in faces)
    landmarks[:8] += 400  # 2 % of the faces
    given = w.clone(), landmarks.clone()
    missed = fit_landmarks.measure_statistics(w, landmarks)
    assert (missed.spread - statistics.spread).norm() < 0.1 * statistics.spread.norm()
    assert (missed.cross - statistics.cross).norm() < 0.1 * statistics.cross.norm()
    assert torch.equal(w, given[0])
    assert torch.equal(landmarks, given[1])


def test_what_it_writes_is_found_for_that_generator(script, generator, tiny_checkpoint, tmp_path):
    output = tmp_path / "tiny-landmarks.safetensors"
    done = CliRunner().invoke(
        script.main, [str(tiny_checkpoint), "-o", str(output), "--faces", "100"]
    )
    assert done.exit_code == 0, done.output
    assert "% of the variance of w follows from the landmarks" in done.output
    statistics = find_statistics(generator, tmp_path)
    assert statistics.cross.shape == (136, W_DIM)
    assert statistics.spread.diagonal().min() > 0
    assert find_statistics(generator) is None


def test_too_few_faces_are_refused(script, tmp_path):
    output = tmp_path / "few-landmarks.safetensors"
    done = CliRunner().invoke(script.main, ["-o", str(output), "--faces", "20"])
    assert done.exit_code == 2
    assert not output.exists()
