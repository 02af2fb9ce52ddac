"""The command line that makes the same picture, to be copied."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import fields

from photodrag.alignment import Face, landmark_index
from photodrag.drag import DragPoint
from photodrag.drag.settings import PRESETS
from photodrag.errors import StudioError

from ...option_settings import AUTO, INVERSIONS, ChangeOptions, with_inversion
from ...request.face_drag import FaceDrag
from ...session.session import SessionEdit
from ...session.work import SessionWork
from ...settings import DEFAULTS, EditSettings
from ...settings_json import EDIT_STAGES, value_text
from ..protocol.requests import Place
from ..protocol.views import Command

_INVERSION = ("loss", "project", "tune")


def command_line(work: SessionWork, photo: str, output: str, device: str) -> Command:
    """What gives the photo as it now looks; `photo` and `output` are names of files.

    StudioError where there is no edit.
    """
    session = work.session
    if not session.current:
        raise StudioError("there is no edit yet; the photo is as it was")
    first = [*_inversion_options(session.settings), *_device(device)]
    if session.face.index != 1:
        first = ["--face", str(session.face.index), *first]
    changes = [
        _edit(edit, session.settings, work.shown(number))
        for number, edit in enumerate(session.current)
    ]
    masks = {str(edit.request.mask_file) for edit in session.current if edit.request.mask_file}
    files = tuple((name, work.folder.read(name)) for name in sorted(masks))
    photo, output = _file(photo), _file(output)
    if len(changes) == 1:
        lines = [["photodrag", "edit", photo, "-o", output, *changes[0], *first]]
    else:
        folder = f"{output.rpartition('.')[0] or output}.session"
        lines = [["photodrag", "session", "new", photo, "-o", folder, *first]]
        for number, change in enumerate(changes, start=1):
            last = ["-o", output] if number == len(changes) else []
            lines.append(["photodrag", "session", "edit", folder, *change, *_device(device), *last])
    return Command("\n".join(shlex.join(line) for line in lines), files)


def _edit(edit: SessionEdit, base: EditSettings, shown: Face) -> list[str]:
    request = edit.request
    words: list[str] = []
    for drag, point in zip(request.points, edit.points[: len(request.points)], strict=True):
        assert isinstance(drag, FaceDrag), "a session's drags follow the face"
        name = drag.landmark if drag.offset == (0.0, 0.0) else None
        words += ["--drag", _drag(point, name, shown)]
    for adjustment, value in request.adjust:
        words += ["--adjust", f"{adjustment}={_number(value)}"]
    if request.mask is not None:
        words += ["--mask", str(request.mask)]
    return [*words, *_change_options(request.settings or base, base)]


def _drag(point: DragPoint, name: str | None, shown: Face) -> str:
    handle = _place(point.handle)
    if name is not None and tuple(shown.landmarks[landmark_index(name)]) == point.handle:
        handle = name
    return f"{handle}->{_place(point.target)}"


def _change_options(settings: EditSettings, base: EditSettings) -> list[str]:
    """The fewest options that make an edit's own settings of the session's."""
    composite, usual = settings.composite.method, DEFAULTS.composite.method
    said = [] if composite == usual else ["--composite", composite]
    return [*said, *min((_preset(name, settings, base) for name in PRESETS), key=len)]


def _preset(name: str, settings: EditSettings, base: EditSettings) -> list[str]:
    made = ChangeOptions(name, composite=settings.composite.method).settings(base)
    said = [] if name == "default" else ["--preset", name]
    return [*said, *_set(made, settings, EDIT_STAGES)]


def _inversion_options(settings: EditSettings) -> list[str]:
    """The fewest options that make the session's inversion."""
    checkpoint = settings.checkpoint
    said = [] if checkpoint == DEFAULTS.checkpoint else ["--checkpoint", checkpoint]
    names = [name for name in INVERSIONS if (name == AUTO) == (settings.depth == AUTO)]
    return [*said, *min((_inversion(name, settings) for name in names), key=len)]


def _inversion(name: str, settings: EditSettings) -> list[str]:
    said = [] if name == AUTO else ["--inversion", name]
    return [*said, *_set(with_inversion(settings, name), settings, _INVERSION)]


def _set(made: EditSettings, wanted: EditSettings, stages: Sequence[str]) -> list[str]:
    """What `--set` has to say of the one's stages to make them the other's."""
    words = []
    for stage in stages:
        old, new = getattr(made, stage), getattr(wanted, stage)
        for one in fields(new):
            value = getattr(new, one.name)
            if value != getattr(old, one.name):
                words += ["--set", f"{stage}.{one.name}={value_text(value)}"]
    return words


def _device(device: str) -> list[str]:
    return [] if device == "auto" else ["--device", device]


def _place(place: Place) -> str:
    return ",".join(_number(max(number, 0.0)) for number in place)


def _number(value: float) -> str:
    """A number as the command line reads it, exactly, without an exponent."""
    text = repr(float(value))
    if "e" in text:
        text = f"{value:.20f}".rstrip("0")
    return text.removesuffix(".0").rstrip(".") or "0"


def _file(name: str) -> str:
    """A file's name that is not taken for an option."""
    return f"./{name}" if name.startswith("-") else name
