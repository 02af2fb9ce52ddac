"""Files of rendering heads: a few corrections, tied to one generator's weights.

A file names the fingerprint of the generator that it was fitted to; with any other generator it
is not used.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
import safetensors.torch

from photodrag.errors import CheckpointError

from .atomic import write_whole
from .config import MobileStyleGANConfig
from .generator import Generator
from .heads import RenderingHeads

_FORMAT = 1
_METADATA_KEY = "photodrag-heads"
_SHIPPED = Path(__file__).parent / "data"


def save_heads(
    path: str | Path, heads: RenderingHeads, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write heads in half precision for the generator with a fingerprint, whole or not at all."""
    about = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "resolutions": heads.resolutions,
        "notes": dict(notes),
    }
    tensors = {
        name: tensor.detach().cpu().half().contiguous()
        for name, tensor in heads.state_dict().items()
    }
    write_whole(Path(path), safetensors.torch.save(tensors, {_METADATA_KEY: json.dumps(about)}))


def with_heads(generator: Generator, folder: Path = _SHIPPED) -> Generator:
    """The generator with the heads in a folder that were fitted to it; as it is without any.

    Raises CheckpointError for a file of heads that cannot be read.
    """
    if not isinstance(generator.config, MobileStyleGANConfig):
        return generator  # StyleGAN2 paints small images by itself
    for path in sorted(folder.glob("*-heads.safetensors")):
        heads = _read(path, generator.config, generator.fingerprint)
        if heads is not None:
            return replace(generator, heads=heads.to(generator.device))
    return generator


def _read(path: Path, config: MobileStyleGANConfig, fingerprint: str) -> RenderingHeads | None:
    try:
        with safetensors.safe_open(path, "pt") as file:
            about: Any = json.loads((file.metadata() or {})[_METADATA_KEY])
        if about["format"] != _FORMAT:
            raise ValueError(f"format {about['format']} instead of {_FORMAT}")
        if about["fingerprint"] != fingerprint:
            return None
        heads = RenderingHeads(config, about["resolutions"])
        heads.load_state_dict(safetensors.torch.load_file(path))
    except (
        OSError, safetensors.SafetensorError, LookupError, TypeError, ValueError, RuntimeError
    ) as error:  # fmt: skip
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"the rendering heads in {path} cannot be read: {reason}; install photodrag again"
        ) from error
    return heads
