import pickle
import sys
import types
from pathlib import Path

import numpy as np
import pytest
import torch

from photodrag.checkpoints.convert.pickles import read_pickle
from photodrag.errors import CheckpointError

DATA = Path(__file__).parents[1] / "data"


@pytest.fixture
def network_class(monkeypatch):
    """A class that pickles as dnnlib.tflib.network.Network does."""
    for path in ("dnnlib", "dnnlib.tflib", "dnnlib.tflib.network"):
        monkeypatch.setitem(sys.modules, path, types.ModuleType(path))
    network = type("Network", (), {"__module__": "dnnlib.tflib.network"})
    monkeypatch.setattr(sys.modules["dnnlib.tflib.network"], "Network", network, raising=False)

    def make(variables, components=None, version=4, **settings):
        instance = network()
        instance.__dict__.update(
            version=version,
            name="G",
            static_kwargs=settings,
            components=components or {},
            variables=variables,
            build_module_src="raise SystemExit",
        )
        return instance

    return make


def to_tensorflow(tensors):
    """The variables of the mapping and the synthesis part, as TensorFlow keeps them."""
    mapping, synthesis = [], [("lod", np.float32(0))]
    for name, tensor in tensors.items():
        array = tensor.numpy()
        part, *owner, kind = name.split(".")
        if part == "mapping" and owner:
            mapping.append((f"Dense{owner[0][2:]}/{kind}", array.T.copy()))
        elif kind == "const":
            synthesis.append(("4x4/Const/const", array[None]))
        elif part == "synthesis" and kind != "resample_filter":
            synthesis.append(_layer(owner, kind, array))
    return mapping, synthesis


def _layer(owner, kind, array):
    size, layer = int(owner[0][1:]), owner[1]
    names = {"conv0": "Conv0_up", "conv1": "Conv" if size == 4 else "Conv1", "torgb": "ToRGB"}
    prefix = f"{size}x{size}/{names[layer]}"
    if owner[-1] == "affine":
        return f"{prefix}/mod_{kind}", (array.T.copy() if kind == "weight" else array - 1)
    if kind == "noise_const":
        index = int(np.log2(size)) * 2 - (5 if layer == "conv0" else 4)
        return f"noise{index}", array[None, None]
    if kind == "weight":
        array = array.transpose(2, 3, 1, 0)
        array = array[::-1, ::-1] if layer == "conv0" else array
    if kind == "noise_strength":
        return f"{prefix}/{kind}", np.float32(array)
    return f"{prefix}/{kind}", np.ascontiguousarray(array)


def write(path, network_class, tensors, **settings):
    mapping, synthesis = to_tensorflow(tensors)
    parts = {"mapping": network_class(mapping), "synthesis": network_class(synthesis)}
    average = [("lod", np.float32(0)), ("dlatent_avg", tensors["mapping.w_avg"].numpy())]
    generator = network_class(average, parts, **settings)
    path.write_bytes(pickle.dumps((network_class([]), network_class([]), generator), protocol=4))
    return path


def test_same_network_as_the_pytorch_pickle(tmp_path, network_class):
    expected = read_pickle(DATA / "tiny64.pkl")
    path = write(tmp_path / "tf.pkl", network_class, expected.tensors, resolution=64)
    found = read_pickle(path)
    assert found.network == "Gs"
    assert found.config == expected.config
    assert found.tensors.keys() == expected.tensors.keys()
    for name, tensor in expected.tensors.items():
        torch.testing.assert_close(found.tensors[name], tensor, msg=name, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "match"),
    [
        ({"version": 3}, "version 3"),
        ({"architecture": "resnet"}, "architecture"),
        ({"mapping_lrmul": 0.1}, "mapping_lrmul"),
        ({"label_size": 10}, "conditional"),
    ],
)
def test_other_networks_are_refused(tmp_path, network_class, settings, match):
    tensors = read_pickle(DATA / "tiny64.pkl").tensors
    path = write(tmp_path / "tf.pkl", network_class, tensors, **settings)
    with pytest.raises(CheckpointError, match=match):
        read_pickle(path)


def test_single_network_is_refused(tmp_path, network_class):
    path = tmp_path / "tf.pkl"
    path.write_bytes(pickle.dumps((network_class([]),), protocol=4))
    with pytest.raises(CheckpointError, match="expected three"):
        read_pickle(path)
