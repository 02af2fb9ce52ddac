"""A session as JSON: readable, with a version, and refused with a reason where it is damaged."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np

from photodrag.alignment import Face, FaceChoice
from photodrag.drag import DragPoint
from photodrag.errors import ContentError, PhotodragError, SessionError
from photodrag.json_values import JsonValue, parse_json, shown

from ..recipe.recipe_file import edit_from_values, edit_to_values
from ..settings import EditSettings
from ..settings_json import settings_from_values, settings_to_values
from .session import PhotoReference, SessionEdit, SessionState

SESSION_VERSION = 1
_MARK = "photodrag_session"
_NAME = re.compile(r"[a-z]+-[0-9a-f]{16}\.[a-z]+")  # of a file beside it: nothing leads elsewhere
_LONGEST_SIDE = 2**28  # pixels
_MOST_FACES = 1_000_000
_FAR = 10.0  # times the photo's longer side, beyond which no place can be meant
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
            f"the session is of {age} version, {shown(version, 40)}; this photodrag reads "
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
    deeper = {} if edit.inversion is None else {"inversion": edit.inversion}
    return deeper | {
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
    if face["number"].whole() > _MOST_FACES:
        raise face["number"].refusal("the number of a face")
    number = FaceChoice(face["number"].whole()).number or 1
    settings = settings_from_values(values["settings"].value)
    size = photo["size"].of_type(tuple[int, int])
    if not all(1 <= side <= _LONGEST_SIDE for side in size):
        raise photo["size"].refusal("a width and a height in pixels")
    near = _FAR * max(size)
    left, top, right, bottom = face["box"].of_type(tuple[float, float, float, float])
    if not (-near <= left < right <= near and -near <= top < bottom <= near):
        raise face["box"].refusal("left, top, right and bottom of a face in the photo")
    return SessionState(
        PhotoReference(photo["path"].text(), photo["sha256"].text(), size),
        Face(
            number,
            (left, top, right, bottom),
            np.array(_places(face["landmarks"], near), np.float64),
            face["score"].number(),
        ),
        settings,
        values["fingerprint"].text(),
        _name(values["inversion"]),
        tuple(_edit(edit, settings, near) for edit in values["edits"].items()),
        values["position"].whole(),
    )


def _edit(values: JsonValue, settings: EditSettings, near: float) -> SessionEdit:
    points, reached = _drags(values["points"], near), _places(values["reached"], near)
    if not points or len(points) != len(reached):
        raise SessionError(
            f"{values.where} has {len(points)} points, of which {len(reached)} ended"
        )
    return SessionEdit(
        edit_from_values(values["recipe"].value, settings),
        points,
        reached,
        values["arrived"].flag(),
        _drags(values["held"], near),
        _name(values["file"]),
        *(
            None if one.value is None else _name(one)
            for one in (values["mask"], values.get("inversion"))
        ),
    )


def _drags(values: JsonValue, near: float) -> tuple[DragPoint, ...]:
    pairs = (one.items("a handle and a target", count=2) for one in values.items())
    return tuple(DragPoint(*(_near(one, one.pair(), near) for one in pair)) for pair in pairs)


def _places(values: JsonValue, near: float) -> tuple[tuple[float, float], ...]:
    """Places in or about the photo."""
    return tuple(_near(values, place, near) for place in values.pairs())


def _near(value: JsonValue, place: tuple[float, float], near: float) -> tuple[float, float]:
    if not all(-near <= one <= near for one in place):
        raise ContentError(
            f"{value.where} has the place {place}; that is further than {near:.0f} pixels away"
        )
    return place


def _name(value: JsonValue) -> str:
    name = value.text()
    if _NAME.fullmatch(name) is None:
        raise value.refusal("the name of a file of the session")
    return name
