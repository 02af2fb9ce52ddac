"""An unpickler that can build tensors, dicts and inert shells, and nothing else.

It is Python's own pure-Python unpickler with most of it taken away: opcodes outside the table are
refused, a global is only ever one of the `Maker`s listed here, and only shells accept a state.
Nothing is imported, no attribute is looked up by a name from the file, no code in it is read.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import ClassVar, NoReturn

from .pickle_modules import (
    Maker,
    Shell,
    encode_latin1,
    load_storage,
    make_array,
    make_dict,
    make_dtype,
    make_empty_array,
    make_module,
    make_network,
    make_parameter,
    make_scalar,
    make_set,
    make_tensor,
    refuse_array_class,
)
from .pickle_opcodes import BoundedUnpickler, Dispatch, refuse, restricted, shown

# Exact (module, name) pairs; a dotted name ("OrderedDict.__class__") is simply not among them.
_MAKERS: dict[tuple[str, str], Callable[..., object]] = {
    ("collections", "OrderedDict"): make_dict,
    ("dnnlib.util", "EasyDict"): make_dict,
    ("dnnlib", "EasyDict"): make_dict,
    ("builtins", "set"): make_set,
    ("__builtin__", "set"): make_set,
    ("_codecs", "encode"): encode_latin1,
    ("torch_utils.persistence", "_reconstruct_persistent_obj"): make_module,
    ("torch.storage", "_load_from_bytes"): load_storage,
    ("torch._utils", "_rebuild_tensor"): make_tensor,
    ("torch._utils", "_rebuild_tensor_v2"): make_tensor,
    ("torch._utils", "_rebuild_parameter"): make_parameter,
    ("dnnlib.tflib.network", "Network"): make_network,
    ("numpy", "dtype"): make_dtype,
    ("numpy", "ndarray"): refuse_array_class,
    ("numpy.core.multiarray", "scalar"): make_scalar,
    ("numpy._core.multiarray", "scalar"): make_scalar,
    ("numpy.core.multiarray", "_reconstruct"): make_empty_array,
    ("numpy._core.multiarray", "_reconstruct"): make_empty_array,
    ("numpy.core.numeric", "_frombuffer"): make_array,
    ("numpy._core.numeric", "_frombuffer"): make_array,
}
# The classes of the table that a pickle makes with NEWOBJ, without arguments.
_NEW_OBJECTS = frozenset(
    {
        "collections.OrderedDict",
        "dnnlib.util.EasyDict",
        "dnnlib.EasyDict",
        "dnnlib.tflib.network.Network",
    }
)
# Everything that pushes plain values, fills containers, and keeps the memo; the four opcodes that
# can call or change something (REDUCE, NEWOBJ, BUILD and the globals) are written below.
_PLAIN_OPCODES = (
    "PROTO FRAME STOP MARK POP POP_MARK DUP NONE NEWTRUE NEWFALSE INT BININT BININT1 BININT2 LONG "
    "LONG1 LONG4 FLOAT BINFLOAT STRING BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES "
    "BINBYTES8 BYTEARRAY8 UNICODE BINUNICODE SHORT_BINUNICODE BINUNICODE8 EMPTY_TUPLE TUPLE "
    "TUPLE1 TUPLE2 TUPLE3 EMPTY_LIST LIST APPEND APPENDS EMPTY_DICT DICT SETITEM SETITEMS "
    "EMPTY_SET ADDITEMS FROZENSET GET BINGET LONG_BINGET PUT BINPUT LONG_BINPUT MEMOIZE "
    "GLOBAL STACK_GLOBAL"
)


class NetworkUnpickler(BoundedUnpickler):
    """Reads a network pickle into dicts, tensors and shells; refuses everything else."""

    dispatch: ClassVar[Dispatch] = {}  # filled below, once the methods exist

    def find_class(self, module: str, name: str) -> Maker:
        """The maker for a global of the allow list; nothing is ever imported."""
        make = _MAKERS.get((module, name))
        if make is None:
            refuse(f"{module}.{name}")
        return Maker(f"{module}.{name}", make)

    def persistent_load(self, pid: object) -> NoReturn:
        """Refuse objects that live outside the file."""
        refuse(f"an object outside the file ({shown(pid)})")

    def load_reduce(self) -> None:
        """REDUCE: call a maker of the allow list."""
        arguments = self.stack.pop()
        maker = self.stack.pop()
        if type(maker) is not Maker or type(arguments) is not tuple:
            refuse(f"a call of a {type(maker).__name__}")
        self.charge(*arguments)
        self.stack.append(maker.make(*arguments))

    def load_newobj(self) -> None:
        """NEWOBJ: make one of the few classes that are made without arguments."""
        arguments = self.stack.pop()
        maker = self.stack.pop()
        if type(maker) is not Maker or maker.name not in _NEW_OBJECTS or arguments != ():
            refuse(f"a new object of {getattr(maker, 'name', type(maker).__name__)}")
        self.stack.append(maker.make())

    def load_build(self) -> None:
        """BUILD: give a shell its state; nothing else has one to give."""
        state = self.stack.pop()
        target = self.stack[-1]
        if not isinstance(target, Shell) or target.state:
            refuse(f"a change of a {type(target).__name__}")
        target.accept_state(state)


NetworkUnpickler.dispatch.update(
    {
        **restricted(_PLAIN_OPCODES),
        pickle.REDUCE[0]: NetworkUnpickler.load_reduce,
        pickle.NEWOBJ[0]: NetworkUnpickler.load_newobj,
        pickle.BUILD[0]: NetworkUnpickler.load_build,
    }
)
