"""Files of rendering heads: a few corrections, tied to one generator's weights."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .config import MobileStyleGANConfig
from .fitted import FittedFiles
from .generator import Generator
from .heads import RenderingHeads

_FILES = FittedFiles("-heads.safetensors", "photodrag-heads", "the rendering heads")
_SHIPPED = Path(__file__).parent / "data"


def save_heads(
    path: str | Path, heads: RenderingHeads, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write heads in half precision for the generator with a fingerprint, whole or not at all."""
    _FILES.save(path, heads, fingerprint, {"resolutions": heads.resolutions}, notes)


def with_heads(generator: Generator, folder: Path = _SHIPPED) -> Generator:
    """The generator with the heads in a folder that were fitted to it; as it is without any.

    Raises CheckpointError for a file of heads that cannot be read.
    """
    config = generator.config
    if not isinstance(config, MobileStyleGANConfig):
        return generator  # StyleGAN2 paints small images by itself
    heads = _FILES.find(
        folder, generator.fingerprint, lambda about: RenderingHeads(config, about["resolutions"])
    )
    return generator if heads is None else generator.with_heads(heads.to(generator.device))
