"""An inversion as a file: the latent, the losses, and the tuned weights in full (safetensors)."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path

from torch import Tensor

from photodrag.checkpoints import Generator, Latent, generator_from_tensors
from photodrag.checkpoints.networks.config import (
    MobileStyleGANConfig,
    config_from_dict,
    config_to_dict,
)
from photodrag.checkpoints.networks.heads import RenderingHeads
from photodrag.checkpoints.tensor_files import TensorFormat
from photodrag.errors import ContentError, ForeignContentError, LatentError
from photodrag.json_values import JsonValue

from .values import Inversion, Losses

# format 1 had no rendering heads
_FORMAT = TensorFormat("photodrag-inversion", version=2, older=(1,))
_LATENT_KEY = "latent.w"
_HEADS = "heads."


def save_inversion(path: str | Path, inversion: Inversion) -> None:
    """Write an inversion with the generator's weights, whole or not at all (OutputError)."""
    generator = inversion.generator
    tensors: dict[str, Tensor] = {_LATENT_KEY: inversion.latent.w}
    for prefix, module in (("mapping.", generator.mapping), ("synthesis.", generator.synthesis)):
        tensors |= {prefix + name: tensor for name, tensor in module.state_dict().items()}
    if generator.heads is not None:
        tensors |= {_HEADS + name: t for name, t in generator.heads.state_dict().items()}
    note = {
        "generator": generator.name,
        "config": config_to_dict(generator.config),
        "losses": asdict(inversion.losses),
        "tuned": inversion.tuned,
        "base": inversion.base_fingerprint,
        "heads": generator.heads.resolutions if generator.heads is not None else (),
    }
    _FORMAT.write(Path(path), tensors, note)


def read_inversion(path: str | Path) -> Inversion:
    """Read what `save_inversion` wrote; LatentError for anything else."""
    path = Path(path)
    try:
        return _build(*_FORMAT.read(path, needed=[_LATENT_KEY]))
    except ForeignContentError as error:
        raise LatentError(
            f"{path} is not a photodrag inversion ({error}); make one with `photodrag invert`"
        ) from error
    except (ContentError, ValueError) as error:
        raise LatentError(
            f"{path} cannot be read as an inversion: {error}; make one with `photodrag invert`"
        ) from error


def _build(note: JsonValue, tensors: dict[str, Tensor]) -> Inversion:
    w = tensors.pop(_LATENT_KEY)
    heads = {
        name.removeprefix(_HEADS): tensors.pop(name)
        for name in list(tensors)
        if name.startswith(_HEADS)
    }
    generator: Generator = generator_from_tensors(
        note["generator"].of_type(str), config_from_dict(note["config"].value), tensors
    )
    # older files have neither heads nor the fingerprint of the generator before tuning
    if resolutions := note.get("heads", []).of_type(tuple[int, ...]):
        generator = replace(generator, heads=_heads(generator, resolutions, heads))
    latent = Latent(w, generator.name)
    generator.check(latent)
    losses = note["losses"].record(Losses)
    base = note.get("base", "").of_type(str)
    return Inversion(latent, generator, losses, note["tuned"].flag(), base)


def _heads(
    generator: Generator, resolutions: tuple[int, ...], tensors: dict[str, Tensor]
) -> RenderingHeads:
    if not isinstance(generator.config, MobileStyleGANConfig):
        raise ValueError(f"heads do not belong to a {generator.config.kind}")
    heads = RenderingHeads(generator.config, resolutions)
    try:
        heads.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(" ".join(str(error).split())) from error
    return heads
