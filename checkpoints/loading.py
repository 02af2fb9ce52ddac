"""A generator from a catalogue name or a file, ready to use."""

from __future__ import annotations

import time
from pathlib import Path

import torch
from torch import Tensor

from photodrag.errors import CheckpointError
from photodrag.logs import room_logger

from .catalogue import DEFAULT_CHECKPOINT
from .convert.pickles import read_pickle
from .fetching import fetch, locate
from .fitted_files import FittedFiles
from .generator import Generator, build_generator
from .networks.config import GeneratorConfig, MobileStyleGANConfig
from .networks.heads import RenderingHeads
from .store import read_checkpoint

_LOG = room_logger("checkpoints")
FILES = FittedFiles("-heads.safetensors", "photodrag-heads", "the rendering heads")
_SHIPPED = Path(__file__).parent / "data"


def load_generator(
    name_or_path: str | Path = DEFAULT_CHECKPOINT, device: str | torch.device = "auto"
) -> Generator:
    """Load a generator by catalogue name (fetched at first use) or from a file.

    Files are photodrag's safetensors or NVIDIA's network pickles; a pickle is read by the
    restricted reader and nothing in it is run. Raises CheckpointError and its kin.
    """
    path = locate(name_or_path) or fetch(str(name_or_path)).finish()
    begin = time.perf_counter()
    config, tensors = _read(path)
    generator = with_heads(generator_from_tensors(path.stem, config, tensors)).to(device)
    _LOG.info(
        "loaded %s (%s, %d px) to %s in %.2f s",
        path,
        config.kind,
        config.resolution,
        generator.device,
        time.perf_counter() - begin,
    )
    return generator


def generator_from_tensors(
    name: str, config: GeneratorConfig, tensors: dict[str, Tensor]
) -> Generator:
    """A generator of a shape with given weights; every weight must be there and none left over."""
    generator = build_generator(name, config)
    foreign = sorted(key for key in tensors if not key.startswith(("mapping.", "synthesis.")))
    if foreign:
        raise CheckpointError(
            f"{name} holds tensors that a generator does not have: {', '.join(foreign[:3])}"
        )
    for prefix, module in (("mapping.", generator.mapping), ("synthesis.", generator.synthesis)):
        own = {
            key.removeprefix(prefix): value.float()
            for key, value in tensors.items()
            if key.startswith(prefix)
        }
        try:
            module.load_state_dict(own, strict=True)
        except RuntimeError as error:
            reason = " ".join(str(error).split())
            raise CheckpointError(
                f"the weights of {name} do not fit its configuration: {reason}"
            ) from error
    return generator


def _read(path: Path) -> tuple[GeneratorConfig, dict[str, Tensor]]:
    if path.suffix == ".pkl":
        pickle = read_pickle(path)
        return pickle.config, dict(pickle.tensors)
    config, tensors, _ = read_checkpoint(path)
    return config, tensors


def with_heads(generator: Generator, folder: Path = _SHIPPED) -> Generator:
    """The generator with the heads in a folder that were fitted to it; as it is without any.

    Raises CheckpointError for a file of heads that cannot be read.
    """
    config = generator.config
    if not isinstance(config, MobileStyleGANConfig):
        return generator  # StyleGAN2 paints small images by itself
    heads = FILES.find(
        folder,
        generator.fingerprint,
        lambda note: RenderingHeads(config, note["resolutions"].of_type(tuple[int, ...])),
    )
    return generator if heads is None else generator.with_heads(heads.to(generator.device))
