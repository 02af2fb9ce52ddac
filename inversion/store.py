"""An inversion as a file: the latent, the losses, and the tuned weights in full (safetensors)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import safetensors
from safetensors.torch import load_file, save
from torch import Tensor

from photodrag.checkpoints import Generator, Latent, generator_from_tensors
from photodrag.checkpoints.atomic import write_whole
from photodrag.checkpoints.config import config_from_dict, config_to_dict
from photodrag.errors import LatentError, PhotodragError

from .values import Inversion, Losses

_FORMAT = 1
_METADATA_KEY = "photodrag-inversion"
_LATENT_KEY = "latent.w"


def save_inversion(path: str | Path, inversion: Inversion) -> None:
    """Write an inversion with the generator's weights, whole or not at all (OutputError)."""
    generator = inversion.generator
    tensors: dict[str, Tensor] = {_LATENT_KEY: inversion.latent.w}
    for prefix, module in (("mapping.", generator.mapping), ("synthesis.", generator.synthesis)):
        tensors |= {prefix + name: tensor for name, tensor in module.state_dict().items()}
    about = {
        "format": _FORMAT,
        "generator": generator.name,
        "config": config_to_dict(generator.config),
        "losses": {
            "pixel": inversion.losses.pixel,
            "perceptual": inversion.losses.perceptual,
        },
        "tuned": inversion.tuned,
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
    if about["format"] != _FORMAT:
        raise LatentError(
            f"the inversion has format {about['format']}; this version reads format {_FORMAT}"
        )
    w = tensors.pop(_LATENT_KEY)
    generator: Generator = generator_from_tensors(
        about["generator"], config_from_dict(about["config"]), tensors
    )
    latent = Latent(w, about["generator"])
    generator.check(latent)
    losses = Losses(float(about["losses"]["pixel"]), float(about["losses"]["perceptual"]))
    return Inversion(latent, generator, losses, bool(about["tuned"]))
