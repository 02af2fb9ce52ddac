"""The settings by name: what `--set` knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from photodrag.drag.settings import METHODS, PRECISIONS, TRACKINGS
from photodrag.errors import SettingsError
from photodrag.inversion.settings import SPACES, STARTS

from ..composite.settings import COMPOSITES
from ..settings import DEFAULTS, EditSettings
from ..settings_json import value_text

_CHOICES: Mapping[str, tuple[str, ...]] = {
    "drag.method": tuple(METHODS),
    "drag.tracking": TRACKINGS,
    "drag.precision": PRECISIONS,
    "project.space": SPACES,
    "project.start": STARTS,
    "composite.method": COMPOSITES,
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


def all_settings(base: EditSettings = DEFAULTS) -> Iterator[Setting]:
    """Every setting, with its value in `base` for a default."""
    for stage in fields(base):
        values = getattr(base, stage.name)
        if is_dataclass(values):
            for one in fields(values):
                yield Setting(stage.name, one.name, getattr(values, one.name), str(one.type))
