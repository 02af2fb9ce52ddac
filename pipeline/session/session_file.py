"""A session as JSON: readable, with a version, and refused with a reason where it is damaged."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from photodrag.alignment import Face, FaceChoice
from photodrag.drag import DragPoint
from photodrag.errors import ContentError, PhotodragError, SessionError
from photodrag.json_values import JsonValue, parse_json

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
        values = JsonValue(parse_json(data))
    except ContentError as error:
        raise SessionError(f"the file is damaged: {error}") from error
    if not isinstance(values.value, dict) or _MARK not in values.value:
        raise SessionError(f'this is not a session: it has no "{_MARK}"')
    version = values[_MARK].value
    if version != SESSION_VERSION or isinstance(version, bool):
        age = "an older" if isinstance(version, int) and version < SESSION_VERSION else "another"
        raise SessionError(
            f"the session is of {age} version, {version!r:.40}; this photodrag reads "
            f"{SESSION_VERSION}; begin a new session of the photo"
        )
    try:
        return _session(values)
    except PhotodragError as error:
        raise SessionError(f"the session is damaged: {error}") from error


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


def _session(values: JsonValue) -> SessionState:
    photo, face = values["photo"], values["face"]
    number = FaceChoice(face["number"].whole()).number or 1
    settings = settings_from_values(values["settings"].value)
    return SessionState(
        PhotoReference(
            photo["path"].text(), photo["sha256"].text(), photo["size"].of_type(tuple[int, int])
        ),
        Face(
            number,
            face["box"].of_type(tuple[float, float, float, float]),
            np.array(face["landmarks"].pairs(), np.float64),
            face["score"].number(),
        ),
        settings,
        values["fingerprint"].text(),
        _name(values["inversion"]),
        tuple(_edit(edit, settings) for edit in values["edits"].items()),
        values["position"].whole(),
    )


def _edit(values: JsonValue, settings: EditSettings) -> SessionEdit:
    points, reached = _drags(values["points"]), values["reached"].pairs()
    if not points or len(points) != len(reached):
        raise SessionError(
            f"{values.where} has {len(points)} points, of which {len(reached)} ended"
        )
    return SessionEdit(
        edit_from_values(values["recipe"].value, settings),
        points,
        reached,
        values["arrived"].flag(),
        _drags(values["held"]),
        _name(values["file"]),
        None if values["mask"].value is None else _name(values["mask"]),
    )


def _drags(values: JsonValue) -> tuple[DragPoint, ...]:
    pairs = (one.items("a handle and a target", count=2) for one in values.items())
    return tuple(DragPoint(handle.pair(), target.pair()) for handle, target in pairs)


def _name(value: JsonValue) -> str:
    name = value.text()
    if _NAME.fullmatch(name) is None:
        raise value.refusal("the name of a file of the session")
    return name
