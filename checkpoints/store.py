"""photodrag's own checkpoint files: safetensors with the configuration inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from photodrag.errors import CheckpointError, ContentError, ForeignContentError
from photodrag.json_values import JsonValue

from .networks.config import GeneratorConfig, config_from_dict, config_to_dict
from .tensor_files import TensorFormat

_FORMAT = TensorFormat("photodrag", version=1)
_DTYPES = (torch.float32, torch.float16)


def save_checkpoint(
    path: str | Path,
    config: GeneratorConfig,
    tensors: Mapping[str, Tensor],
    notes: Mapping[str, str],
) -> None:
    """Write a checkpoint, whole or not at all; float32 and float16 tensors are kept as they are.

    `notes` says where the numbers came from (source, sha256, licence) and travels along.
    """
    for name, tensor in tensors.items():
        if tensor.dtype not in _DTYPES:
            raise CheckpointError(
                f"{name} is {tensor.dtype}; a checkpoint holds float32 or float16 tensors"
            )
    values = config_to_dict(config)
    note = {"kind": values.pop("kind"), "config": values, "notes": dict(notes)}
    # copies, as views of one another cannot be stored
    copies = {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
    _FORMAT.write(Path(path), copies, note)


def read_checkpoint(path: str | Path) -> tuple[GeneratorConfig, dict[str, Tensor], dict[str, str]]:
    """The configuration, the tensors (on the CPU) and the notes of a checkpoint file."""
    with _errors_name(path):
        note, tensors = _FORMAT.read(Path(path))
        wrong = [f"{name} ({t.dtype})" for name, t in tensors.items() if t.dtype not in _DTYPES]
        if wrong:
            raise CheckpointError(f"it holds tensors other than float32 and float16: {wrong[0]}")
        config = config_from_dict({**note["config"].mapping(), "kind": note.get("kind").value})
        return config, tensors, _notes(note)


def read_notes(path: str | Path) -> dict[str, str]:
    """Only the notes of a checkpoint file, without its tensors."""
    with _errors_name(path):
        return _notes(_FORMAT.read_note(Path(path)))


def _notes(note: JsonValue) -> dict[str, str]:
    return {name: str(one.value) for name, one in note["notes"].members().items()}


@contextmanager
def _errors_name(path: str | Path) -> Iterator[None]:
    """Whatever is wrong inside is a CheckpointError that names the file and what to do."""
    try:
        yield
    except ForeignContentError as error:
        raise CheckpointError(
            f"{path} is a safetensors file without photodrag's configuration; only checkpoints "
            "made by `photodrag checkpoints fetch` or `convert` hold one"
        ) from error
    except (ContentError, CheckpointError) as error:
        raise CheckpointError(
            f"{path} is no checkpoint that can be used: {error}; fetch it again, or convert a "
            "network pickle with `photodrag checkpoints convert`"
        ) from error
