"""An inversion as bytes: what differs from a generator at hand, and nothing of it twice."""

from __future__ import annotations

import copy
import json
import struct
from dataclasses import asdict
from typing import Any

import safetensors.torch
import torch

from photodrag.checkpoints import Generator, Latent
from photodrag.errors import LatentError

from . import Inversion, Losses

_KEY = "photodrag-kept-inversion"
_LATENT = "latent.w"
_SYNTHESIS = "synthesis."
HEAD_BYTES = 2**20
"""More than the tensors' names and the notes take at the beginning."""


def encode_inversion(inversion: Inversion, base: Generator, notes: dict[str, Any]) -> bytes:
    """Latent, losses, and the synthesis weights that differ from `base`'s; safetensors.

    `base` must be the generator that was inverted with: its mapping is not stored.
    """
    tensors = {_LATENT: inversion.latent.w}
    before = base.synthesis.state_dict()
    for name, tensor in inversion.generator.synthesis.state_dict().items():
        if not torch.equal(tensor, before[name]):
            tensors[_SYNTHESIS + name] = tensor
    about = {"losses": asdict(inversion.losses), "tuned": inversion.tuned, "notes": notes}
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    return safetensors.torch.save(plain, {_KEY: json.dumps(about)})


def decode_inversion(content: bytes, base: Generator) -> Inversion:
    """The inversion, on the device of `base`; LatentError for anything that does not fit it."""
    try:
        about = _about(content)
        tensors = safetensors.torch.load(content)
        latent = Latent(tensors.pop(_LATENT).to(base.device), base.name)
        base.check(latent)
        weights = {name.removeprefix(_SYNTHESIS): tensor for name, tensor in tensors.items()}
        generator = base
        if weights:
            synthesis = copy.deepcopy(base.synthesis)
            synthesis.load_state_dict({**base.synthesis.state_dict(), **weights}, strict=True)
            generator = base.with_synthesis(synthesis)
        losses = Losses(float(about["losses"]["pixel"]), float(about["losses"]["perceptual"]))
        return Inversion(latent, generator, losses, bool(about["tuned"]))
    except (
        safetensors.SafetensorError,
        struct.error,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        raise LatentError(f"the kept inversion does not fit {base.name!r}: {error}") from error


def notes_of(head: bytes) -> dict[str, Any]:
    """The notes, from the first bytes of what `encode_inversion` made; empty if damaged."""
    try:
        notes = _about(head)["notes"]
    except (struct.error, LookupError, TypeError, ValueError):
        return {}
    return notes if isinstance(notes, dict) else {}


def _about(head: bytes) -> dict[str, Any]:
    # safetensors: the header's length in 8 bytes, then the header as JSON
    (length,) = struct.unpack_from("<Q", head)
    header = json.loads(head[8 : 8 + length])
    about: dict[str, Any] = json.loads(header["__metadata__"][_KEY])
    return about
