import pytest
import torch

from benchmarks.reference_inversion import ReferencePivot, ReferenceTune
from photodrag.inversion import load_perceptual


@pytest.fixture(scope="module")
def distance():
    return load_perceptual("st-alex")


@pytest.fixture
def wanted(any_generator):
    return any_generator.render(any_generator.sample(5))


def test_projection_comes_nearer(any_generator, distance, wanted):
    run = ReferencePivot(any_generator, wanted, distance, steps=25)
    losses = list(run)
    assert len(losses) == 25
    assert min(losses[-3:]) < 0.8 * losses[0]
    assert (run.latent.w == run.latent.w[0]).all()  # still in W


def test_tuning_comes_nearer_and_leaves_the_generator_alone(any_generator, distance, wanted):
    latent = any_generator.sample(6)
    before = any_generator.render(latent)
    run = ReferenceTune(any_generator, latent, wanted, distance, steps=8)
    losses = list(run)
    assert losses[-1] < losses[0]
    assert torch.equal(any_generator.render(latent), before)
    assert not torch.equal(run.generator.render(latent), before)
    assert not any(p.requires_grad for p in run.generator.synthesis.parameters())
