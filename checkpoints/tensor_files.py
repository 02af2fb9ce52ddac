"""Tensors as safetensors, with a note in JSON beside them: as files and as bytes.

Whatever cannot be read is a ContentError without the file's name; those who read it add that, and
what to do about it.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.errors import ContentError, ForeignContentError
from photodrag.files import write_whole
from photodrag.json_values import JsonValue, parse_json

TensorOrArray = Tensor | NDArray[Any]


@dataclass(frozen=True)
class TensorFormat:
    """One kind of such files: the name of its note in the metadata, and its "format" in the note.

    `version` is written, `older` ones are read as well; a kind without one has no "format".
    """

    key: str
    version: int | None = None
    older: tuple[int, ...] = ()

    def encode(self, tensors: Mapping[str, TensorOrArray], note: Mapping[str, Any]) -> bytes:
        """Tensors, wherever they are, and a note of values for JSON."""
        numbered = note if self.version is None else {"format": self.version, **note}
        return _encode(tensors, {self.key: json.dumps(numbered)})

    def write(
        self, path: Path, tensors: Mapping[str, TensorOrArray], note: Mapping[str, Any]
    ) -> None:
        """The same as a file, whole or not at all; OutputError if that is impossible."""
        write_whole(path, self.encode(tensors, note))

    def decode(
        self, content: bytes, needed: Collection[str] = ()
    ) -> tuple[JsonValue, dict[str, Tensor]]:
        """The note and the tensors, on the CPU; ContentError, also if a needed one is missing."""
        return self.note_at(content), decode_tensors(content, needed)

    def read(self, path: Path, needed: Collection[str] = ()) -> tuple[JsonValue, dict[str, Tensor]]:
        """The note and the tensors of a file, as `decode` gives them; ContentError."""
        with _opened(path) as file:
            note = self._note(file.metadata())
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
        return note, _checked(tensors, needed)

    def read_note(self, path: Path) -> JsonValue:
        """The note of a file, without its tensors; ContentError."""
        with _opened(path) as file:
            return self._note(file.metadata())

    def note_at(self, head: bytes) -> JsonValue:
        """The note, from the first bytes of what `encode` made; ContentError."""
        try:
            # the header's length in 8 bytes, then the header as JSON
            (length,) = struct.unpack_from("<Q", head)
            header = JsonValue(parse_json(head[8 : 8 + length]), "the header")
            metadata = header.get("__metadata__", {}).members()
            texts = {name: one.text() for name, one in metadata.items()}
        except (struct.error, ContentError) as error:
            raise _damaged(error) from error
        return self._note(texts)

    def _note(self, metadata: Mapping[str, str] | None) -> JsonValue:
        text = (metadata or {}).get(self.key)
        if text is None:
            raise ForeignContentError(f"safetensors without the note {self.key!r}")
        try:
            note = JsonValue(parse_json(text))
        except ContentError as error:
            raise ContentError(f"the note {self.key!r} is damaged: {error}") from error
        if not isinstance(note.value, dict):
            raise ContentError(f"the note {self.key!r} is no JSON object: {text:.60}")
        if self.version is not None:
            found, readable = note.get("format").value, sorted({self.version, *self.older})
            if found not in readable:
                raise ContentError(
                    f"it has the format {found!r:.40}; this version of photodrag reads "
                    f"{' and '.join(map(str, readable))}"
                )
        return note


def encode_tensors(tensors: Mapping[str, TensorOrArray]) -> bytes:
    """Tensors without a note."""
    return _encode(tensors, None)


def decode_tensors(content: bytes, needed: Collection[str] = ()) -> dict[str, Tensor]:
    """All tensors, on the CPU; ContentError, also if one that is needed is missing."""
    try:
        return _checked(safetensors.torch.load(content), needed)
    except (safetensors.SafetensorError, KeyError) as error:  # KeyError: an unknown dtype
        raise _damaged(error) from error


def _checked(tensors: dict[str, Tensor], needed: Collection[str]) -> dict[str, Tensor]:
    for name in needed:
        if name not in tensors:
            raise ContentError(f"it has no tensor {name!r}; it holds {sorted(tensors)!r:.60}")
    return tensors


def _encode(tensors: Mapping[str, TensorOrArray], metadata: dict[str, str] | None) -> bytes:
    return safetensors.torch.save({name: _plain(one) for name, one in tensors.items()}, metadata)


def _plain(tensor: TensorOrArray) -> Tensor:
    """On the CPU, and with its numbers in their order."""
    if isinstance(tensor, np.ndarray):
        tensor = torch.tensor(tensor)  # a copy, as the array may be read-only
    return tensor.detach().cpu().contiguous()


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    try:
        with safetensors.safe_open(path, "pt") as file:
            yield file
    except OSError as error:
        raise ContentError(f"cannot be read: {error.strerror or error}") from error
    except (safetensors.SafetensorError, KeyError) as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> ContentError:
    return ContentError(f"not safetensors, or cut short ({' '.join(str(error).split())})")
