"""A generator from a catalogue name or a file, ready to use."""

from __future__ import annotations

import time
import warnings
from pathlib import Path

import torch
from torch import Tensor

from photodrag.errors import CacheWarning, CheckpointError
from photodrag.logs import room_logger

from .cache import checkpoint_folder
from .catalogue import DEFAULT_CHECKPOINT
from .convert.pickles import read_pickle
from .fetching import fetch, is_damaged, locate
from .fitted_files import FittedFiles
from .generator import Generator, filled_generator
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
    path = _whole(locate(name_or_path) or fetch(str(name_or_path)).finish())
    begin = time.perf_counter()
    generator = _loaded(path)
    if path.parent == checkpoint_folder() and _is_another(generator):
        generator = _loaded(_fetched_again(path))
    generator = with_heads(generator).to(device)
    _LOG.info(
        "loaded %s (%s, %d px) to %s in %.2f s",
        path,
        generator.config.kind,
        generator.resolution,
        generator.device,
        time.perf_counter() - begin,
    )
    return generator


def generator_from_tensors(
    name: str, config: GeneratorConfig, tensors: dict[str, Tensor]
) -> Generator:
    """A generator of a shape with given weights; every weight must be there and none left over."""
    foreign = sorted(key for key in tensors if not key.startswith(("mapping.", "synthesis.")))
    if foreign:
        raise CheckpointError(
            f"{name} holds tensors that a generator does not have: {', '.join(foreign[:3])}"
        )
    mapping, synthesis = (
        {
            key.removeprefix(prefix): value.float()
            for key, value in tensors.items()
            if key.startswith(prefix)
        }
        for prefix in ("mapping.", "synthesis.")
    )
    try:
        return filled_generator(name, config, mapping, synthesis)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise CheckpointError(
            f"the weights of {name} do not fit its configuration: {reason:.400}"
        ) from error


def _whole(path: Path) -> Path:
    """The same path; a file of the cache that was damaged since is fetched again first."""
    damaged = path.parent == checkpoint_folder() and is_damaged(path)
    return _fetched_again(path) if damaged else path


def _is_another(generator: Generator) -> bool:
    """Whether its weights are not the published ones, which photodrag's own files are made for."""
    heads = _SHIPPED / f"{generator.name}{FILES.ending}"
    if not heads.is_file():
        return False
    return FILES.format.read_note(heads)["fingerprint"].text() != generator.fingerprint


def _fetched_again(path: Path) -> Path:
    warnings.warn(
        f"{path} is damaged: not what was fetched; it is fetched again", CacheWarning, stacklevel=4
    )
    return fetch(path.stem, force=True).finish()


def _loaded(path: Path) -> Generator:
    config, tensors = _read(path)
    return generator_from_tensors(path.stem, config, tensors)


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
    if heads is None:
        if (folder / f"{generator.name}{FILES.ending}").is_file():
            warnings.warn(
                f"the weights of {generator.name} are not those that were published: its rendering "
                "heads do not fit, and inversion is slower without them. If that is not meant, run "
                f"`photodrag checkpoints fetch {generator.name} --force`",
                CacheWarning,
                stacklevel=3,
            )
        return generator
    return generator.with_heads(heads.to(generator.device))
