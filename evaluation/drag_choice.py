"""Which way to drag, for the benchmarks that drag: a preset, and changes to it by name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from types import NoneType
from typing import Any, get_args, get_type_hints

import click

from photodrag.drag import DEFAULTS, PRESETS, DragSettings
from photodrag.errors import SettingsError

# As `photodrag edit` drags: landmarks by the guide, others by the default. "guided-far": by a guide
# that goes on for longer and moves all rows, for pictures that no composite completes.
GUIDED = {"guided": False, "guided-far": True}


@dataclass(frozen=True)
class DragVariant:
    """Settings, their name in tables, and whether a guide drags landmarks, and how far."""

    name: str
    settings: DragSettings
    guided: bool = False
    far: bool = False


def drag_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--preset (several) and --setting (several), for `variants`."""
    for option in (
        click.option(
            "--setting",
            "changes",
            multiple=True,
            metavar="NAME=VALUE",
            help="Change one of DragSettings in every preset, such as learning_rate=0.003.",
        ),
        click.option(
            "--preset",
            "presets",
            type=click.Choice((*GUIDED, *PRESETS)),
            multiple=True,
            default=("guided", "default"),
            show_default=True,
        ),
    ):
        command = option(command)
    return command


def variants(presets: Sequence[str], changes: Sequence[str]) -> list[DragVariant]:
    """The presets with the changes; click.BadParameter for a change that is none."""
    try:
        changed = dict(_parse(change) for change in changes)
        suffix = "".join(f", {name}={value}" for name, value in changed.items())
        return [
            DragVariant(
                f"{name}{suffix}",
                replace(PRESETS.get(name, DEFAULTS), **changed),
                name in GUIDED,
                GUIDED.get(name, False),
            )
            for name in presets
        ]
    except SettingsError as error:
        raise click.BadParameter(str(error), param_hint="--setting") from error


def _parse(change: str) -> tuple[str, Any]:
    name, equals, text = change.partition("=")
    known = [field.name for field in fields(DragSettings)]
    if not equals or name not in known:
        raise SettingsError(f"{change!r} is not NAME=VALUE with one of {', '.join(known)}")
    hint = get_type_hints(DragSettings)[name]
    kinds = get_args(hint) or (hint,)
    if NoneType in kinds and text.lower() == "none":
        return name, None
    kind = next(kind for kind in kinds if kind is not NoneType)
    if kind is bool:
        if text.lower() not in ("true", "false"):
            raise SettingsError(f"{name} is {text!r}; it must be true or false")
        return name, text.lower() == "true"
    try:
        return name, kind(text)
    except ValueError as error:
        raise SettingsError(f"{name} is {text!r}; it must be of type {kind.__name__}") from error
