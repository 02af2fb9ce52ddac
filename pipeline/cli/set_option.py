"""`--set STAGE.NAME=VALUE`: any of the settings, for experiments."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import click

from photodrag.errors import SettingsError

from ..settings import EditSettings
from . import shell_values as completing
from .options import Command
from .setting_names import Setting, all_settings

OF_INVERSION = ("loss", "project", "tune")
OF_DRAG = ("guide", "drag")
OF_CHANGE = (*OF_DRAG, "composite")
SEED = "seed"
"""A name without a stage: the seed of every stage that draws random numbers."""
_SEEDS = ("project.seed", "tune.seed")
_EXAMPLES = {  # by a command's last stage
    "tune": "tune.steps=20 or project.space=w+",
    "drag": "drag.method=free or guide.steps=0",
    "composite": "drag.method=free or composite.reach=0.3",
}


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
