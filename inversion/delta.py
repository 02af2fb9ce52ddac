"""An inversion as bytes: what differs from a generator at hand, and nothing of it twice."""

from __future__ import annotations

import copy
from dataclasses import asdict
from typing import Any

import torch

from photodrag.checkpoints import Generator, Latent
from photodrag.checkpoints.tensor_files import TensorFormat
from photodrag.errors import ContentError, LatentError

from . import Inversion, Losses

_FORMAT = TensorFormat("photodrag-kept-inversion")
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
    note = {"losses": asdict(inversion.losses), "tuned": inversion.tuned, "notes": notes}
    return _FORMAT.encode(tensors, note)


def decode_inversion(content: bytes, base: Generator) -> Inversion:
    """The inversion, on the device of `base`; LatentError for anything that does not fit it."""
    try:
        note, tensors = _FORMAT.decode(content, needed=[_LATENT])
        latent = Latent(tensors.pop(_LATENT).to(base.device), base.name)
        base.check(latent)
        weights = {name.removeprefix(_SYNTHESIS): tensor for name, tensor in tensors.items()}
        generator = base
        if weights:
            synthesis = copy.deepcopy(base.synthesis)
            synthesis.load_state_dict({**base.synthesis.state_dict(), **weights}, strict=True)
            generator = base.with_synthesis(synthesis)
        return Inversion(latent, generator, note["losses"].record(Losses), note["tuned"].flag())
    except (ContentError, RuntimeError) as error:
        raise LatentError(f"the kept inversion does not fit {base.name!r}: {error}") from error


def notes_of(head: bytes) -> dict[str, Any]:
    """The notes, from the first bytes of what `encode_inversion` made; empty if damaged."""
    try:
        return dict(_FORMAT.note_at(head)["notes"].mapping())
    except ContentError:
        return {}
