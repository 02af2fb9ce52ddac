from dataclasses import replace

import pytest
import torch

from photodrag.checkpoints import load_generator, locate
from photodrag.errors import CheckpointError
from photodrag.inversion import ProjectRun, ProjectSettings
from photodrag.inversion import project as module
from photodrag.inversion.encoder import (
    Encoder,
    encoder_features,
    find_encoder,
    first_guess,
)
from scripts.fitted_files import save_encoder

SETTINGS = ProjectSettings(steps=2, start="encoder")


@pytest.fixture(scope="module")
def encoder(inverted_generator):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Encoder(inverted_generator.w_dim, narrow=2, hidden=3).requires_grad_(False)


@pytest.fixture
def folder(tmp_path, encoder, inverted_generator):
    path = tmp_path / "tiny-encoder.safetensors"
    save_encoder(path, encoder, inverted_generator.fingerprint, {"source": "tests"})
    return tmp_path


def test_features_have_one_size_whatever_the_images(perceptual):
    for size in (64, 256):
        assert encoder_features(perceptual, torch.zeros(1, 3, size, size)).shape == (1, 1100, 8, 8)


def test_guess_fits_the_generator_and_depends_on_the_image(
    inverted_generator, encoder, photo_target
):
    guess = first_guess(inverted_generator, encoder, photo_target.full)
    assert torch.equal(guess.w, guess.w[:1].expand_as(guess.w))
    assert inverted_generator.check(guess).shape == (inverted_generator.num_ws, 16)
    assert guess.distance(first_guess(inverted_generator, encoder, -photo_target.full)) > 0


def test_encoder_is_found_by_the_weights(folder, encoder, inverted_generator):
    found = find_encoder(inverted_generator, folder)
    torch.testing.assert_close(found.output.weight, encoder.output.weight, rtol=1e-3, atol=1e-4)
    assert not any(parameter.requires_grad for parameter in found.parameters())
    synthesis = replace(inverted_generator, config=replace(inverted_generator.config, w_dim=8))
    assert find_encoder(synthesis, folder) is None


def test_damaged_encoder_is_refused(folder, inverted_generator):
    path = folder / "tiny-encoder.safetensors"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(CheckpointError, match=r"tiny-encoder\.safetensors cannot be read"):
        find_encoder(inverted_generator, folder)


def test_projection_starts_at_the_guess(inverted_generator, photo_target, encoder, monkeypatch):
    monkeypatch.setattr(module, "find_encoder", lambda _generator: encoder)
    guess = first_guess(inverted_generator, encoder, photo_target.full)
    run = ProjectRun(inverted_generator, photo_target, SETTINGS)
    assert run.start == "encoder"
    assert run.latent.distance(guess) == 0
    from_mean = ProjectRun(inverted_generator, photo_target, replace(SETTINGS, start="mean"))
    assert from_mean.start == "mean"
    assert from_mean.latent.distance(inverted_generator.mean_latent()) == 0


def test_projection_says_that_no_encoder_fits(inverted_generator, photo_target):
    run = ProjectRun(inverted_generator, photo_target, SETTINGS)
    assert run.start == "mean"
    assert run.latent.distance(inverted_generator.mean_latent()) == 0


@pytest.mark.weights
@pytest.mark.skipif(locate("ffhq-mobile") is None, reason="ffhq-mobile has not been fetched")
def test_default_generator_has_an_encoder_that_knows_its_faces():
    generator = load_generator("ffhq-mobile")
    encoder = find_encoder(generator)
    mean = generator.w_statistics.mean
    nearer = 0
    for seed in range(21, 25):
        latent = generator.sample(seed)
        guess = first_guess(generator, encoder, generator.render(latent, 128))
        nearer += float((guess.w[0] - latent.w[0]).norm()) < float((mean - latent.w[0]).norm())
    assert nearer == 4
