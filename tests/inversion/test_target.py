import numpy as np
import pytest
import torch

from photodrag.alignment.face_measures import face_outline
from photodrag.inversion import LossSettings, make_target
from photodrag.inversion.target import face_weight, shrink


def picture(size=64, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (size, size, 3), np.uint8)


def test_target_is_the_crop_in_minus_one_to_one(make_crop, perceptual):
    crop = make_crop(picture())
    target = make_target(crop, 64, perceptual, LossSettings(resolution=32))
    assert target.full.shape == (1, 3, 64, 64)
    assert target.fine.image.shape == (1, 3, 32, 32)
    expected = crop.pixels.astype(float).transpose(2, 0, 1) / 127.5 - 1
    np.testing.assert_allclose(target.full[0].numpy(), expected, atol=1e-6)
    assert float(target.fine.weight.mean()) == pytest.approx(1, rel=1e-4)


def test_the_crop_itself_has_no_loss(make_crop, perceptual):
    target = make_target(make_crop(picture()), 64, perceptual, LossSettings(resolution=64))
    same, other = target.losses(target.full), target.losses(-target.full)
    assert same.pixel == 0
    assert same.perceptual == pytest.approx(0, abs=1e-6)
    assert float(target.sharp(target.full)) == 0
    assert other.pixel > 0.1
    assert other.perceptual > 0.01
    total = target.total(torch.tensor(other.pixel), torch.tensor(other.perceptual))
    weight = target.settings.perceptual_weight
    assert float(total) == pytest.approx(other.pixel + weight * other.perceptual)


def test_crop_of_another_size_is_resized(make_crop, perceptual):
    target = make_target(make_crop(picture(128)), 64, perceptual, LossSettings(resolution=256))
    assert target.full.shape == target.fine.image.shape == (1, 3, 64, 64)


def test_face_counts_more_than_background(make_crop):
    weight = face_weight(make_crop(picture()), background=0.2)
    assert weight[32, 32] == pytest.approx(1, abs=0.01)
    assert weight[2, 2] == pytest.approx(0.2, abs=0.01)
    assert weight.min() >= 0.2 - 1e-6
    assert weight.max() <= 1 + 1e-6


def test_outside_the_photo_nothing_counts(make_crop, perceptual):
    valid = np.ones((64, 64), bool)
    valid[:, :20] = False
    crop = make_crop(picture(), valid)
    assert (face_weight(crop, 0.2)[:, :20] == 0).all()
    target = make_target(crop, 64, perceptual, LossSettings(resolution=64))
    image = target.full.clone()
    image[..., :20] = 0
    assert float(target.compare(image)[0]) == 0
    assert float(target.sharp(image)) == 0


def test_outline_holds_the_landmarks_and_the_forehead(make_crop):
    landmarks = make_crop(picture()).face.landmarks
    outline = face_outline(landmarks)
    for axis in (0, 1):
        assert outline[:, axis].min() <= landmarks[:, axis].min()
        assert outline[:, axis].max() >= landmarks[:, axis].max()
    assert outline[:, 1].min() < landmarks[17:27, 1].min() - 5


def test_shrink_averages():
    image = torch.arange(16.0).reshape(1, 1, 4, 4)
    torch.testing.assert_close(shrink(image, 2)[0, 0], torch.tensor([[2.5, 4.5], [10.5, 12.5]]))
    assert shrink(image, 4) is image
    assert shrink(image, 8).shape == (1, 1, 8, 8)


def test_loss_has_a_gradient(photo_target):
    image = torch.zeros(1, 3, 64, 64, requires_grad=True)
    photo_target.total(*photo_target.compare(image)).backward()
    assert torch.isfinite(image.grad).all()
    assert image.grad.abs().max() > 0


def test_another_background_is_as_if_the_target_were_made_with_it(make_crop, perceptual):
    valid = np.ones((64, 64), bool)
    valid[:, :20] = False
    crop = make_crop(picture(), valid)
    target = make_target(crop, 64, perceptual, LossSettings(resolution=32, background=0.2))
    other = target.with_background(0.7)
    wanted = make_target(crop, 64, perceptual, LossSettings(resolution=32, background=0.7))
    assert other.settings == wanted.settings
    assert torch.equal(other.full_weight, wanted.full_weight)
    for scale, expected in ((other.fine, wanted.fine), (other.coarse, wanted.coarse)):
        assert torch.equal(scale.weight, expected.weight)
        assert torch.equal(scale.image, expected.image)
    assert not torch.equal(target.fine.weight, other.fine.weight)
