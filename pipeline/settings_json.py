"""Settings as plain values for JSON, and back: only what differs, or all of it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any

from photodrag.errors import SettingsError

from .settings import DEFAULTS, EditSettings

EDIT_STAGES = ("guide", "drag", "composite")
"""Those of the settings that may differ from edit to edit; the others are the inversion's."""
_FORMER_NAMES = {"told": "shared_motion_weight"}  # as files of before have them => as they are now


def with_edit_stages(settings: EditSettings, own: EditSettings | None) -> EditSettings:
    """The settings with an edit's own `EDIT_STAGES`; None: as they are."""
    if own is None:
        return settings
    stages: dict[str, Any] = {name: getattr(own, name) for name in EDIT_STAGES}
    return replace(settings, **stages)


def settings_to_values(
    settings: EditSettings, base: EditSettings | None = DEFAULTS
) -> dict[str, Any]:
    """The settings that differ from `base`, nested as they are; all of them with None."""
    return asdict(settings) if base is None else _difference(asdict(settings), asdict(base))


def settings_from_values(values: Any, base: EditSettings = DEFAULTS) -> EditSettings:
    """`base` with what `settings_to_values` gave; SettingsError names what is wrong."""
    if isinstance(values, Mapping) and "face" in values:
        raise SettingsError("'face' stands beside the settings, not in them")
    settings: EditSettings = _merged(values, base, "settings")
    return settings


def _difference(values: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            if inner := _difference(value, base[name]):
                found[name] = inner
        elif value != base[name]:
            found[name] = value
    return found


def _merged(values: Any, base: Any, where: str) -> Any:
    """A settings dataclass like `base` with other values."""
    if not isinstance(values, Mapping):
        raise SettingsError(f"{where}: {values!r:.60} is not an object of names and values")
    names = [field.name for field in fields(base)]
    may_be_none = {field.name for field in fields(base) if "None" in str(field.type)}
    changed = {field.name: getattr(base, field.name) for field in fields(base)}
    for given, value in values.items():
        name = _FORMER_NAMES.get(str(given), str(given))
        if name not in names:
            raise SettingsError(f"{where}: there is no {name!r}; {_hint(name, names)}")
        if name in may_be_none and (value is None or changed[name] is None):
            changed[name] = value  # the settings check it themselves
        else:
            changed[name] = _value(value, changed[name], f"{where}.{name}")
    try:
        return type(base)(**changed)
    except SettingsError as error:
        raise SettingsError(f"{where}: {error}") from error


def _value(value: Any, base: Any, where: str) -> Any:
    """A value of JSON as one of the same kind as what it replaces."""
    if is_dataclass(base):
        return _merged(value, base, where)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(base, float) and number:
        return float(value)
    if type(value) is not type(base):
        raise SettingsError(f"{where} is {value!r:.60}; it must be such as {base!r}")
    return value


def _hint(name: str, names: list[str]) -> str:
    near = difflib.get_close_matches(str(name), names, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}"
