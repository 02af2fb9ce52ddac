"""NVIDIA's numbers on random networks, and small generators with random weights."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import numpy as np
import pytest
import torch

from photodrag.checkpoints import (
    Generator,
    MobileStyleGANConfig,
    StyleGAN2Config,
    generator_from_tensors,
)
from photodrag.checkpoints.convert.pickles import read_pickle

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session", params=["tiny64", "tiny32_cond"])
def reference(request: pytest.FixtureRequest) -> SimpleNamespace:
    """A network of the official code, as `generator`, and what it computed, as `values`."""
    pickle = read_pickle(DATA / f"{request.param}.pkl")
    generator = generator_from_tensors(request.param, pickle.config, dict(pickle.tensors))
    with np.load(DATA / f"{request.param}.npz") as arrays:
        values = {name: torch.from_numpy(arrays[name]) for name in arrays}
    condition = values["c"] if generator.mapping.c_dim else None
    return SimpleNamespace(generator=generator, values=values, condition=condition)


@pytest.fixture(scope="session")
def stylegan2(make_generator: Callable[..., Generator]) -> Generator:
    return make_generator(
        StyleGAN2Config(
            resolution=32, z_dim=16, w_dim=16, mapping_layers=2, channel_base=256, channel_max=16
        )
    )


@pytest.fixture(scope="session")
def mobile(make_generator: Callable[..., Generator]) -> Generator:
    return make_generator(
        MobileStyleGANConfig(z_dim=16, w_dim=16, mapping_layers=2, channels=(16, 12, 8, 4))
    )


FOLDER = "random_face/data"
Z, W = 6, 5
CHANNELS = (8, 8, 4)


class _Graph:
    """Writes an OpenVINO IR: layers and edges as XML, constants one after another."""

    def __init__(self, seed):
        self.draw = np.random.default_rng(seed)
        self.root = ElementTree.Element("net")
        self.layers = ElementTree.SubElement(self.root, "layers")
        self.edges = ElementTree.SubElement(self.root, "edges")
        self.numbers = io.BytesIO()
        self.values = {}

    def add(self, operation, *inputs, name=None):
        identity = str(len(self.layers))
        ElementTree.SubElement(
            self.layers, "layer", id=identity, name=name or f"n{identity}", type=operation
        )
        for port, source in enumerate(inputs):
            ElementTree.SubElement(
                self.edges,
                "edge",
                {
                    "from-layer": source,
                    "from-port": "0",
                    "to-layer": identity,
                    "to-port": str(port),
                },
            )
        return identity

    def const(self, name, *shape):
        values = self.draw.normal(size=shape).astype("<f4")
        self.values[name] = values.astype(float)
        return self._const(name, values, "f32")

    def shape(self):
        """A constant of whole numbers, as reshaping takes it."""
        return self._const(None, np.array([1, -1], "<i8"), "i64")

    def _const(self, name, values, kind):
        identity = self.add("Const", name=name)
        ElementTree.SubElement(
            self.layers[-1],
            "data",
            element_type=kind,
            shape=", ".join(map(str, values.shape)),
            offset=str(self.numbers.tell()),
            size=str(values.nbytes),
        )
        self.numbers.write(values.tobytes())
        return identity

    def files(self, name):
        return {
            f"{name}.xml": ElementTree.tostring(self.root),
            f"{name}.bin": self.numbers.getvalue(),
        }


def _mapping_graph():
    graph = _Graph(1)
    x, width = graph.add("Parameter", name="z"), Z
    for i in range(2):
        product = graph.add("MatMul", x, graph.const(f"w{i}", W, width))
        bias = graph.add("Reshape", graph.const(f"b{i}", W), graph.shape())
        x, width = graph.add("PReLU", graph.add("Add", product, bias)), W
    graph.add("Result", x)
    return graph


def _synthesis_graph():
    graph = _Graph(2)
    w = graph.add("Parameter", name="w")

    def modulated(x, name, channels, scaled=True):
        product = graph.add("MatMul", w, graph.const(f"{name}.weight", channels, W))
        style = graph.add("Add", product, graph.const(f"{name}.bias", 1, channels))
        style = graph.add("Reshape", style, graph.shape())
        if scaled:
            style = graph.add("Multiply", style, graph.const(f"{name} scale", 1, channels, 1, 1))
        return graph.add("Multiply", x, style)

    def finished(x, name, channels, size):
        x = graph.add("Add", x, graph.const(f"{name} noise", 1, 1, size, size))
        x = graph.add("Add", x, graph.const(f"{name}.bias", 1, channels, 1, 1))
        return graph.add("PReLU", x)

    channels, size = CHANNELS[0], 4
    x = graph.const("m.input.input", 1, channels, 4, 4)
    x = modulated(x, "m.conv1.conv.modulation", channels)
    x = graph.add("Convolution", x, graph.const("first weight", channels, channels, 3, 3))
    x = finished(x, "m.conv1", channels, size)
    for level, outputs in enumerate(CHANNELS[1:]):
        name = f"m.layers.{level}"
        x = modulated(x, f"{name}.up.modulation", channels)
        x = graph.add("Haar", x)
        channels, size = channels // 4, 2 * size
        for conv in ("conv1", "conv2"):
            # The published graph scales some of the styles only.
            x = modulated(x, f"{name}.{conv}.conv.modulation", channels, scaled=conv == "conv1")
            weight = graph.const(f"{name}.{conv}.conv.weight_dw", channels, 1, 1, 3, 3)
            x = graph.add("GroupConvolution", x, weight)
            weight = graph.const(f"{name}.{conv} pointwise", outputs, channels, 1, 1)
            x = graph.add("Convolution", x, weight)
            x, channels = finished(x, f"{name}.{conv}", outputs, size), outputs
    last = f"m.layers.{len(CHANNELS) - 2}.to_img"
    x = modulated(x, f"{last}.conv.modulation", channels)
    x = graph.add("Convolution", x, graph.const(f"{last}.conv.weight", 12, channels, 1, 1))
    x = graph.add("Add", x, graph.const(f"{last}.bias", 1, 12, 1, 1))
    graph.add("Result", graph.add("Haar", x))
    return graph


@pytest.fixture(scope="module")
def graphs():
    return _mapping_graph(), _synthesis_graph()


@pytest.fixture
def members(graphs):
    mapping, synthesis = graphs
    return mapping.files("MappingNetwork") | synthesis.files("SynthesisNetwork")


def _write_wheel(path, members):
    with zipfile.ZipFile(path, "w") as wheel:
        for name, data in members.items():
            wheel.writestr(f"{FOLDER}/{name}", data)
    return path


@pytest.fixture
def wheel(tmp_path, members):
    return _write_wheel(tmp_path / "face-1-py3-none-any.whl", members)


@pytest.fixture(scope="session")
def write_wheel():
    """Writes members, by name, as a wheel at a path."""
    return _write_wheel
