"""The published MobileStyleGAN student, out of an OpenVINO IR (an XML graph and a file of numbers).

Nothing is executed: the graph names its constants, and those without a telling name are found by
walking from the named ones. The style's constant scale is folded into the modulation.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.errors import CheckpointError

from ..generator import build_mapping
from ..networks.config import MobileStyleGANConfig
from ..networks.filling import filled
from ..networks.mapping import MAPPING_LEARNING_RATE_MULTIPLIER
from ..networks.statistics import measure_w

FloatArray = NDArray[np.float32]
_FOLDER = "random_face/data"
_MAPPING, _SYNTHESIS = "MappingNetwork", "SynthesisNetwork"
_MEAN_SAMPLES = 16384
_MOST_LAYERS = 64
_MAX_GRAPH = 4 * 2**20  # bytes of XML; the student's has a tenth of it
_MAX_NUMBERS = 256 * 2**20  # bytes; a network of this family has some 32 MB
_MAX_RATIO = 8  # of numbers that are compressed: they hardly can be


def read_mobile_wheel(
    path: Path,
) -> tuple[MobileStyleGANConfig, dict[str, Tensor], dict[str, str]]:
    """Configuration, tensors and notes of the student in a `random-face` wheel (a zip file)."""
    try:
        with zipfile.ZipFile(path) as wheel:
            mapping, synthesis = (_read_graph(wheel, name) for name in (_MAPPING, _SYNTHESIS))
        synthesis_tensors, channels = _synthesis_tensors(synthesis)
        mapping_tensors, layers = _mapping_tensors(mapping)
        config = MobileStyleGANConfig(
            z_dim=mapping_tensors["mapping.fc0.weight"].shape[1],
            w_dim=mapping_tensors["mapping.fc0.weight"].shape[0],
            mapping_layers=layers,
            channels=channels,
        )
        mapping_tensors["mapping.w_avg"] = _mean_w(config, mapping_tensors)
    except Exception as error:  # a strange graph can fail in any way
        reason = " ".join(str(error).split()) or type(error).__name__
        raise CheckpointError(
            f"{path} does not hold the MobileStyleGAN student: {reason:.300}; fetch it again"
        ) from error
    return config, mapping_tensors | synthesis_tensors, {"source": path.name}


def _mean_w(config: MobileStyleGANConfig, tensors: dict[str, Tensor]) -> Tensor:
    """The mean of W, which the student does not carry, from random latents."""
    own = {name.removeprefix("mapping."): tensor for name, tensor in tensors.items()}
    mapping = filled(lambda: build_mapping(config), own | {"w_avg": torch.zeros(config.w_dim)})
    return measure_w(mapping, _MEAN_SAMPLES).mean


@dataclass(frozen=True)
class _Graph:
    constants: dict[str, FloatArray]  # by layer id
    names: dict[str, str]  # layer name -> id
    types: dict[str, str]  # layer id -> operation
    inputs: dict[str, list[str]]  # layer id -> the ids that feed it, by port
    users: dict[str, list[str]]  # layer id -> the ids that it feeds

    def named(self, name: str) -> FloatArray:
        return self.constants[self.names[name]]

    def user(self, layer: str, operation: str) -> str:
        """The one layer of an operation that takes a layer's output."""
        found = [user for user in self.users.get(layer, []) if self.types[user] == operation]
        if len(found) != 1:
            raise ValueError(f"layer {layer} feeds {len(found)} layers of type {operation}, not 1")
        return found[0]

    def constant_input(self, layer: str) -> FloatArray:
        """The one constant among a layer's inputs."""
        found = [self.constants[i] for i in self.inputs[layer] if i in self.constants]
        if len(found) != 1:
            raise ValueError(f"layer {layer} has {len(found)} constant inputs, not 1")
        return found[0]


def _read_graph(wheel: zipfile.ZipFile, name: str) -> _Graph:
    members = [f"{_FOLDER}/{name}.xml", f"{_FOLDER}/{name}.bin"]
    for member, most in zip(members, (_MAX_GRAPH, _MAX_NUMBERS), strict=True):
        if wheel.getinfo(member).file_size > most:
            raise ValueError(f"{member} is larger than {most} bytes")
    packed = wheel.getinfo(members[1])
    if packed.file_size > max(_MAX_RATIO * packed.compress_size, _MAX_GRAPH):
        raise ValueError(f"{members[1]} holds no numbers of a network")
    text, numbers = (wheel.read(member) for member in members)
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\0" in text:  # \0: UTF-16 could hide them
        raise ValueError(f"{members[0]} declares entities, which a network never needs")
    root = ElementTree.fromstring(text)  # noqa: S314 (entities are refused above)
    constants: dict[str, FloatArray] = {}
    names: dict[str, str] = {}
    types: dict[str, str] = {}
    for layer in root.iterfind("layers/layer"):
        identity = layer.attrib["id"]
        names[layer.attrib["name"]] = identity
        types[identity] = layer.attrib["type"]
        data = layer.find("data")
        if types[identity] == "Const" and data is not None and data.get("element_type") == "f32":
            constants[identity] = _constant(data.attrib, numbers)
    inputs: dict[str, list[tuple[int, str]]] = {}
    users: dict[str, list[str]] = {}
    for edge in root.iterfind("edges/edge"):
        source, target = edge.attrib["from-layer"], edge.attrib["to-layer"]
        inputs.setdefault(target, []).append((int(edge.attrib["to-port"]), source))
        users.setdefault(source, []).append(target)
    ordered = {layer: [source for _, source in sorted(ports)] for layer, ports in inputs.items()}
    return _Graph(constants, names, types, ordered, users)


def _constant(data: dict[str, str], numbers: bytes) -> FloatArray:
    shape = [int(part) for part in data["shape"].split(",") if part.strip()]
    start, size = int(data["offset"]), int(data["size"])
    if start < 0 or size < 0 or start + size > len(numbers) or size != 4 * int(np.prod(shape)):
        raise ValueError(f"a constant of {size} bytes at {start} does not fit its file")
    return np.frombuffer(numbers, "<f4", size // 4, start).reshape(shape)


def _mapping_tensors(graph: _Graph) -> tuple[dict[str, Tensor], int]:
    """Eight fully connected layers, each a MatMul and an Add, in the order of the graph."""
    tensors: dict[str, Tensor] = {}
    layer, count = _first(graph, "MatMul"), 0
    while True:
        added = graph.user(layer, "Add")
        prefix = f"mapping.fc{count}"
        weight = graph.constant_input(layer)
        (reshaped,) = (i for i in graph.inputs[added] if graph.types[i] == "Reshape")
        bias = graph.constant_input(reshaped)
        # The graph holds runtime weights; the network stores them divided by their scale.
        multiplier = MAPPING_LEARNING_RATE_MULTIPLIER
        if weight.ndim != 2:
            raise ValueError(f"a mapping layer's weight has the shape {weight.shape}")
        scale = multiplier / weight.shape[1] ** 0.5
        tensors[f"{prefix}.weight"] = torch.from_numpy(weight / np.float32(scale))
        tensors[f"{prefix}.bias"] = torch.from_numpy(bias.ravel() / np.float32(multiplier))
        count += 1
        following = _next(graph, added, "MatMul")
        if following is None:
            return tensors, count
        if f"mapping.fc{_MOST_LAYERS - 1}.weight" in tensors:
            raise ValueError(
                f"the mapping network has more than {_MOST_LAYERS} layers, or a circle"
            )
        layer = following


def _first(graph: _Graph, operation: str) -> str:
    return min((i for i, kind in graph.types.items() if kind == operation), key=int)


def _next(graph: _Graph, layer: str, operation: str) -> str | None:
    """The first layer of an operation downstream, or None."""
    waiting, seen = [layer], {layer}
    while waiting:
        current = waiting.pop(0)
        for user in graph.users.get(current, []):
            if graph.types[user] == operation:
                return user
            if user not in seen:
                seen.add(user)
                waiting.append(user)
    return None


def _synthesis_tensors(graph: _Graph) -> tuple[dict[str, Tensor], tuple[int, ...]]:
    tensors = {"synthesis.const": _tensor(graph.named("m.input.input"))}
    tensors |= _modulation(graph, "m.conv1.conv.modulation", "synthesis.first.modulation")
    convolution = graph.user(_multiply_of(graph, "m.input.input"), "Convolution")
    tensors |= _after(graph, convolution, "m.conv1.bias", "synthesis.first", "weight")
    channels = [graph.named("m.conv1.bias").size]
    level = 0
    while f"m.layers.{level}.up.modulation.weight" in graph.names:
        old, new = f"m.layers.{level}", f"synthesis.levels.{level}"
        tensors |= _modulation(graph, f"{old}.up.modulation", f"{new}.up")
        for conv in ("conv1", "conv2"):
            tensors |= _modulation(
                graph, f"{old}.{conv}.conv.modulation", f"{new}.{conv}.modulation"
            )
            depthwise = graph.names[f"{old}.{conv}.conv.weight_dw"]
            weight = graph.constants[depthwise]
            tensors[f"{new}.{conv}.depthwise"] = _tensor(weight.reshape(-1, 1, 3, 3))
            pointwise = graph.user(graph.user(depthwise, "GroupConvolution"), "Convolution")
            tensors |= _after(graph, pointwise, f"{old}.{conv}.bias", f"{new}.{conv}", "pointwise")
        channels.append(graph.named(f"{old}.conv2.bias").size)
        level += 1
    last = f"m.layers.{level - 1}.to_img"
    tensors |= _modulation(graph, f"{last}.conv.modulation", "synthesis.to_image.modulation")
    tensors["synthesis.to_image.weight"] = _tensor(graph.named(f"{last}.conv.weight"))
    tensors["synthesis.to_image.bias"] = _tensor(graph.named(f"{last}.bias").ravel())
    return _group_bands(tensors, level), tuple(channels)


def _group_bands(tensors: dict[str, Tensor], levels: int) -> dict[str, Tensor]:
    """Reorder the channels that feed a Haar transform: each detail band in one run.

    The published order is C low-pass channels, then (vertical, horizontal, diagonal) for each.
    """
    painters = ["synthesis.first", *(f"synthesis.levels.{i}.conv2" for i in range(levels - 1))]
    feeding = [f"synthesis.levels.{i}.up" for i in range(levels)]
    for painter, modulation in zip(painters, feeding, strict=True):
        weight = "weight" if painter == "synthesis.first" else "pointwise"
        names = [f"{painter}.{weight}", f"{painter}.bias"]
        names += [f"{modulation}.weight", f"{modulation}.bias"]
        for name in names:
            tensors[name] = _grouped(tensors[name])
    for name in ("synthesis.to_image.weight", "synthesis.to_image.bias"):
        tensors[name] = _grouped(tensors[name])
    return tensors


def _grouped(rows: Tensor) -> Tensor:
    low = len(rows) // 4
    details = rows[low:].reshape(low, 3, *rows.shape[1:]).transpose(0, 1).flatten(0, 1)
    return torch.cat([rows[:low], details])


def _modulation(graph: _Graph, old: str, new: str) -> dict[str, Tensor]:
    """Weight and bias of a style, times the constant that the graph multiplies it with."""
    added = graph.user(graph.names[f"{old}.bias"], "Add")
    product = graph.user(graph.user(added, "Reshape"), "Multiply")
    scales = [graph.constants[i] for i in graph.inputs[product] if i in graph.constants]
    scale = scales[0].ravel() if scales else np.ones(1, np.float32)
    weight = graph.named(f"{old}.weight")
    if weight.ndim != 2 or scale.size not in (1, len(weight)):
        raise ValueError(f"{old} has weights {weight.shape} and {scale.size} scales")
    return {
        f"{new}.weight": _tensor(weight * scale[:, None]),
        f"{new}.bias": _tensor(graph.named(f"{old}.bias").ravel() * scale),
    }


def _multiply_of(graph: _Graph, name: str) -> str:
    found = _next(graph, graph.names[name], "Multiply")
    if found is None:
        raise ValueError(f"{name} is not modulated")
    return found


def _after(graph: _Graph, convolution: str, bias: str, new: str, weight: str) -> dict[str, Tensor]:
    """Weight of a convolution, and the constant noise and the bias that are added after it."""
    noise = graph.user(convolution, "Add")
    return {
        f"{new}.{weight}": _tensor(graph.constant_input(convolution)),
        f"{new}.noise": _tensor(graph.constant_input(noise)[0, 0]),
        f"{new}.bias": _tensor(graph.named(bias).ravel()),
    }


def _tensor(array: FloatArray) -> Tensor:
    return torch.from_numpy(np.array(array, dtype=np.float32, order="C"))
