import json
import os

import pytest
import safetensors.torch
import torch

from photodrag.checkpoints.networks.config import MobileStyleGANConfig, StyleGAN2Config
from photodrag.checkpoints.store import read_checkpoint, read_notes, save_checkpoint
from photodrag.errors import CheckpointError, OutputError

CONFIG = StyleGAN2Config(resolution=32, conv_clamp=256.0, channel_max=48)
TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.ones(2, dtype=torch.float16)}


def with_header(path, text):
    safetensors.torch.save_file(TENSORS, path, metadata={"photodrag": text})
    return path


@pytest.mark.parametrize("config", [CONFIG, MobileStyleGANConfig(channels=(8, 8, 4))])
def test_everything_comes_back(tmp_path, config):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, config, TENSORS, {"source": "here"})
    found, tensors, notes = read_checkpoint(path)
    assert found == config
    assert notes == {"source": "here"} == read_notes(path)
    assert {name: t.dtype for name, t in tensors.items()} == {
        "a": torch.float32,
        "b": torch.float16,
    }
    torch.testing.assert_close(tensors["a"], TENSORS["a"], rtol=0, atol=0)
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


def test_views_are_stored_whole_and_left_alone(tmp_path):
    whole = torch.arange(12.0).reshape(3, 4)
    save_checkpoint(tmp_path / "a.safetensors", CONFIG, {"x": whole.T, "y": whole[1:]}, {})
    _, tensors, _ = read_checkpoint(tmp_path / "a.safetensors")
    torch.testing.assert_close(tensors["x"], whole.T)
    torch.testing.assert_close(whole, torch.arange(12.0).reshape(3, 4))


def test_other_dtypes_are_refused(tmp_path):
    with pytest.raises(CheckpointError, match="int64"):
        save_checkpoint(tmp_path / "a.safetensors", CONFIG, {"n": torch.tensor([1])}, {})
    assert not list(tmp_path.iterdir())


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        save_checkpoint(tmp_path / "none" / "a.safetensors", CONFIG, TENSORS, {})


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError("disk full")])
def test_failure_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, failure):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, CONFIG, TENSORS, {"which": "old"})

    def fail(_descriptor):
        raise failure

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((KeyboardInterrupt, OutputError)):
        save_checkpoint(path, CONFIG, TENSORS, {"which": "new"})
    assert read_notes(path) == {"which": "old"}
    assert [p.name for p in tmp_path.iterdir()] == ["a.safetensors"]


@pytest.mark.parametrize("data", [b"", b"garbage, not a checkpoint", b"\x80\x04}.", b"\xff" * 99])
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "a.safetensors"
    path.write_bytes(data)
    with pytest.raises(CheckpointError, match="not safetensors, or cut short"):
        read_checkpoint(path)


def test_cut_file_is_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    save_checkpoint(path, CONFIG, TENSORS, {})
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(CheckpointError, match="cut short"):
        read_checkpoint(path)


def test_missing_file_and_folder_are_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.safetensors"):
        with pytest.raises(CheckpointError, match="cannot be read"):
            read_checkpoint(path)


def test_foreign_safetensors_are_refused(tmp_path):
    path = tmp_path / "a.safetensors"
    safetensors.torch.save_file(TENSORS, path)
    with pytest.raises(CheckpointError, match="without photodrag's configuration"):
        read_checkpoint(path)


@pytest.mark.parametrize(
    ("header", "match"),
    [
        ("{", "damaged"),
        ("[]", "no JSON object"),
        ({"format": 2, "kind": "stylegan2", "config": {}, "notes": {}}, "format 2"),
        ({"kind": "stylegan2", "config": {}, "notes": {}}, "format None"),
        (
            {"format": 1, "kind": "stylegan2", "config": [], "notes": {}},
            r"config is \[\]; it must be an object",
        ),
        ({"format": 1, "kind": "glow", "config": {}, "notes": {}}, "glow"),
        ({"format": 1, "kind": "stylegan2", "config": {"x": 1}, "notes": {}}, "no 'x'"),
        ({"format": 1, "kind": "stylegan2", "config": {"resolution": 33}, "notes": {}}, "33"),
    ],
)
def test_damaged_configuration_is_refused(tmp_path, header, match):
    text = header if isinstance(header, str) else json.dumps(header)
    with pytest.raises(CheckpointError, match=match):
        read_checkpoint(with_header(tmp_path / "a.safetensors", text))
