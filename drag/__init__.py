"""Dragging points in the image of a generator; knows nothing of faces."""

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
