"""A desk to drag on: the work behind the page, without the page. Loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..choices import ChangeOptions
    from .desk import Desk
    from .events import Done, Event, Failed, Frame, Paused, Progress, Stopped, Waiting, Working
    from .requests import EditRequest, MaskRequest, PointRequest, Stroke
    from .saving import SAVE_EXTENSIONS
    from .settings import StudioSettings
    from .studio import Studio
    from .ticket import Ticket
    from .uploads import Upload
    from .views import (
        Command,
        DeskState,
        EditInfo,
        Landmark,
        PhotoInfo,
        Picture,
        PointEnd,
        SavedFile,
    )

__all__ = [
    "SAVE_EXTENSIONS",
    "ChangeOptions",
    "Command",
    "Desk",
    "DeskState",
    "Done",
    "EditInfo",
    "EditRequest",
    "Event",
    "Failed",
    "Frame",
    "Landmark",
    "MaskRequest",
    "Paused",
    "PhotoInfo",
    "Picture",
    "PointEnd",
    "PointRequest",
    "Progress",
    "SavedFile",
    "Stopped",
    "Stroke",
    "Studio",
    "StudioSettings",
    "Ticket",
    "Upload",
    "Waiting",
    "Working",
]

_HOMES = {
    "SAVE_EXTENSIONS": "saving",
    "ChangeOptions": ".choices",
    "Desk": "desk",
    "StudioSettings": "settings",
    "Studio": "studio",
    "Ticket": "ticket",
    "Upload": "uploads",
    **dict.fromkeys(("EditRequest", "MaskRequest"), "requests"),
    **dict.fromkeys(("PointRequest", "Stroke"), "requests"),
    **dict.fromkeys(("Done", "Event", "Failed", "Frame", "Paused", "Progress"), "events"),
    **dict.fromkeys(("Stopped", "Waiting", "Working"), "events"),
    **dict.fromkeys(("Command", "DeskState", "EditInfo", "Landmark", "PhotoInfo"), "views"),
    **dict.fromkeys(("Picture", "PointEnd", "SavedFile"), "views"),
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
