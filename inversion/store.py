"""An inversion as a file: the latent, the losses, and the tuned weights in full (safetensors)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
from safetensors.torch import load_file, save
from torch import Tensor

from photodrag.checkpoints import Generator, Latent, generator_from_tensors
from photodrag.checkpoints.networks.config import (
    MobileStyleGANConfig,
    config_from_dict,
    config_to_dict,
)
from photodrag.checkpoints.networks.heads import RenderingHeads
from photodrag.errors import LatentError, PhotodragError
from photodrag.files import write_whole

from .values import Inversion, Losses

_FORMAT = 2  # format 1 had no rendering heads
_READ_FORMATS = (1, 2)
_METADATA_KEY = "photodrag-inversion"
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
    about = {
        "format": _FORMAT,
        "generator": generator.name,
        "config": config_to_dict(generator.config),
        "losses": {
            "pixel": inversion.losses.pixel,
            "perceptual": inversion.losses.perceptual,
        },
        "tuned": inversion.tuned,
        "base": inversion.base_fingerprint,
        "heads": generator.heads.resolutions if generator.heads is not None else (),
    }
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_whole(Path(path), save(plain, {_METADATA_KEY: json.dumps(about)}))


def read_inversion(path: str | Path) -> Inversion:
    """Read what `save_inversion` wrote; LatentError for anything else."""
    path = Path(path)
    try:
        with safetensors.safe_open(path, "pt") as file:
            metadata = file.metadata() or {}
        about = json.loads(metadata[_METADATA_KEY])
        tensors = load_file(path)
        return _build(about, tensors)
    except PhotodragError:
        raise
    except KeyError as error:
        raise LatentError(
            f"{path} is not a photodrag inversion (no {error}); make one with `photodrag invert`"
        ) from error
    except (OSError, safetensors.SafetensorError, ValueError, TypeError) as error:
        raise LatentError(
            f"{path} cannot be read as an inversion: {error}; make one with `photodrag invert`"
        ) from error


def _build(about: dict[str, Any], tensors: dict[str, Tensor]) -> Inversion:
    if about["format"] not in _READ_FORMATS:
        raise LatentError(
            f"the inversion has format {about['format']}; this version reads format {_FORMAT} "
            "and older ones"
        )
    w = tensors.pop(_LATENT_KEY)
    heads = {
        name.removeprefix(_HEADS): tensors.pop(name)
        for name in list(tensors)
        if name.startswith(_HEADS)
    }
    generator: Generator = generator_from_tensors(
        about["generator"], config_from_dict(about["config"]), tensors
    )
    if about.get("heads"):
        generator = replace(generator, heads=_heads(generator, about["heads"], heads))
    latent = Latent(w, about["generator"])
    generator.check(latent)
    losses = Losses(float(about["losses"]["pixel"]), float(about["losses"]["perceptual"]))
    base = str(about.get("base", ""))  # older files have none
    return Inversion(latent, generator, losses, bool(about["tuned"]), base)


def _heads(
    generator: Generator, resolutions: list[int], tensors: dict[str, Tensor]
) -> RenderingHeads:
    if not isinstance(generator.config, MobileStyleGANConfig):
        raise ValueError(f"heads do not belong to a {generator.config.kind}")
    heads = RenderingHeads(generator.config, resolutions)
    try:
        heads.load_state_dict(tensors)
    except RuntimeError as error:
        raise ValueError(" ".join(str(error).split())) from error
    return heads
