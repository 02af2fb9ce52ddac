"""StyleGAN2's older pickles, made by TensorFlow: their generator under today's tensor names.

The LSUN networks were only ever published this way. Both forms hold the same numbers: TensorFlow
stores kernels as (height, width, in, out), turned by half a circle where they double the size, and
style biases without the 1 they start at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.errors import CheckpointError

from .pickle_modules import ArrayShell, Shell
from .pickle_opcodes import shown

_OLDEST_VERSION = 4  # StyleGAN's own networks have 2 and 3
_LAYER = re.compile(r"synthesis/(\d{1,5})x\1/(Conv|Conv0_up|Conv1|ToRGB)/(\w+)")
_LAYER_NAMES = {"Conv": "conv1", "Conv0_up": "conv0", "Conv1": "conv1", "ToRGB": "torgb"}
_DENSE = re.compile(r"mapping/Dense(\d{1,2})/(weight|bias)")
_NOISE = re.compile(r"synthesis/noise(\d{1,2})")
# Settings of the networks that photodrag's StyleGAN2 has built in: name -> the value it needs.
_FIXED_SETTINGS: dict[str, object] = {
    "mapping_nonlinearity": "lrelu",
    "nonlinearity": "lrelu",
    "mapping_lrmul": 0.01,
    "architecture": "skip",
    "resample_kernel": [1, 3, 3, 1],
    "use_noise": True,
}


def tensorflow_generator(network: Shell, most: int) -> tuple[dict[str, Tensor], float | None]:
    """The generator's tensors under NVIDIA's PyTorch names, and its conv_clamp.

    CheckpointError where they claim more than `most` numbers.
    """
    version, settings = network.state.get("version"), network.state.get("static_kwargs")
    if type(version) is not int or version < _OLDEST_VERSION or type(settings) is not dict:
        raise CheckpointError(
            f"a TensorFlow pickle of version {shown(version)}; only StyleGAN2's are supported "
            f"(version {_OLDEST_VERSION} and up), not StyleGAN's or progressive GAN's"
        )
    for name, needed in _FIXED_SETTINGS.items():
        value = settings.get(name)
        if value is not None and not _is(value, needed):
            raise CheckpointError(f"{name} is {shown(value, 60)}; only {needed!r} is supported")
    if settings.get("label_size"):
        raise CheckpointError(
            "a conditional network in a TensorFlow pickle is not supported; convert it with "
            "NVIDIA's legacy.py first"
        )
    tensors: dict[str, Tensor] = {}
    for name, array in _variables(network):
        if name in ("lod", "synthesis/lod"):
            continue  # progressive growing's counter, without use in StyleGAN2
        most -= array.size
        if most < 0:  # variables may share their numbers
            raise CheckpointError(
                "the variables claim more numbers than the file has bytes; it is damaged"
            )
        new_name, values = _renamed(name, array)
        tensors[new_name] = torch.from_numpy(np.array(values, dtype=np.float32, order="C"))
    tensors.update(_resample_filters(tensors))
    clamp = settings.get("conv_clamp")
    if clamp is not None and type(clamp) not in (int, float):
        raise CheckpointError(f"conv_clamp is {shown(clamp, 40)}; it must be a number or None")
    return tensors, None if clamp is None else float(clamp)


def _is(value: object, needed: object) -> bool:
    """Whether a setting is what it must be; containers of a file are not compared as a whole."""
    if isinstance(needed, list):
        flat = type(value) in (list, tuple) and len(value) == len(needed)  # type: ignore[arg-type]
        return flat and all(
            type(one) in (int, float) and one == other
            for one, other in zip(value, needed, strict=True)  # type: ignore[call-overload]
        )
    return type(value) in (str, int, float, bool) and value == needed


def _variables(network: Shell) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """Every variable under its full name, those of the mapping and synthesis parts included."""
    components = network.state.get("components")
    if type(components) is not dict or not {"mapping", "synthesis"} <= components.keys():
        raise CheckpointError("the TensorFlow pickle's third network is not a StyleGAN2 generator")
    parts = [("", network), *((f"{key}/", components[key]) for key in ("mapping", "synthesis"))]
    for prefix, part in parts:
        variables = part.state.get("variables") if type(part) is Shell else None
        if type(variables) is not list:
            raise CheckpointError(f"the network {prefix or 'Gs'} has no variables; it is damaged")
        for entry in variables:
            if type(entry) not in (tuple, list) or len(entry) != 2 or type(entry[0]) is not str:
                raise CheckpointError("the TensorFlow pickle's variables are not (name, numbers)")
            yield prefix + entry[0], _numbers(entry)


def _numbers(entry: tuple[str, object]) -> NDArray[np.float32]:
    name, value = entry
    if isinstance(value, (int, float)):
        return np.array(value, dtype=np.float32)
    if type(value) is not ArrayShell or value.array is None:
        raise CheckpointError(f"the variable {name:.80} holds a {type(value).__name__}, no numbers")
    return value.array.astype(np.float32)


def _renamed(name: str, array: NDArray[np.float32]) -> tuple[str, NDArray[np.float32]]:
    """A TensorFlow variable under its PyTorch name and in its PyTorch order of axes."""
    if name == "dlatent_avg":
        return "mapping.w_avg", array
    if name == "synthesis/4x4/Const/const":
        return "synthesis.b4.const", array[0]
    if match := _DENSE.fullmatch(name):
        return f"mapping.fc{match[1]}.{match[2]}", array.T
    if match := _NOISE.fullmatch(name):
        # 0 is 4x4's only layer; then two for each size: 1, 2 at 8x8, 3, 4 at 16x16
        block, layer = divmod(int(match[1]) + 1, 2)
        return f"synthesis.b{4 * 2**block}.conv{layer}.noise_const", array[0, 0]
    if match := _LAYER.fullmatch(name):
        prefix = f"synthesis.b{match[1]}.{_LAYER_NAMES[match[2]]}"
        return _layer_variable(prefix, match[2], match[3], array)
    raise CheckpointError(f"the TensorFlow pickle has an unknown variable {name!r:.80}")


def _layer_variable(
    prefix: str, layer: str, variable: str, array: NDArray[np.float32]
) -> tuple[str, NDArray[np.float32]]:
    if variable == "weight":
        kernel = array[::-1, ::-1] if layer == "Conv0_up" else array
        return f"{prefix}.weight", kernel.transpose(3, 2, 0, 1)
    if variable == "mod_weight":
        return f"{prefix}.affine.weight", array.T
    if variable == "mod_bias":
        return f"{prefix}.affine.bias", array + 1
    if variable in ("bias", "noise_strength"):
        return f"{prefix}.{variable}", array
    raise CheckpointError(f"{prefix} has an unknown variable {variable!r:.80}")


def _resample_filters(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The constant blur of each block and convolution, which TensorFlow kept in its code."""
    row = torch.tensor([1.0, 3.0, 3.0, 1.0])
    blur = torch.outer(row, row) / row.sum() ** 2
    owners = {name.rsplit(".", 2)[0] for name in tensors if name.startswith("synthesis.b")}
    owners |= {name.rsplit(".", 1)[0] for name in tensors if name.endswith(".noise_const")}
    blocks = {owner for owner in owners if owner.count(".") == 1}
    layers = {owner for owner in owners if ".conv" in owner and not owner.endswith(".affine")}
    return {f"{owner}.resample_filter": blur.clone() for owner in blocks | layers}
