"""NVIDIA's network pickles: the generator in them as a configuration and named tensors."""

from __future__ import annotations

import math
import mmap
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import torch
from torch import Tensor

from photodrag.errors import CheckpointError

from ..networks.config import StyleGAN2Config
from .pickle_config import config_from_tensors
from .pickle_machine import NetworkUnpickler
from .pickle_modules import ModuleShell, Shell
from .pickle_opcodes import shown
from .tensorflow_pickles import tensorflow_generator

MAX_PICKLE_BYTES = 4 * 2**30
"""Larger files are refused unread; the largest of NVIDIA's has a tenth of it."""
_MAX_MODULES = 4096
_MAX_DEPTH = 16
_MAX_TENSORS = 16384  # the largest network of NVIDIA's has some 300
_MAPPING_RATE = 0.01  # the learning-rate multiplier of every published mapping network


@dataclass(frozen=True, eq=False)
class NetworkPickle:
    """The generator found in a network pickle."""

    config: StyleGAN2Config
    tensors: dict[str, Tensor]
    """Parameters and buffers under NVIDIA's names, float32, contiguous, on the CPU."""
    network: str
    """Which of the pickle's networks it is: "G_ema", or "Gs" in TensorFlow's pickles."""


def read_pickle(path: str | Path) -> NetworkPickle:
    """Read the generator (the moving average G_ema) of a StyleGAN2 network pickle.

    The pickle can build tensors, dicts and inert module shells; anything else that it asks for
    raises `UnsafePickleError` and has no effect. Source code inside it is not looked at.
    """
    path = Path(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            _check_start(file.read(16), size)
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                content = NetworkUnpickler(cast(Any, data), size).load()
        network = _generator(content, size)
        return replace(network, tensors=_checked_numbers(network.tensors, size))
    except CheckpointError as error:
        raise type(error)(f"{path}: {error}") from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    except Exception as error:  # a damaged pickle can fail in any way; none of them is a result
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"{path} is not a network pickle, or is damaged or cut short "
            f"({type(error).__name__}: {reason:.120}); fetch it again"
        ) from error


def _check_start(start: bytes, size: int) -> None:
    """Name the common files that are no pickle, and refuse what cannot be one."""
    if size == 0:
        raise CheckpointError("the file is empty; fetch it again")
    if size > MAX_PICKLE_BYTES:
        raise CheckpointError(
            f"the file has {size} bytes; a network pickle has at most {MAX_PICKLE_BYTES}"
        )
    if start.startswith(b"PK\x03\x04"):
        raise CheckpointError(
            "the file is a zip archive (a torch.save file?), not one of NVIDIA's network pickles"
        )
    if start.lstrip().startswith(b"<"):
        raise CheckpointError("the file is a web page, not a network pickle; fetch it again")
    if start[8:9] == b"{" and int.from_bytes(start[:8], "little") < size:
        raise CheckpointError("the file is safetensors, not a pickle; name it .safetensors")


def _generator(content: object, size: int) -> NetworkPickle:
    if isinstance(content, tuple) and all(type(network) is Shell for network in content):
        if len(content) != 3:
            raise CheckpointError(
                f"a TensorFlow pickle with {len(content)} networks; expected three: G, D, Gs"
            )
        found, clamp = tensorflow_generator(content[2], size)
        return NetworkPickle(config_from_tensors(found, clamp), found, "Gs")
    if type(content) is not dict:
        raise CheckpointError(
            f"the pickle holds a {type(content).__name__}, not a dict with the network G_ema"
        )
    generator = content.get("G_ema")
    if not isinstance(generator, ModuleShell):
        holds = ", ".join(sorted(str(name) for name in content)) or "nothing"
        raise CheckpointError(
            f"the pickle has no network G_ema (it holds: {holds:.200}); photodrag reads the "
            "pickles of NVIDIA's stylegan2-ada-pytorch and stylegan3 code"
        )
    modules = dict(_walk(generator))
    _check_kind(modules)
    tensors: dict[str, Tensor] = {}
    for path, module in modules.items():
        tensors.update(_own(path, module))
        if len(tensors) > _MAX_TENSORS:  # modules may share theirs
            raise CheckpointError(f"the network has more than {_MAX_TENSORS} tensors")
    config = config_from_tensors(tensors, _conv_clamp(modules))
    _check_mapping_rate(modules, config)
    return NetworkPickle(config, tensors, "G_ema")


def _walk(root: ModuleShell) -> Iterator[tuple[str, ModuleShell]]:
    """Every module under its dotted name; a pickle may hold loops, so depth and count are bound."""
    waiting = [("", root, 0)]
    count = 0
    while waiting:
        path, module, depth = waiting.pop()
        count += 1
        if depth > _MAX_DEPTH or count > _MAX_MODULES:
            raise CheckpointError(
                f"the network has more than {_MAX_MODULES} modules or is nested deeper than "
                f"{_MAX_DEPTH}; it is damaged or made to be endless"
            )
        yield path, module
        for name, child in module.children().items():
            if not isinstance(child, ModuleShell):
                raise CheckpointError(f"{path}.{name} is a {type(child).__name__}, not a module")
            waiting.append((f"{path}.{name}" if path else str(name), child, depth + 1))


def _own(path: str, module: ModuleShell) -> Iterator[tuple[str, Tensor]]:
    for name, tensor in module.tensors().items():
        full = f"{path}.{name}" if path else str(name)
        if not isinstance(tensor, Tensor) or not tensor.is_floating_point():
            raise CheckpointError(f"{full} holds no floating-point numbers; the file is damaged")
        yield full, tensor


def _check_kind(modules: dict[str, ModuleShell]) -> None:
    if "synthesis.input" in modules or any(name.startswith("synthesis.L") for name in modules):
        raise CheckpointError(
            "the generator is a StyleGAN3 (alias-free) one; photodrag drags StyleGAN2 generators. "
            "Take a StyleGAN2 checkpoint of the same domain"
        )
    for name, module in modules.items():
        architecture = module.state.get("architecture", "skip")
        if type(architecture) is not str or architecture != "skip":
            raise CheckpointError(
                f"{name} has the architecture {shown(architecture, 40)}; only 'skip' is supported"
            )
        activation = module.state.get("activation", "lrelu")
        if type(activation) is not str or activation not in ("lrelu", "linear"):
            raise CheckpointError(
                f"{name} has the activation {shown(activation, 40)}; only 'lrelu' is supported"
            )


def _conv_clamp(modules: dict[str, ModuleShell]) -> float | None:
    """The one limit on activations that all convolutions share; older pickles have none."""
    limits = [
        module.state.get("conv_clamp")
        for name, module in modules.items()
        if re.fullmatch(r"synthesis\.b\d+\.conv[01]", name)
    ]
    for limit in limits:  # before they are compared: a container may be endless
        if limit is None or (type(limit) in (int, float) and 0 < limit < math.inf):
            continue
        raise CheckpointError(
            f"conv_clamp is {shown(limit, 40)}; it must be a number above 0 or None"
        )
    limit = limits[0] if limits else None
    if any(other != limit for other in limits):
        raise CheckpointError(
            f"the layers' conv_clamp differ ({limits!r:.80}); only one is supported"
        )
    return None if limit is None else float(limit)


def _check_mapping_rate(modules: dict[str, ModuleShell], config: StyleGAN2Config) -> None:
    for i in range(config.mapping_layers):
        layer = modules[f"mapping.fc{i}"]
        inputs = cast(Tensor, layer.tensors()["weight"]).shape[1]
        gain = layer.state.get("weight_gain")
        if not isinstance(gain, float) or not math.isclose(
            gain * math.sqrt(inputs), _MAPPING_RATE, rel_tol=1e-4
        ):
            raise CheckpointError(
                f"mapping.fc{i} has the weight gain {shown(gain, 40)}; only a learning-rate "
                f"multiplier of {_MAPPING_RATE} is supported, which all published networks have"
            )


def _checked_numbers(tensors: dict[str, Tensor], limit: int) -> dict[str, Tensor]:
    """Every tensor float32 and contiguous; refuses more numbers than the file can hold."""
    if sum(tensor.numel() for tensor in tensors.values()) > limit:
        raise CheckpointError(
            "the tensors claim more numbers than the file has bytes; it is damaged"
        )
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise CheckpointError(
                f"{name} holds infinite or undefined numbers; the file is damaged"
            )
    return {
        name: tensor.detach().to(torch.float32, copy=True).contiguous()
        for name, tensor in tensors.items()
    }
