"""Kept paintings: as they were, or refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.errors import LatentError
from photodrag.pipeline.cache.inversion_cache import decode_rendering, encode_rendering
from photodrag.pipeline.cache.keys import rendering_key
from photodrag.pipeline.guide.painted_face import RenderedFace


def test_painting_comes_back_bit_for_bit():
    image = np.arange(48, dtype=np.uint8).reshape(3, 4, 4).transpose(1, 2, 0)
    rendering = RenderedFace(image, np.linspace(0, 1, 136).reshape(68, 2))
    back = decode_rendering(encode_rendering(rendering))
    np.testing.assert_array_equal(back.image, rendering.image)
    np.testing.assert_array_equal(back.landmarks, rendering.landmarks)
    assert back.image.dtype == np.uint8
    others = (
        replace(rendering, image=image[0]),
        replace(rendering, image=np.zeros((), np.uint8)),
        replace(rendering, image=image[:2]),
        replace(rendering, landmarks=rendering.landmarks.astype(np.float32)),
    )
    for wrong in (encode_rendering(rendering)[:-5], b"", *map(encode_rendering, others)):
        with pytest.raises(LatentError):
            decode_rendering(wrong)


def test_paintings_have_a_version(monkeypatch):
    latent = Latent(torch.zeros(2, 4), "tiny")
    before = rendering_key("key", latent, "whole")
    monkeypatch.setattr("photodrag.pipeline.cache.keys.RENDERINGS_VERSION", 99)
    assert rendering_key("key", latent, "whole") != before
