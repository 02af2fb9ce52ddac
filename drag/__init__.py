"""Dragging points in the image of a generator; knows nothing of faces. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .run import DragRun
    from .settings import DEFAULTS, OFFICIAL, PRESETS, DragSettings
    from .values import DragPoint, DragStep

__all__ = [
    "DEFAULTS",
    "OFFICIAL",
    "PRESETS",
    "DragPoint",
    "DragRun",
    "DragSettings",
    "DragStep",
]

_HOMES = {
    "DEFAULTS": "settings",
    "OFFICIAL": "settings",
    "PRESETS": "settings",
    "DragPoint": "values",
    "DragRun": "run",
    "DragSettings": "settings",
    "DragStep": "values",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
