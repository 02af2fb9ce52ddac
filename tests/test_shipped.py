"""What was fitted to the default generator and travels with the package belongs to its weights."""

import json
from pathlib import Path

import pytest
import safetensors

from photodrag.checkpoints import load_generator, locate
from photodrag.inversion.encoder import find_encoder
from photodrag.pipeline.guide.landmark_statistics import find_statistics

ROOT = Path(__file__).parents[1]


def named_fingerprints():
    """By file, the fingerprint of the generator that it says it was fitted to."""
    found = {}
    for path in [*ROOT.glob("*/data/*.safetensors"), *ROOT.glob("*/*/data/*.safetensors")]:
        with safetensors.safe_open(path, "pt") as file:
            (about,) = map(json.loads, file.metadata().values())
        if "fingerprint" in about:  # others belong to no generator
            found[path.name] = about["fingerprint"]
    return found


def test_all_were_fitted_to_one_generator():
    found = named_fingerprints()
    assert set(found) == {
        "ffhq-mobile-encoder.safetensors",
        "ffhq-mobile-heads.safetensors",
        "ffhq-mobile-landmarks.safetensors",
    }
    assert len(set(found.values())) == 1


@pytest.mark.weights
@pytest.mark.skipif(locate("ffhq-mobile") is None, reason="ffhq-mobile has not been fetched")
def test_the_default_generator_is_that_one_on_this_machine():
    """Without them everything works, but slowly and by features alone: nobody would be told."""
    generator = load_generator()
    assert {generator.fingerprint} == set(named_fingerprints().values())
    assert generator.image_resolutions[:2] == (128, 256)
    assert find_encoder(generator) is not None
    assert find_statistics(generator) is not None
