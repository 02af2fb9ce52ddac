"""The command line that makes the same picture, to be copied."""

from __future__ import annotations

import itertools
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace

from photodrag.alignment import Face, landmark_index
from photodrag.drag import DragPoint
from photodrag.drag.settings import PRESETS
from photodrag.errors import StudioError
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS

from ...option_settings import ChangeOptions, edit_settings
from ...request.face_drag import FaceDrag
from ...session.session import SessionEdit
from ...session.work import SessionWork
from ...settings import DEFAULTS, EditSettings
from ...settings_json import EDIT_STAGES
from ..protocol.requests import Place
from ..protocol.views import Command

_UNSAID = "# The settings have no options; save the recipe or the session instead."


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
    unsaid = [_UNSAID] if any(None in line for line in lines) else []
    texts = [shlex.join([part for part in line if part is not None]) for line in lines]
    return Command("\n".join([*unsaid, *texts]), files)


def _edit(edit: SessionEdit, base: EditSettings, shown: Face) -> list[str | None]:
    request = edit.request
    words: list[str | None] = []
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


def _change_options(settings: EditSettings, base: EditSettings) -> Iterator[str | None]:
    """The fewest options that make an edit's own settings of the session's; None: none do."""
    drag, composite = settings.drag, settings.composite.method
    if drag.compiled:
        yield "--compile"
        settings = replace(settings, drag=replace(drag, compiled=False))
    choices = itertools.product(
        (False, True), (None, drag.method), (None, drag.tracking), (None, drag.max_steps), PRESETS
    )
    found = []
    for no_guide, method, tracking, steps, preset in choices:
        options = ChangeOptions(preset, steps, method, tracking, no_guide, composite)
        made = options.settings(base)
        own = drag.precision != made.drag.precision
        made = replace(made, drag=replace(made.drag, precision=drag.precision))
        if _same(made, settings, EDIT_STAGES):
            said = ["--precision", drag.precision] if own else []
            found.append([*said, *_words(options)])
    yield from min(found, key=len, default=[None])


def _words(options: ChangeOptions) -> Iterator[str]:
    usual = ChangeOptions()
    for name in ("preset", "method", "tracking", "drag_steps", "composite"):
        value = getattr(options, name)
        if value != getattr(usual, name):
            yield f"--{name.replace('_', '-')}"
            yield str(value)
    if options.no_guide:
        yield "--no-guide"


def _inversion_options(settings: EditSettings) -> Iterator[str | None]:
    """The options that make the session's settings; None where none do."""
    project, tune, checkpoint = settings.project, settings.tune, settings.checkpoint
    if checkpoint != DEFAULTS.checkpoint:
        yield from ("--checkpoint", checkpoint)
    choices = itertools.product(
        (None, project.space), (None, project.steps), (None, tune.steps), INVERSION_PRESETS
    )
    for space, pivot_steps, tune_steps, preset in choices:
        made = edit_settings(
            checkpoint=checkpoint,
            inversion=preset,
            space=space,
            pivot_steps=pivot_steps,
            tune_steps=tune_steps,
            seed=project.seed,
        )
        if not _same(made, settings, ("loss", "project", "tune")):
            continue
        if preset != "default":
            yield from ("--inversion", preset)
        for name, value in (
            ("--space", space),
            ("--pivot-steps", pivot_steps),
            ("--tune-steps", tune_steps),
            ("--seed", None if project.seed == DEFAULTS.project.seed else project.seed),
        ):
            if value is not None:
                yield from (name, str(value))
        return
    yield None


def _same(one: EditSettings, other: EditSettings, stages: Sequence[str]) -> bool:
    return all(getattr(one, stage) == getattr(other, stage) for stage in stages)


def _device(device: str) -> list[str | None]:
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
