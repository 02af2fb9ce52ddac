"""The program that measures landmark statistics, on the tiny generator with made landmarks."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from photodrag.checkpoints import load_generator
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.pipeline.guide.landmark_statistics import find_statistics, measure_statistics

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "fit_landmarks.py"
W_DIM = 16


@pytest.fixture
def script(face_marks, monkeypatch):
    """Landmarks are a face that lies where the picture is bright."""
    spec = spec_from_file_location("fit_landmarks", SCRIPT)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    module.sizes, module.boxes = set(), []

    def found(image, box):
        module.sizes.add(image.shape)
        module.boxes.append(box)
        shift = image.mean(axis=(0, 1))[:2] - 128
        return (face_marks + 0.5) / 2 - 0.5 + shift / 8

    monkeypatch.setattr(module, "landmarks_in", found)
    return module


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
    statistics = measure_statistics(w[:250], landmarks[:250])
    assert script.explained(statistics, w[250:], landmarks[250:]) > 0.99
    noise = 10 * torch.randn(300, 68, 2, generator=draw).double()
    statistics = measure_statistics(w[:250], noise[:250])
    assert script.explained(statistics, w[250:], noise[250:]) < 0.1


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
