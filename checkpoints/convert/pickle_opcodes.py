"""Python's own unpickler with opcodes taken away, and the rest bounded by the file's length.

What is left fills lists, dicts and sets with plain values. Keys are flat, as the hash of a deep
tuple ends the process; a length is never believed beyond the file's end; copies are counted.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import IO, Any, NoReturn

from photodrag.errors import UnsafePickleError

Dispatch = dict[int, Callable[[Any], None]]
_COPIES = 8  # times the file's length that may be copied out of it
_SMALL = 2**26  # bytes that any file may copy
_ITEM = 64  # bytes, about, of an item in a container
_MOST_KEY = 2**60  # whole numbers above it can be made to have one hash
_LONGEST_KEY = 16  # of a tuple


class BoundedUnpickler(pickle._Unpickler):
    """What `restricted` tables are for; `size` is the file's length in bytes."""

    stack: list[Any]
    append: Callable[[Any], None]
    read: Callable[[int], bytes]
    pop_mark: Callable[[], list[Any]]

    def __init__(self, file: IO[bytes], size: int) -> None:
        # latin1: the only encoding that reads the byte strings of Python 2 as they are
        super().__init__(file, encoding="latin1")
        self._left = _COPIES * size + _SMALL

    def charge(self, *values: Any) -> None:
        """Count what a copy of these takes; UnsafePickleError where it is too much."""
        for value in values:
            if type(value) in (bytes, bytearray, str):
                self._left -= len(value)
            elif type(value) in (list, tuple, dict, set, frozenset):
                self._left -= _ITEM * len(value)
        if self._left < 0:
            raise UnsafePickleError(
                "the pickle copies its content again and again, as no network file does; nothing "
                "of it was run. Get the file from its official address"
            )

    def load_bytearray8(self) -> None:
        """BYTEARRAY8: its bytes, once they are there."""
        length = int.from_bytes(self.read(8), "little")
        data = self.read(length) if length < 2**62 else b""
        if len(data) != length:
            raise EOFError(f"{length} bytes were announced, {len(data)} are there")
        self.append(bytearray(data))

    def load_setitem(self) -> None:
        """SETITEM."""
        value, key = self.stack.pop(), self.stack.pop()
        self._fill([key, value])

    def load_setitems(self) -> None:
        """SETITEMS."""
        self._fill(self.pop_mark())

    def load_dict(self) -> None:
        """DICT."""
        items = self.pop_mark()
        self.append({})
        self._fill(items)

    def load_additems(self) -> None:
        """ADDITEMS."""
        items = self.pop_mark()
        target = self.stack[-1]
        if type(target) is not set:
            refuse(f"members for a {type(target).__name__}")
        target.update(map(flat_key, items))

    def load_frozenset(self) -> None:
        """FROZENSET."""
        self.append(frozenset(map(flat_key, self.pop_mark())))

    def _fill(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict:
            refuse(f"items for a {type(target).__name__}")
        for key, value in zip(items[::2], items[1::2], strict=True):
            target[flat_key(key)] = value


_BOUNDED = ("BYTEARRAY8", "SETITEM", "SETITEMS", "DICT", "ADDITEMS", "FROZENSET")


def flat_key(key: Any) -> Any:
    """The key of a dict or member of a set; UnsafePickleError for what is not plain or is deep."""
    parts = key if type(key) is tuple and len(key) <= _LONGEST_KEY else (key,)
    for part in parts:
        kind = type(part)
        if kind is int and abs(part) < _MOST_KEY:
            continue
        if kind not in (str, bytes, bool) and part is not None:
            refuse(f"a {kind.__name__} as the key of a dict or member of a set")
    return key


def restricted(allowed: str) -> Dispatch:
    """A table of opcodes: those named, bounded as above, and a refusal for each other one."""
    names = {getattr(pickle, name)[0]: name for name in _opcode_names()}
    kept = set(allowed.split())
    table = {
        code: plain if names[code] in kept else _refuse_opcode(names[code])
        for code, plain in pickle._Unpickler.dispatch.items()
    }
    for name in _BOUNDED:
        if name in kept:
            table[getattr(pickle, name)[0]] = getattr(BoundedUnpickler, f"load_{name.lower()}")
    return table


def refuse(what: str) -> NoReturn:
    """Raise the UnsafePickleError for what a network file never needs."""
    raise UnsafePickleError(
        f"the pickle asks for {what}, which a network file never needs; nothing of it was run. "
        "Get the file from its official address, or convert it where you trust it"
    )


def shown(value: object, most: int = 80) -> str:
    """A value of the file for a message: a container may be endless, or of endless length."""
    if type(value) is int and abs(value) >= _MOST_KEY:
        return "a very large number"
    plain = value is None or type(value) in (str, bytes, int, float, bool)
    return f"{value!r:.{most}}" if plain else f"a {type(value).__name__}"


def _refuse_opcode(name: str) -> Callable[[Any], None]:
    def refuse_it(_unpickler: object) -> None:
        refuse(f"the operation {name}")

    return refuse_it


def _opcode_names() -> list[str]:
    return [
        name
        for name in dir(pickle)
        if name.isupper() and type(value := getattr(pickle, name)) is bytes and len(value) == 1
    ]
