"""photodrag's own checkpoint files: safetensors with the configuration inside."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from photodrag.errors import CheckpointError
from photodrag.files import write_whole

from .networks.config import GeneratorConfig, config_from_dict, config_to_dict

FORMAT_VERSION = 1
METADATA_KEY = "photodrag"
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
    header = {
        "format": FORMAT_VERSION,
        "kind": values.pop("kind"),
        "config": values,
        "notes": dict(notes),
    }
    # a copy, as views of one another cannot be stored
    copies = {
        name: tensor.detach().to("cpu", copy=True).contiguous() for name, tensor in tensors.items()
    }
    data = safetensors.torch.save(copies, metadata={METADATA_KEY: json.dumps(header)})
    write_whole(Path(path), data)


def read_checkpoint(path: str | Path) -> tuple[GeneratorConfig, dict[str, Tensor], dict[str, str]]:
    """The configuration, the tensors (on the CPU) and the notes of a checkpoint file."""
    path = Path(path)
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            config, notes = _header(path, file.metadata())
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except safetensors.SafetensorError as error:
        raise CheckpointError(
            f"{path} is not a safetensors checkpoint, or is cut short ({error}); fetch it again, "
            "or convert a network pickle with `photodrag checkpoints convert`"
        ) from error
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error.strerror or error}") from error
    wrong = [f"{name} ({t.dtype})" for name, t in tensors.items() if t.dtype not in _DTYPES]
    if wrong:
        raise CheckpointError(f"{path} holds tensors other than float32 and float16: {wrong[0]}")
    return config, tensors, notes


def read_notes(path: str | Path) -> dict[str, str]:
    """Only the notes of a checkpoint file, without its tensors."""
    path = Path(path)
    try:
        with safetensors.safe_open(path, framework="pt", device="cpu") as file:
            return _header(path, file.metadata())[1]
    except (safetensors.SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} is not a checkpoint, or is cut short ({error})") from error


def _header(
    path: Path, metadata: Mapping[str, str] | None
) -> tuple[GeneratorConfig, dict[str, str]]:
    text = (metadata or {}).get(METADATA_KEY)
    if text is None:
        raise CheckpointError(
            f"{path} is a safetensors file without photodrag's configuration; only checkpoints "
            "made by `photodrag checkpoints fetch` or `convert` hold one"
        )
    try:
        header: Any = json.loads(text)
    except ValueError as error:
        raise CheckpointError(f"{path} has a damaged configuration: {error}") from error
    if not isinstance(header, dict):
        raise CheckpointError(f"{path} has a configuration that is no JSON object: {text:.60}")
    if header.get("format") != FORMAT_VERSION:
        raise CheckpointError(
            f"{path} has the format {header.get('format')!r:.40}; this version of photodrag reads "
            f"{FORMAT_VERSION}. Convert the checkpoint again, or update photodrag"
        )
    values, notes = header.get("config"), header.get("notes")
    if not isinstance(values, dict) or not isinstance(notes, dict):
        raise CheckpointError(f"{path} has a damaged configuration: {text:.60}")
    try:
        config = config_from_dict({**values, "kind": header.get("kind")})
    except CheckpointError as error:
        raise CheckpointError(f"{path}: {error}") from error
    return config, {str(name): str(note) for name, note in notes.items()}
