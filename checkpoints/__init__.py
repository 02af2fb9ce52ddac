"""Generators: networks, file formats, the catalogue, downloads, conversion."""

from .catalogue import CATALOGUE, CheckpointSpec, find_spec
from .config import GeneratorConfig, MobileStyleGANConfig, StyleGAN2Config
from .convert import convert
from .fetch import FetchRun, fetch, locate
from .generator import Generator, build_generator
from .latent import Latent
from .loading import DEFAULT_CHECKPOINT, load_generator
from .statistics import WStatistics
from .store import read_checkpoint, save_checkpoint

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
    "build_generator",
    "convert",
    "fetch",
    "find_spec",
    "load_generator",
    "locate",
    "read_checkpoint",
    "save_checkpoint",
]
