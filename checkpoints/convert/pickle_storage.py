"""The numbers of a tensor inside a network pickle: a file of torch.save, read without torch.load.

Such a file is five pickles (a magic number, the version, the machine, the storage, its key), then
how many numbers there are, and the numbers.
"""

from __future__ import annotations

import io
import pickle
from typing import Any, ClassVar, cast

import numpy as np
import torch
from torch import Tensor

from photodrag.errors import CheckpointError, UnsafePickleError

from .pickle_opcodes import BoundedUnpickler, Dispatch, restricted, shown

MAGIC = pickle.dumps(0x1950A86A20F9469CFC6C, protocol=2)
_VERSION = 1001
_LONGEST_HEAD = 4096  # bytes of the five pickles, some 250
# Names of storages in `torch` and how their numbers lie; bfloat16 is no number of numpy's.
_KINDS: dict[str, tuple[str, torch.dtype]] = {
    "DoubleStorage": ("<f8", torch.float64),
    "FloatStorage": ("<f4", torch.float32),
    "HalfStorage": ("<f2", torch.float16),
    "BFloat16Storage": ("<i2", torch.bfloat16),
    "LongStorage": ("<i8", torch.int64),
    "IntStorage": ("<i4", torch.int32),
    "ShortStorage": ("<i2", torch.int16),
    "CharStorage": ("i1", torch.int8),
    "ByteStorage": ("u1", torch.uint8),
    "BoolStorage": ("?", torch.bool),
}
_OPCODES = (
    "PROTO STOP MARK NONE NEWTRUE NEWFALSE BININT BININT1 BININT2 LONG1 BINUNICODE "
    "SHORT_BINUNICODE EMPTY_TUPLE TUPLE TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST APPEND APPENDS EMPTY_DICT "
    "SETITEM SETITEMS BINGET LONG_BINGET BINPUT LONG_BINPUT GLOBAL BINPERSID"
)


class _StorageUnpickler(BoundedUnpickler):
    """Plain values; a storage is the tuple that describes it, its kind by name."""

    dispatch: ClassVar[Dispatch] = restricted(_OPCODES)

    def find_class(self, module: str, name: str) -> str:
        """The name of a storage; nothing is imported."""
        if module != "torch" or name not in _KINDS:
            raise UnsafePickleError(
                f"a tensor's numbers ask for {module}.{name}, which a tensor never needs; nothing "
                "of it was run. Get the file from its official address"
            )
        return name

    def persistent_load(self, pid: Any) -> Any:
        """What describes the storage, as it is."""
        return pid


def read_storage(data: bytes) -> Tensor:
    """The numbers, one-dimensional, a copy. UnsafePickleError or CheckpointError for the rest."""
    file = io.BytesIO(data)
    values = []
    for _ in range(5):
        head = _Head(file, _LONGEST_HEAD - file.tell())
        try:
            values.append(_StorageUnpickler(cast(Any, head), _LONGEST_HEAD).load())
        except CheckpointError:
            raise
        except Exception as error:  # a damaged pickle can fail in any way
            raise CheckpointError("a tensor's numbers are damaged or cut short") from error
    _, version, machine, described, keys = values
    if version != _VERSION or type(machine) is not dict or machine.get("little_endian") is not True:
        raise CheckpointError(
            "a tensor's numbers are of an unknown version or from a machine with another order of "
            "bytes"
        )
    if type(described) is not tuple or len(described) != 6 or described[0] != "storage":
        raise CheckpointError(f"a tensor's numbers are {shown(described)}, not a torch storage")
    _, kind, key, _, count, view = described
    if kind not in _KINDS or keys != [key] or view is not None or type(count) is not int:
        raise CheckpointError("a tensor's numbers are described in an unknown way")
    layout, dtype = _KINDS[kind]
    start = file.tell()
    told = int.from_bytes(data[start : start + 8], "little")
    needed = count * np.dtype(layout).itemsize
    if told != count or needed != len(data) - start - 8:
        raise CheckpointError(
            f"a tensor's {count} numbers do not fit their {len(data) - start - 8} bytes; the file "
            "is damaged"
        )
    numbers = torch.from_numpy(np.frombuffer(data, layout, count, start + 8).astype(layout[-2:]))
    return numbers.view(dtype) if dtype is torch.bfloat16 else numbers


class _Head:
    """So many bytes of a file, as an unpickler reads them."""

    def __init__(self, file: io.BytesIO, most: int) -> None:
        self._file, self._left = file, most

    def read(self, count: int) -> bytes:
        self._left -= count
        if self._left < 0:
            raise CheckpointError("a tensor's numbers have no end of their description")
        return self._file.read(count)

    def readline(self) -> bytes:
        line = self._file.readline(self._left)
        self._left -= len(line)
        return line
