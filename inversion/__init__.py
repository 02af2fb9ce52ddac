"""A photo's crop into a latent, and a generator tuned to paint it. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .perceptual import PerceptualDistance, load_perceptual
    from .project import ProjectRun
    from .settings import (
        DEFAULTS,
        PRESETS,
        InversionSettings,
        LossSettings,
        ProjectSettings,
        TuneSettings,
    )
    from .store import read_inversion, save_inversion
    from .target import Target, face_outline, make_target
    from .tune import TuneRun
    from .values import Inversion, InvertStep, Losses

__all__ = [
    "DEFAULTS",
    "PRESETS",
    "Inversion",
    "InversionSettings",
    "InvertStep",
    "LossSettings",
    "Losses",
    "PerceptualDistance",
    "ProjectRun",
    "ProjectSettings",
    "Target",
    "TuneRun",
    "TuneSettings",
    "face_outline",
    "load_perceptual",
    "make_target",
    "read_inversion",
    "save_inversion",
]

_HOMES = {
    "DEFAULTS": "settings",
    "InvertStep": "values",
    "Inversion": "values",
    "InversionSettings": "settings",
    "LossSettings": "settings",
    "Losses": "values",
    "PRESETS": "settings",
    "PerceptualDistance": "perceptual",
    "ProjectRun": "project",
    "ProjectSettings": "settings",
    "Target": "target",
    "TuneRun": "tune",
    "TuneSettings": "settings",
    "face_outline": "target",
    "load_perceptual": "perceptual",
    "make_target": "target",
    "read_inversion": "store",
    "save_inversion": "store",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
