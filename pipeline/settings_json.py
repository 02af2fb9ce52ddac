"""Settings as plain values for JSON, and back: only what differs, or all of it; and as text."""

from __future__ import annotations

from dataclasses import asdict, fields, is_dataclass, replace
from typing import Any, get_type_hints

from photodrag.errors import ContentError, SettingsError
from photodrag.json_values import JsonValue

from .composite.settings import CompositeSettings
from .settings import DEFAULTS, EditSettings

EDIT_STAGES = ("guide", "drag", "composite")
"""Those of the settings that may differ from edit to edit; the others are the inversion's."""
# By settings, names as files of before have them => names of today.
_FORMER_NAMES = {CompositeSettings: {"told": "shared_motion_weight"}}


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
    try:
        given = JsonValue(values, "settings")
        if "face" in given.mapping():
            raise SettingsError("'face' stands beside the settings, not in them")
        settings: EditSettings = _merged(given, base)
        return settings
    except ContentError as error:
        raise SettingsError(str(error)) from error


def value_text(value: Any) -> str:
    """A value as `--set` reads it: nothing for None, true and false in small letters."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _difference(values: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in values.items():
        if isinstance(value, dict):
            if inner := _difference(value, base[name]):
                found[name] = inner
        elif value != base[name]:
            found[name] = value
    return found


def _merged(values: JsonValue, base: Any) -> Any:
    """A settings dataclass like `base` with other values."""
    kinds = get_type_hints(type(base))
    known = [field.name for field in fields(base)]
    changed = {}
    former = _FORMER_NAMES.get(type(base), {})
    for given, value in values.only([*known, *former]).members().items():
        name = former.get(given, given)
        before = getattr(base, name)
        is_stage = is_dataclass(before)
        changed[name] = _merged(value, before) if is_stage else value.of_type(kinds[name])
    try:
        return replace(base, **changed)
    except SettingsError as error:
        raise SettingsError(f"{values.where}: {error}") from error
