import pickle
from pathlib import Path

import pytest
import torch

from photodrag.checkpoints.convert.conversion import convert_checkpoint
from photodrag.checkpoints.convert.pickles import read_pickle
from photodrag.checkpoints.store import read_checkpoint
from photodrag.errors import CheckpointError

DATA = Path(__file__).parents[1] / "data"


def test_pickle_becomes_a_checkpoint(tmp_path):
    path = convert_checkpoint(
        DATA / "tiny32_cond.pkl", tmp_path / "a.safetensors", {"licence": "mine"}
    )
    config, tensors, notes = read_checkpoint(path)
    network = read_pickle(DATA / "tiny32_cond.pkl")
    assert config == network.config
    assert notes == {"source": "tiny32_cond.pkl", "network": "G_ema", "licence": "mine"}
    assert tensors.keys() == network.tensors.keys()
    for name, tensor in tensors.items():
        torch.testing.assert_close(tensor, network.tensors[name], rtol=0, atol=0)


def test_bad_pickle_leaves_nothing(tmp_path):
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"G_ema": eval}))
    with pytest.raises(CheckpointError, match=r"builtins\.eval"):
        convert_checkpoint(tmp_path / "a.pkl", tmp_path / "a.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["a.pkl"]


def test_bad_wheel_leaves_nothing(tmp_path):
    (tmp_path / "a.whl").write_bytes(b"no zip file")
    with pytest.raises(CheckpointError):
        convert_checkpoint(tmp_path / "a.whl", tmp_path / "a.safetensors")
    assert [path.name for path in tmp_path.iterdir()] == ["a.whl"]


@pytest.mark.parametrize(
    ("path_in", "path_out", "match"),
    [
        ("none.pkl", "a.safetensors", "not a file"),
        ("a.safetensors", "b.safetensors", "already"),
        ("a.safetensors", "b.pkl", r"\.safetensors"),
    ],
)
def test_wrong_paths_are_refused(tmp_path, path_in, path_out, match):
    (tmp_path / "a.safetensors").touch()
    with pytest.raises(CheckpointError, match=match):
        convert_checkpoint(tmp_path / path_in, tmp_path / path_out)
