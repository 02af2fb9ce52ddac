"""What a network pickle may become: inert shells, tensors and plain values, nothing that acts."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from photodrag.errors import CheckpointError, UnsafePickleError

from .pickle_opcodes import flat_key, shown
from .pickle_storage import MAGIC, read_storage

_MOST_IN_GROUP = 4096  # parameters, buffers or children of one module
_DTYPE_CODE = re.compile(r"[fiub][1248]")


@dataclass(frozen=True, slots=True)
class Maker:
    """Stands for a global that a pickle names: what it may call, and nothing it can change."""

    name: str
    make: Callable[..., object]


class Shell:
    """An object of a pickle, kept as data: it has no behaviour but to be given its state once."""

    __slots__ = ("class_name", "state")

    def __init__(self, class_name: str) -> None:
        self.class_name = class_name
        self.state: dict[str, Any] = {}

    def accept_state(self, state: object) -> None:
        """Take the state that the pickle holds for this object."""
        if type(state) is not dict or not all(type(name) is str for name in state):
            raise UnsafePickleError(
                f"the pickle gives {self.class_name} a state of type {type(state).__name__}; "
                "only a dict of named values is taken"
            )
        self.state = state


class ModuleShell(Shell):
    """A torch module of NVIDIA's code: parameters, buffers, children, settings; no code."""

    __slots__ = ()

    def children(self) -> dict[str, object]:
        """Modules inside this one, by name."""
        return self._group("_modules")

    def tensors(self) -> dict[str, object]:
        """Parameters and buffers of this module itself, by name."""
        return {**self._group("_parameters"), **self._group("_buffers")}

    def _group(self, name: str) -> dict[str, object]:
        group = self.state.get(name, {})
        if type(group) is not dict:
            raise CheckpointError(f"{name} of {self.class_name} is no dict; the file is damaged")
        if len(group) > _MOST_IN_GROUP:
            raise CheckpointError(
                f"{name} of {self.class_name} has {len(group)} entries; no network has as many"
            )
        return {key: value for key, value in group.items() if value is not None}


class DtypeShell(Shell):
    """A numpy dtype: its letter, size and byte order."""

    __slots__ = ("code", "order")

    def __init__(self, code: str) -> None:
        super().__init__("numpy.dtype")
        self.code = code
        self.order = "="

    def accept_state(self, state: object) -> None:
        """Take the byte order from numpy's state tuple; the rest describes structured types."""
        if type(state) is not tuple or len(state) < 2 or state[1] not in ("<", ">", "=", "|"):
            raise UnsafePickleError("the pickle holds a numpy dtype that is not a plain number's")
        self.order = state[1]

    def dtype(self) -> np.dtype[Any]:
        """The real dtype."""
        return np.dtype(self.order + self.code)


class ArrayShell(Shell):
    """A numpy array, filled by numpy's own state tuple (version, shape, dtype, order, bytes)."""

    __slots__ = ("array",)

    def __init__(self) -> None:
        super().__init__("numpy.ndarray")
        self.array: NDArray[Any] | None = None

    def accept_state(self, state: object) -> None:
        """Build the array from its bytes."""
        if type(state) is not tuple or len(state) != 5:
            raise UnsafePickleError("the pickle holds a numpy array with an unknown state")
        _, shape, dtype, column_major, data = state
        self.array = _array(data, dtype, shape, "F" if column_major else "C")


def make_dict(pairs: Any = ()) -> dict[Any, Any]:
    """An OrderedDict or EasyDict of the pickle, as a plain dict."""
    if type(pairs) not in (tuple, list, dict):
        raise UnsafePickleError(f"the pickle makes a dict of a {type(pairs).__name__}")
    found = pairs.items() if type(pairs) is dict else pairs
    made: dict[Any, Any] = {}
    for pair in found:
        if type(pair) not in (tuple, list) or len(pair) != 2:
            raise UnsafePickleError(f"the pickle makes a dict of a {type(pair).__name__}")
        made[flat_key(pair[0])] = pair[1]
    return made


def make_set(items: Any = ()) -> set[Any]:
    """A set of the pickle."""
    if type(items) not in (tuple, list):
        raise UnsafePickleError(f"the pickle makes a set of a {type(items).__name__}")
    return set(map(flat_key, items))


def encode_latin1(text: object, encoding: object) -> bytes:
    """Bytes as pickle protocols below 3 write them."""
    if type(text) is not str or encoding != "latin1":
        raise UnsafePickleError(f"the pickle encodes a {type(text).__name__} as {shown(encoding)}")
    return text.encode("latin1")


def make_module(meta: object) -> ModuleShell:
    """The shell of a module pickled by torch_utils.persistence; its source is left alone."""
    if type(meta) is not dict or meta.get("type") != "class":
        raise UnsafePickleError("the pickle holds a persistent object that is not a class's")
    class_name = meta.get("class_name")
    if type(class_name) is not str:
        raise UnsafePickleError(f"a persistent object's class name is {shown(class_name)}, no text")
    shell = ModuleShell(class_name)
    shell.accept_state(meta.get("state"))
    return shell


def make_network() -> Shell:
    """The shell of a network pickled by StyleGAN's TensorFlow code; its state follows."""
    return Shell("Network")


def load_storage(data: object) -> Tensor:
    """The numbers of a pickled torch storage, one-dimensional; only weights are accepted."""
    if type(data) is not bytes or not data.startswith(MAGIC):
        raise CheckpointError("a tensor's numbers are not a torch storage; the file is damaged")
    return read_storage(data)


def make_tensor(
    storage: object, offset: object, size: object, stride: object, *_unused: object
) -> Tensor:
    """A view of a storage; refused where it would reach outside."""
    if type(storage) is not Tensor or storage.dim() != 1:
        raise UnsafePickleError(f"the pickle makes a tensor of a {type(storage).__name__}")
    shape, steps, start = _whole_numbers(size), _whole_numbers(stride), _whole_numbers((offset,))[0]
    if len(shape) != len(steps):
        raise CheckpointError(f"a tensor of shape {shape} has strides {steps}; the file is damaged")
    last = start + sum((n - 1) * step for n, step in zip(shape, steps, strict=True))
    if math.prod(shape) and last >= storage.numel():
        raise CheckpointError(
            f"a tensor of shape {shape} needs {last + 1} numbers, the file holds {storage.numel()}"
        )
    return storage.as_strided(shape, steps, start)


def make_parameter(tensor: object, *_unused: object) -> Tensor:
    """A parameter's tensor; gradients and hooks are dropped."""
    if type(tensor) is not Tensor:
        raise UnsafePickleError(f"the pickle makes a parameter of a {type(tensor).__name__}")
    return tensor


def make_dtype(code: object, *_unused: object) -> DtypeShell:
    """A numpy dtype of plain numbers."""
    if type(code) is not str or not _DTYPE_CODE.fullmatch(code):
        raise UnsafePickleError(
            f"the pickle holds the numpy dtype {shown(code)}; only numbers are read"
        )
    return DtypeShell(code)


def make_scalar(dtype: object, data: object) -> float | int | bool:
    """A numpy scalar as a Python number."""
    value: float | int | bool = _array(data, dtype, (), "C").item()
    return value


def make_empty_array(*_unused: object) -> ArrayShell:
    """A numpy array that is filled by its state."""
    return ArrayShell()


def make_array(data: object, dtype: object, shape: object, order: object) -> ArrayShell:
    """A numpy array of pickle protocol 5, whole."""
    shell = ArrayShell()
    shell.accept_state((1, shape, dtype, order == "F", data))
    return shell


def refuse_array_class(*_unused: object) -> object:
    """Refuse numpy.ndarray, which may be named in an array but never called."""
    raise UnsafePickleError("the pickle calls numpy.ndarray itself; network files never do")


def _array(data: object, dtype: object, shape: object, order: str) -> NDArray[Any]:
    if type(dtype) is not DtypeShell or type(data) not in (bytes, bytearray):
        raise UnsafePickleError("the pickle holds numpy numbers that are not bytes")
    sides = _whole_numbers(shape)
    flat: NDArray[Any] = np.frombuffer(data, dtype.dtype())  # type: ignore[call-overload]
    if flat.size != math.prod(sides):
        raise CheckpointError(
            f"a numpy array of shape {sides} holds {flat.size} numbers; the file is damaged"
        )
    return flat.reshape(sides, order="F" if order == "F" else "C")


def _whole_numbers(values: Any) -> tuple[int, ...]:
    if type(values) not in (tuple, list):
        raise UnsafePickleError(f"a tensor's shape is a {type(values).__name__}, not numbers")
    if len(values) > 16 or not all(type(n) is int and 0 <= n < 2**48 for n in values):
        told = ", ".join(shown(n, 20) for n in values[:4])
        raise CheckpointError(f"a tensor's shape is ({told}, ...); the file is damaged")
    return tuple(values)
