"""Kept paintings: as they were, or refused."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from photodrag.checkpoints import Latent
from photodrag.errors import LatentError
from photodrag.pipeline.cache.inversion_cache import decode_look, encode_look
from photodrag.pipeline.cache.keys import look_key
from photodrag.pipeline.guide.painted_face import Look


def test_painting_comes_back_bit_for_bit():
    image = np.arange(48, dtype=np.uint8).reshape(3, 4, 4).transpose(1, 2, 0)
    look = Look(image, np.linspace(0, 1, 136).reshape(68, 2))
    back = decode_look(encode_look(look))
    np.testing.assert_array_equal(back.image, look.image)
    np.testing.assert_array_equal(back.marks, look.marks)
    assert back.image.dtype == np.uint8
    others = (
        replace(look, image=image[0]),
        replace(look, image=np.zeros((), np.uint8)),
        replace(look, image=image[:2]),
        replace(look, marks=look.marks.astype(np.float32)),
    )
    for wrong in (encode_look(look)[:-5], b"", *map(encode_look, others)):
        with pytest.raises(LatentError):
            decode_look(wrong)


def test_paintings_have_a_version(monkeypatch):
    latent = Latent(torch.zeros(2, 4), "tiny")
    before = look_key("key", latent, "whole")
    monkeypatch.setattr("photodrag.pipeline.cache.keys.LOOKS_VERSION", 99)
    assert look_key("key", latent, "whole") != before
