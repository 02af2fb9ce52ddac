"""A real portrait in, an edited portrait out: all stages together. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .device import choose_device
    from .editing import EditRun, edit
    from .inversion_cache import InversionCache
    from .invert import InvertRun
    from .points import DragSpec, parse_drag
    from .settings import CompositeSettings, EditSettings
    from .values import EditResult, EditStep

__all__ = [
    "CompositeSettings",
    "DragSpec",
    "EditResult",
    "EditRun",
    "EditSettings",
    "EditStep",
    "InversionCache",
    "InvertRun",
    "choose_device",
    "edit",
    "parse_drag",
]

# No function may have the name of its module: importing that module would hide the function.
_HOMES = {
    "CompositeSettings": "settings",
    "DragSpec": "points",
    "EditResult": "values",
    "EditRun": "editing",
    "EditSettings": "settings",
    "EditStep": "values",
    "InversionCache": "inversion_cache",
    "InvertRun": "invert",
    "choose_device": "device",
    "edit": "editing",
    "parse_drag": "points",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
