"""Photo in, aligned face crop out, and the way back. What is named here is loaded at first use."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .coding import JpegCoding
    from .crop import FaceCrop, align
    from .detection import find_faces
    from .drawing import draw_faces
    from .faces import Face, select_face
    from .identity import identity_distance
    from .landmarks import landmarks_in, landmarks_near
    from .names import LANDMARK_NAMES, landmark_index
    from .photo import Photo
    from .reading import MAX_PIXELS, open_photo

__all__ = [
    "LANDMARK_NAMES",
    "MAX_PIXELS",
    "Face",
    "FaceCrop",
    "JpegCoding",
    "Photo",
    "align",
    "draw_faces",
    "find_faces",
    "identity_distance",
    "landmark_index",
    "landmarks_in",
    "landmarks_near",
    "open_photo",
    "select_face",
]

_HOMES = {
    "LANDMARK_NAMES": "names",
    "MAX_PIXELS": "reading",
    "Face": "faces",
    "FaceCrop": "crop",
    "JpegCoding": "coding",
    "Photo": "photo",
    "align": "crop",
    "draw_faces": "drawing",
    "find_faces": "detection",
    "identity_distance": "identity",
    "landmark_index": "names",
    "landmarks_in": "landmarks",
    "landmarks_near": "landmarks",
    "open_photo": "reading",
    "select_face": "faces",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES[name]}", __name__), name)


def __dir__() -> list[str]:
    return sorted(__all__)
