import pytest
import torch

from benchmarks.reference_synthesis import ReferenceSynthesis
from photodrag.checkpoints import Latent, load_generator


def close(a: torch.Tensor, b: torch.Tensor) -> None:
    torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-4)


def test_the_image_is_the_generators(any_generator):
    latent = any_generator.sample(3)
    image, features = ReferenceSynthesis(any_generator).paint(latent.w[None])
    close(image, any_generator.render(latent))
    assert features is None


def test_the_features_are_the_generators(any_generator):
    latent = any_generator.sample(3)
    reference = ReferenceSynthesis(any_generator)
    for resolution in any_generator.block_resolutions:
        _, features = reference.paint(latent.w[None], resolution)
        close(features, any_generator.features(latent, resolution))


def test_each_sample_of_a_batch_has_its_own_weights(any_generator):
    latents = [any_generator.sample(seed) for seed in (1, 2)]
    images, _ = ReferenceSynthesis(any_generator).paint(torch.stack([x.w for x in latents]))
    for image, latent in zip(images, latents, strict=True):
        close(image[None], any_generator.render(latent))
    assert not torch.allclose(images[0], images[1], atol=1e-2)


def test_the_gradient_is_the_generators(any_generator):
    w = any_generator.sample(3).w
    gradients = []
    for paint in (
        any_generator.render_w,
        lambda rows: ReferenceSynthesis(any_generator).paint(rows[None])[0],
    ):
        moving = w.clone().requires_grad_()
        paint(moving).square().mean().backward()
        gradients.append(moving.grad)
    torch.testing.assert_close(*gradients, rtol=1e-3, atol=1e-5)
    assert gradients[0].abs().max() > 1e-3


def test_the_generators_weights_are_not_shared(any_generator):
    latent = Latent(any_generator.sample(3).w, any_generator.name)
    before = any_generator.render(latent)
    for tensor in ReferenceSynthesis(any_generator).tensors.values():
        tensor.zero_()
    assert torch.equal(any_generator.render(latent), before)


@pytest.mark.weights
def test_the_default_generators_image_is_its_own():
    generator = load_generator()
    latent = generator.sample(1)
    image, _ = ReferenceSynthesis(generator).paint(latent.w[None])
    torch.testing.assert_close(image, generator.render(latent), rtol=0, atol=1e-3)
