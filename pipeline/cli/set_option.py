"""`--set STAGE.NAME=VALUE`: any of the settings, for experiments."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import click

from photodrag.drag.settings import METHODS, PRECISIONS, TRACKINGS
from photodrag.errors import SettingsError
from photodrag.inversion.settings import SPACES, STARTS

from ..composite.settings import COMPOSITES
from ..settings import DEFAULTS, EditSettings
from . import shell_values as completing
from .options import Command

OF_INVERSION = ("loss", "project", "tune")
OF_DRAG = ("guide", "drag")
OF_CHANGE = (*OF_DRAG, "composite")
SEED = "seed"
"""A name without a stage: the seed of every stage that draws random numbers."""
_SEEDS = ("project.seed", "tune.seed")
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "drag.method": tuple(METHODS),
    "drag.tracking": TRACKINGS,
    "drag.precision": PRECISIONS,
    "project.space": SPACES,
    "project.start": STARTS,
    "composite.method": COMPOSITES,
}
_EXAMPLES = {  # by a command's last stage
    "tune": "tune.steps=20 or project.space=w+",
    "drag": "drag.method=free or guide.steps=0",
    "composite": "drag.method=free or composite.reach=0.3",
}
_FLAGS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


@dataclass(frozen=True)
class Setting:
    """One of the settings: its stage and name, its default, and the type as it is written."""

    stage: str
    name: str
    default: Any
    kind: str

    @property
    def full_name(self) -> str:
        """As `--set` has it."""
        return f"{self.stage}.{self.name}"

    @property
    def may_be_empty(self) -> bool:
        """Whether an empty value leaves the choice to photodrag."""
        return self.kind.endswith("| None")

    @property
    def default_text(self) -> str:
        """The default as `--set` reads it."""
        return value_text(self.default)

    @property
    def choices(self) -> tuple[str, ...]:
        """All values, where there are only some."""
        flags = ("true", "false") if self.kind == "bool" else ()
        return _CHOICES.get(self.full_name, flags)

    def read(self, text: str) -> Any:
        """The value of a text; SettingsError if it is of another kind."""
        text = text.strip()
        if self.may_be_empty and not text:
            return None
        kind = self.kind.removesuffix("| None").strip()
        if kind == "bool":
            if text.lower() not in _FLAGS:
                raise self._unread(text, "true or false")
            return _FLAGS[text.lower()]
        try:
            return {"int": int, "float": float, "str": str}[kind](text)
        except ValueError as error:
            number = "a whole number" if kind == "int" else "a number"
            raise self._unread(text, number) from error

    def _unread(self, text: str, what: str) -> SettingsError:
        return SettingsError(f"{self.full_name} is {text!r:.60}; it must be {what}")


def value_text(value: Any) -> str:
    """A value as `--set` reads it: nothing for None, true and false in small letters."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def all_settings(base: EditSettings = DEFAULTS) -> Iterator[Setting]:
    """Every setting, with its value in `base` for a default."""
    for stage in fields(base):
        values = getattr(base, stage.name)
        if is_dataclass(values):
            for one in fields(values):
                yield Setting(stage.name, one.name, getattr(values, one.name), str(one.type))


@dataclass(frozen=True)
class SetOptions:
    """What `--set` was given, for a command that has these stages."""

    texts: tuple[str, ...]
    stages: tuple[str, ...]

    def on(self, settings: EditSettings) -> EditSettings:
        """The settings with these, which win over all presets; the last of one name counts.

        Who chooses how features drag wants them to: without `guide.steps` no guide leads then.
        SettingsError for a name that is not known or not of this command, and for a value that
        does not fit.
        """
        given: dict[str, dict[str, Any]] = {}
        for text in self.texts:
            for setting, value in self._read(text):
                given.setdefault(setting.stage, {})[setting.name] = value
        if any(name in given.get("drag", ()) for name in ("method", "tracking")):
            given.setdefault("guide", {}).setdefault("steps", 0)
        changed: dict[str, Any] = {}
        for stage, values in given.items():
            try:
                changed[stage] = replace(getattr(settings, stage), **values)
            except SettingsError as error:  # it begins with the name
                raise SettingsError(f"{stage}.{error}") from error
        return replace(settings, **changed)

    def _read(self, text: str) -> Iterator[tuple[Setting, Any]]:
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingsError(
                f"--set {text!r:.80}: write STAGE.NAME=VALUE, as drag.method=free or tune.steps=20"
            )
        known = {one.full_name: one for one in all_settings()}
        name = name.strip()
        names = _SEEDS if name == SEED else (name,)
        if names[0] not in known:
            raise SettingsError(f"there is no setting {name!r:.80}; {_hint(name, self.stages)}")
        for one in names:
            if known[one].stage not in self.stages:
                raise SettingsError(
                    f"{name} cannot be set here, only what {', '.join(self.stages)} have"
                )
            yield known[one], known[one].read(value)


def set_option(*stages: str) -> Callable[[Command], Command]:
    """--set for a command that has these stages, which gets `given`, its `SetOptions`."""

    def gather(
        context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]
    ) -> SetOptions:
        return SetOptions(texts, stages)

    return click.option(
        "--set",
        "given",
        multiple=True,
        metavar="STAGE.NAME=VALUE",
        callback=gather,
        shell_complete=completing.settings(stages),
        help="A setting by name, any number of times, as "
        f"{_EXAMPLES[stages[-1]]}; it wins over presets. docs/cli.md lists them.",
    )


def _hint(name: str, stages: tuple[str, ...]) -> str:
    """What was meant, perhaps: a name like it, or of the stage that it names, or a stage."""
    of_here = [one for one in all_settings() if one.stage in stages]
    names = [one.full_name for one in of_here]
    stage, _, own = name.partition(".")
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.75)
    near = near or [one.full_name for one in of_here if one.name == (own or name)]
    if near:
        return f"did you mean {' or '.join(near)}?"
    of_stage = [one.name for one in of_here if one.stage == stage]
    if of_stage:
        return f"{stage} has {', '.join(of_stage)}"
    return f"the stages are {', '.join(stages)}, as in {_EXAMPLES[stages[-1]]}"
