import json
import sys
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from photodrag.checkpoints import (
    MobileStyleGANConfig,
    generator_from_tensors,
    load_generator,
    save_checkpoint,
)
from photodrag.checkpoints.cache import checkpoint_folder
from photodrag.checkpoints.loading import FILES, with_heads
from photodrag.errors import CacheWarning, CheckpointError, UnknownCheckpointError

DATA = Path(__file__).parent / "data"


def tensors_of(generator):
    return {
        f"{prefix}.{name}": tensor.clone()
        for prefix, module in (("mapping", generator.mapping), ("synthesis", generator.synthesis))
        for name, tensor in module.state_dict().items()
    }


@pytest.mark.parametrize("kind", ["stylegan2", "mobile"])
def test_saved_generator_paints_the_same(request, tmp_path, kind):
    generator = request.getfixturevalue(kind)
    path = tmp_path / "mine.safetensors"
    save_checkpoint(path, generator.config, tensors_of(generator), {})
    loaded = load_generator(path)
    assert loaded.name == "mine"
    assert loaded.config == generator.config
    latent = generator.sample(0)
    torch.testing.assert_close(loaded.sample(0).w, latent.w, rtol=0, atol=0)
    torch.testing.assert_close(loaded.render(latent), generator.render(latent), rtol=0, atol=0)


def test_network_pickle_loads_by_its_path(reference):
    loaded = load_generator(DATA / f"{reference.generator.name}.pkl")
    ws = reference.values["wplus"]
    torch.testing.assert_close(
        loaded.synthesis(ws), reference.values["image_wplus_const"], rtol=0, atol=1e-4
    )


def test_half_precision_weights_load_as_float32(stylegan2, tmp_path):
    halves = {name: tensor.half() for name, tensor in tensors_of(stylegan2).items()}
    path = tmp_path / "half.safetensors"
    save_checkpoint(path, stylegan2.config, halves, {})
    loaded = load_generator(path)
    assert {tensor.dtype for tensor in tensors_of(loaded).values()} == {torch.float32}
    assert torch.isfinite(loaded.render(loaded.sample(0))).all()


@pytest.mark.parametrize("name", ["mapping.fc0.weight", "synthesis.b8.conv0.affine.bias"])
def test_missing_weight_is_refused(stylegan2, name):
    tensors = tensors_of(stylegan2)
    del tensors[name]
    with pytest.raises(CheckpointError, match=name.split(".", 1)[1]):
        generator_from_tensors("mine", stylegan2.config, tensors)


@pytest.mark.parametrize("name", ["mapping.extra", "synthesis.b8.extra"])
def test_left_over_weight_is_refused(stylegan2, name):
    with pytest.raises(CheckpointError, match=name.split(".", 1)[1]):
        generator_from_tensors(
            "mine", stylegan2.config, tensors_of(stylegan2) | {name: torch.ones(1)}
        )


def test_weight_outside_both_networks_is_refused(stylegan2):
    with pytest.raises(CheckpointError, match=r"encoder\.weight"):
        generator_from_tensors(
            "mine", stylegan2.config, tensors_of(stylegan2) | {"encoder.weight": torch.ones(1)}
        )


def test_weight_of_another_shape_is_refused_in_one_line(stylegan2):
    tensors = tensors_of(stylegan2) | {"synthesis.b4.const": torch.ones(2, 4, 4)}
    with pytest.raises(CheckpointError, match=r"b4\.const") as caught:
        generator_from_tensors("mine", stylegan2.config, tensors)
    assert "\n" not in str(caught.value)


def test_unknown_name_is_refused():
    with pytest.raises(UnknownCheckpointError, match="ffhq-nobody"):
        load_generator("ffhq-nobody")


@pytest.mark.parametrize("suffix", ["pkl", "safetensors"])
def test_file_that_is_no_checkpoint_is_refused(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    path.write_bytes(b"neither of them")
    with pytest.raises(CheckpointError, match=f"a.{suffix}"):
        load_generator(path)


@pytest.mark.parametrize(
    "change",
    [
        {"w_dim": 16_000},
        {"w_dim": 2**40},
        {"z_dim": 2**70},
        {"c_dim": 100_000},
        {"mapping_layers": 64},
        {"mapping_layers": 100_000},
        {"resolution": 8192, "channel_base": 8192},
        {"resolution": 2**40, "channel_base": 2**40},
        {"channel_max": 2**14, "channel_base": 2**19},
    ],
    ids=str,
)
def test_a_small_file_cannot_ask_for_a_large_network(stylegan2, tmp_path, change):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, stylegan2.config, {"mapping.w_avg": torch.zeros(2)}, {})
    note = json.dumps({**asdict(stylegan2.config), **change})
    data = path.read_bytes()
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    inner = json.loads(header["__metadata__"]["photodrag"])
    header["__metadata__"]["photodrag"] = json.dumps({**inner, "config": json.loads(note)})
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[-8:])
    begin = time.process_time()
    with pytest.raises(CheckpointError) as caught:
        load_generator(path)
    assert time.process_time() - begin < 5
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("levels", [40, 10])
def test_so_it_is_with_levels(levels):
    def build():
        config = MobileStyleGANConfig(z_dim=8, w_dim=8, channels=(2**14,) * levels)
        return generator_from_tensors("mine", config, {})

    with pytest.raises(CheckpointError):
        build()


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_refused(stylegan2, tmp_path, value):
    tensors = tensors_of(stylegan2)
    tensors["synthesis.b4.const"][0, 0, 0] = value
    save_checkpoint(tmp_path / "a.safetensors", stylegan2.config, tensors, {})
    with pytest.raises(CheckpointError, match=r"b4\.const holds infinite or undefined numbers"):
        load_generator(tmp_path / "a.safetensors")


def test_heads_that_do_not_fit_are_told(mobile, tmp_path):
    FILES.format.write(
        tmp_path / "test-heads.safetensors", {"a": torch.zeros(1)}, {"fingerprint": "another"}
    )
    with pytest.warns(CacheWarning, match="not those that were published"):
        assert with_heads(replace(mobile, name="test"), tmp_path).heads is None
    assert with_heads(replace(mobile, name="other"), tmp_path).heads is None


def test_a_checkpoint_of_before_that_is_another_is_fetched_again(mobile, tmp_path, monkeypatch):
    """Without a note of what was fetched: photodrag's own files know the published weights."""
    monkeypatch.setenv("PHOTODRAG_CACHE", str(tmp_path))  # the usual one leads to the user's files
    path = checkpoint_folder() / "ffhq-mobile.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    save_checkpoint(path, mobile.config, tensors_of(mobile), {})
    asked = []

    class Fetch:
        def __init__(self, name, force):
            asked.append((name, force))

        def finish(self):
            return path

    monkeypatch.setattr(sys.modules["photodrag.checkpoints.loading"], "fetch", Fetch)
    with pytest.warns(CacheWarning) as told:
        load_generator("ffhq-mobile")
    assert asked == [("ffhq-mobile", True)]
    assert "is fetched again" in str(told[0].message)
    assert "not those that were published" in str(told[1].message)
