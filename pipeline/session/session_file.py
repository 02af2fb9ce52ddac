"""A session as JSON: readable, with a version, and refused with a reason where it is damaged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from photodrag.alignment import Face, FaceChoice
from photodrag.drag import DragPoint
from photodrag.errors import PhotodragError, SessionError

from ..edit.values import Point
from ..recipe.recipe_file import edit_from_values, edit_to_values
from ..settings import EditSettings
from ..settings_json import settings_from_values, settings_to_values
from .session import PhotoReference, SessionEdit, SessionState

SESSION_VERSION = 1
_MARK = "photodrag_session"
_NAME = re.compile(r"[a-z]+-[0-9a-f]{16}\.[a-z]+")  # of a file beside it: nothing leads elsewhere
_DIGITS = r"-?[0-9][0-9.e+-]*"
_PAIR = re.compile(rf"\[\s+({_DIGITS}),\s+({_DIGITS})\s+\]")


def encode_session(session: SessionState) -> bytes:
    """The session as JSON, a place on one line."""
    text = json.dumps(session_to_values(session), indent=1, ensure_ascii=False, allow_nan=False)
    return (_PAIR.sub(r"[\1, \2]", text) + "\n").encode()


def decode_session(data: bytes) -> SessionState:
    """The session of what `encode_session` gave; SessionError says what is wrong."""
    try:
        values: Any = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise SessionError(f"the file is damaged: {error}") from error
    if not isinstance(values, Mapping) or _MARK not in values:
        raise SessionError(f'this is not a session: it has no "{_MARK}"')
    version = values[_MARK]
    if version != SESSION_VERSION or isinstance(version, bool):
        age = "an older" if isinstance(version, int) and version < SESSION_VERSION else "another"
        raise SessionError(
            f"the session is of {age} version, {version!r:.40}; this photodrag reads "
            f"{SESSION_VERSION}; begin a new session of the photo"
        )
    try:
        return _session(values)
    except (LookupError, TypeError, ValueError, PhotodragError) as error:
        reason = f"{error} is missing" if isinstance(error, KeyError) else str(error)
        raise SessionError(f"the session is damaged: {reason}") from error


def session_to_values(session: SessionState) -> dict[str, Any]:
    """The session as plain values."""
    return {
        _MARK: SESSION_VERSION,
        "photo": {
            "path": session.photo.path,
            "sha256": session.photo.sha256,
            "size": list(session.photo.size),
        },
        "face": {
            "number": session.face.index,
            "box": list(session.face.box),
            "score": session.face.score,
            "landmarks": session.face.landmarks.tolist(),
        },
        "fingerprint": session.fingerprint,
        "settings": settings_to_values(session.settings, None),
        "inversion": session.inversion,
        "position": session.position,
        "edits": [_edit_values(edit, session.settings) for edit in session.edits],
    }


def _edit_values(edit: SessionEdit, settings: EditSettings) -> dict[str, Any]:
    return {
        "recipe": edit_to_values(edit.request, settings),
        "points": [[list(p.handle), list(p.target)] for p in edit.points],
        "reached": [list(place) for place in edit.reached],
        "arrived": edit.arrived,
        "held": [[list(p.handle), list(p.target)] for p in edit.all_drags],
        "file": edit.file,
        "mask": edit.mask,
    }


def _session(values: Mapping[str, Any]) -> SessionState:
    photo, face = values["photo"], values["face"]
    left, top, right, bottom = map(float, face["box"])
    number = FaceChoice(_whole(face["number"])).number or 1
    width, height = map(_whole, photo["size"])
    settings = settings_from_values(values["settings"])
    return SessionState(
        PhotoReference(_text(photo["path"]), _text(photo["sha256"]), (width, height)),
        Face(
            number,
            (left, top, right, bottom),
            np.array(face["landmarks"], np.float64),
            float(face["score"]),
        ),
        settings,
        _text(values["fingerprint"]),
        _name(values["inversion"]),
        tuple(_edit(edit, settings) for edit in values["edits"]),
        _whole(values["position"]),
    )


def _edit(values: Mapping[str, Any], settings: EditSettings) -> SessionEdit:
    request = edit_from_values(values["recipe"], settings)
    points = tuple(_drag(pair) for pair in values["points"])
    reached = tuple(_point(place) for place in values["reached"])
    mask = values["mask"]
    if not points or len(points) != len(reached):
        raise ValueError(f"an edit has {len(points)} points, of which {len(reached)} ended")
    return SessionEdit(
        request,
        points,
        reached,
        bool(values["arrived"]),
        tuple(_drag(pair) for pair in values["held"]),
        _name(values["file"]),
        None if mask is None else _name(mask),
    )


def _drag(pair: Any) -> DragPoint:
    handle, target = pair
    return DragPoint(_point(handle), _point(target))


def _point(place: Any) -> Point:
    x, y = place
    return float(x), float(y)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError(f"{value!r:.60} is no text")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{value!r:.60} is no whole number")
    return value


def _name(value: Any) -> str:
    if _NAME.fullmatch(_text(value)) is None:
        raise ValueError(f"{value!r:.60} is not the name of a file of the session")
    return str(value)
