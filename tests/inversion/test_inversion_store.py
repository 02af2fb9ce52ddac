import copy
import json
from dataclasses import replace

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from photodrag.checkpoints import MobileStyleGANConfig, build_generator
from photodrag.checkpoints.networks.heads import RenderingHeads
from photodrag.errors import LatentError, OutputError, PhotodragError
from photodrag.inversion import Inversion, Losses, read_inversion, save_inversion

KEY = "photodrag-inversion"


@pytest.fixture
def inversion(inverted_generator, known_latent):
    return Inversion(known_latent, inverted_generator, Losses(0.25, 0.5), tuned=True)


@pytest.fixture
def saved(tmp_path, inversion):
    path = tmp_path / "face.safetensors"
    save_inversion(path, inversion)
    return path


def rewrite(path, **changes):
    """Other entries in the file's description."""
    with safe_open(path, "pt") as file:
        about = json.loads(file.metadata()[KEY])
    save_file(load_file(path), path, {KEY: json.dumps(about | changes)})


def test_inversion_comes_back(saved, inversion, tmp_path):
    found = read_inversion(saved)
    assert torch.equal(found.latent.w, inversion.latent.w)
    assert found.latent.generator == inversion.latent.generator
    assert found.losses == inversion.losses
    assert found.tuned
    assert found.generator.config == inversion.generator.config
    assert torch.equal(
        found.generator.render(found.latent), inversion.generator.render(inversion.latent)
    )
    assert [p.name for p in tmp_path.iterdir()] == ["face.safetensors"]


def test_rendering_heads_come_back(tmp_path):
    config = MobileStyleGANConfig(channels=(32, 32, 16), z_dim=16, w_dim=16, mapping_layers=2)
    heads = RenderingHeads(config, (4, 8))
    with torch.no_grad():
        heads.heads["4"].to_image.bias.fill_(0.3)
    generator = replace(build_generator("tiny", config), heads=heads)
    latent = generator.sample(1)
    path = tmp_path / "face.safetensors"
    save_inversion(path, Inversion(latent, generator, Losses(0.25, 0.5), tuned=True))
    found = read_inversion(path).generator
    assert found.image_resolutions == generator.image_resolutions == (4, 8, 16, 32)
    for size in generator.image_resolutions:
        assert torch.equal(found.render(latent, size), generator.render(latent, size))


def test_files_of_before_the_heads_are_still_read(saved, inversion):
    rewrite(saved, format=1)
    found = read_inversion(saved)
    assert found.generator.heads is None
    assert torch.equal(found.latent.w, inversion.latent.w)


def test_the_generator_before_tuning_is_known(inversion, tmp_path):
    """Also after a file made of what a file told."""
    base, path = inversion.generator, tmp_path / "face.safetensors"
    tuned = base.with_synthesis(copy.deepcopy(base.synthesis))
    with torch.no_grad():
        next(iter(tuned.synthesis.parameters())).add_(1)
    found = replace(inversion, generator=tuned)
    for _ in range(2):
        assert found.base_fingerprint == base.fingerprint
        save_inversion(path, found)
        found = read_inversion(path)
        assert found.generator.fingerprint != base.fingerprint


@pytest.mark.parametrize("tuned", [False, True])
def test_a_file_that_does_not_tell_it_is_still_read(saved, inversion, tmp_path, tuned):
    """A tuned generator is not taken for the one before, nor written down as that."""
    rewrite(saved, base="", tuned=tuned)
    known = "" if tuned else inversion.generator.fingerprint
    again = tmp_path / "again.safetensors"
    for path in (saved, again):
        found = read_inversion(path)
        assert found.base_fingerprint == known
        save_inversion(again, found)


@pytest.mark.parametrize("part", [0, 4, 0.5, 0.99])
def test_cut_file_is_refused(saved, part):
    data = saved.read_bytes()
    saved.write_bytes(data[: part if isinstance(part, int) else int(part * len(data))])
    with pytest.raises(LatentError, match=r"face\.safetensors cannot be read"):
        read_inversion(saved)


def test_missing_file_is_refused(tmp_path):
    with pytest.raises(LatentError, match="none"):
        read_inversion(tmp_path / "none.safetensors")


def test_folder_is_refused(tmp_path):
    with pytest.raises(LatentError, match="cannot be read"):
        read_inversion(tmp_path)


def test_other_safetensors_are_refused(tmp_path):
    save_file({"a": torch.ones(1)}, tmp_path / "a.safetensors")
    with pytest.raises(LatentError, match="not a photodrag inversion"):
        read_inversion(tmp_path / "a.safetensors")


@pytest.mark.parametrize(
    "changes",
    [
        {"format": 99},
        {"heads": [8]},
        {"config": {"kind": "biggan"}},
        {"config": "stylegan2"},
        {"config": None},
        {"losses": {}},
        {"losses": [1, 2]},
        {"losses": {"pixel": "low", "perceptual": 1}},
    ],
)
def test_description_that_does_not_fit_is_refused(saved, changes):
    rewrite(saved, **changes)
    with pytest.raises(PhotodragError):
        read_inversion(saved)


@pytest.mark.parametrize("about", ["", "[]", "3", "{", "null"])
def test_description_that_is_none_is_refused(saved, about):
    save_file(load_file(saved), saved, {KEY: about})
    with pytest.raises(LatentError):
        read_inversion(saved)


def test_latent_that_does_not_fit_its_generator_is_refused(saved):
    with safe_open(saved, "pt") as file:
        metadata = file.metadata()
    tensors = load_file(saved)
    tensors["latent.w"] = torch.zeros(3, 16)
    save_file(tensors, saved, metadata)
    with pytest.raises(LatentError, match=r"\(3, 16\)"):
        read_inversion(saved)


def test_missing_folder_is_refused(inversion, tmp_path):
    with pytest.raises(OutputError):
        save_inversion(tmp_path / "none" / "a.safetensors", inversion)
