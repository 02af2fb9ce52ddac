"""dlib's detector and networks. The files are the face-recognition-models package's."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import dlib

from photodrag.errors import FaceModelError

_PACKAGE = "face_recognition_models"


@cache
def detector() -> Any:
    """Dlib's frontal face detector."""
    return dlib.get_frontal_face_detector()


@cache
def landmark_predictor() -> Any:
    """Dlib's predictor of 68 landmarks, about 100 MB; loaded once."""
    return dlib.shape_predictor(str(_file("shape_predictor_68_face_landmarks.dat")))


@cache
def identity_network() -> Any:
    """Dlib's face recognition network, about 22 MB; loaded once."""
    return dlib.face_recognition_model_v1(str(_file("dlib_face_recognition_resnet_model_v1.dat")))


def _file(name: str) -> Path:
    """A file of the package, which is not imported: importing it needs pkg_resources."""
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FaceModelError(
            f"the package {_PACKAGE} is not installed; run: pip install face-recognition-models"
        )
    path = Path(spec.submodule_search_locations[0]) / "models" / name
    if not path.is_file():
        raise FaceModelError(
            f"{path} is missing; run: pip install --force-reinstall face-recognition-models"
        )
    return path
