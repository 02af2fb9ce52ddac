"""Generators: networks, files, the catalogue, downloads, conversion. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .catalogue import CATALOGUE, DEFAULT_CHECKPOINT, CheckpointSpec, find_spec
    from .config import GeneratorConfig, MobileStyleGANConfig, StyleGAN2Config
    from .conversion import convert
    from .fetching import FetchRun, fetch, locate
    from .generator import Generator, build_generator
    from .latent import Latent
    from .loading import generator_from_tensors, load_generator
    from .statistics import WStatistics
    from .store import read_checkpoint, save_checkpoint
    from .windows import Window, WindowMaps

__all__ = [
    "CATALOGUE",
    "DEFAULT_CHECKPOINT",
    "CheckpointSpec",
    "FetchRun",
    "Generator",
    "GeneratorConfig",
    "Latent",
    "MobileStyleGANConfig",
    "StyleGAN2Config",
    "WStatistics",
    "Window",
    "WindowMaps",
    "build_generator",
    "convert",
    "fetch",
    "find_spec",
    "generator_from_tensors",
    "load_generator",
    "locate",
    "read_checkpoint",
    "save_checkpoint",
]

# No function may have the name of its module: importing that module would hide the function.
_HOMES = {
    "CATALOGUE": "catalogue",
    "DEFAULT_CHECKPOINT": "catalogue",
    "CheckpointSpec": "catalogue",
    "FetchRun": "fetching",
    "Generator": "generator",
    "GeneratorConfig": "config",
    "Latent": "latent",
    "MobileStyleGANConfig": "config",
    "StyleGAN2Config": "config",
    "WStatistics": "statistics",
    "Window": "windows",
    "WindowMaps": "windows",
    "build_generator": "generator",
    "convert": "conversion",
    "fetch": "fetching",
    "find_spec": "catalogue",
    "generator_from_tensors": "loading",
    "load_generator": "loading",
    "locate": "fetching",
    "read_checkpoint": "store",
    "save_checkpoint": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
