"""Values read from JSON: each knows its place, and is taken as what it should be or refused.

A refusal is a ContentError that says the place, the value seen and what it must be, as
"edits[0].points[2] is [1]; it must be two finite numbers, x and y".
"""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from .errors import ContentError
from .suggestions import suggestion

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Kind = TypeVar("Kind", bound="DataclassInstance")
_NEEDED = {str: "a text", int: "a whole number", float: "a finite number", bool: "true or false"}


def parse_json(content: str | bytes) -> Any:
    """The values of a JSON text; ContentError for anything else."""
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ContentError(f"not JSON ({error})") from error


def read_json(path: Path, what: str) -> Any:
    """The values of a JSON file; ContentError, with `what` to write there, for anything else."""
    try:
        return json.loads(path.read_bytes())
    except OSError as error:
        raise ContentError(f"cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise ContentError(f"not a JSON file ({error}); write {what}") from error


@dataclass(frozen=True, slots=True, eq=False)
class JsonValue:
    """A value of JSON and its place; each method raises ContentError where it does not fit."""

    value: Any
    name: str | int = ""  # in `parent`; the root has one for messages, or none
    parent: JsonValue | None = None

    @property
    def where(self) -> str:
        """The place, as "edits[0].points"; empty for a root without a name."""
        if self.parent is None:
            return str(self.name)
        before = self.parent.where
        if isinstance(self.name, int):
            return f"{before}[{self.name}]"
        return f"{before}.{self.name}" if before else self.name

    def refusal(self, needed: str) -> ContentError:
        """The error that says what the value must be."""
        return ContentError(
            f"{self.where or 'the value'} is {self.value!r:.60}; it must be {needed}"
        )

    def __getitem__(self, name: str) -> JsonValue:
        """A member of an object."""
        if name not in self.mapping():
            raise ContentError(f"{f'{self.where}.' if self.where else ''}{name} is missing")
        return JsonValue(self.value[name], name, self)

    def get(self, name: str, default: Any = None) -> JsonValue:
        """A member of an object, or the default where it is missing."""
        return JsonValue(self.mapping().get(name, default), name, self)

    def members(self) -> dict[str, JsonValue]:
        """All of an object."""
        return {name: JsonValue(value, name, self) for name, value in self.mapping().items()}

    def mapping(self) -> Mapping[str, Any]:
        """An object as it is."""
        if not isinstance(self.value, Mapping):
            raise self.refusal("an object of names and values")
        return self.value

    def items(self, needed: str = "", count: int | None = None) -> list[JsonValue]:
        """All of a list, of so many values if `count` says that; `needed` describes it."""
        if not isinstance(self.value, list) or count not in (None, len(self.value)):
            raise self.refusal(needed or ("a list" if count is None else f"a list of {count}"))
        return [JsonValue(value, index, self) for index, value in enumerate(self.value)]

    def only(self, known: Collection[str], what: str = "") -> JsonValue:
        """The object itself, unless it has a member that is not known; `what` it is in words."""
        for name in self.mapping():
            if name not in known:
                hint = suggestion(name, known)
                raise ContentError(f"{what or self.where or 'it'} has no {name!r}; {hint}")
        return self

    def text(self, needed: str = _NEEDED[str]) -> str:
        """A text that is not empty."""
        if not isinstance(self.value, str) or not self.value:
            raise self.refusal(needed)
        return self.value

    def whole(self) -> int:
        """A whole number."""
        found: int = self.of_type(int)
        return found

    def number(self) -> float:
        """A finite number."""
        found: float = self.of_type(float)
        return found

    def flag(self) -> bool:
        """True or False."""
        found: bool = self.of_type(bool)
        return found

    def pair(self) -> tuple[float, float]:
        """A list of two finite numbers, x and y."""
        found = _pair(self.value)
        if found is None:
            raise self.refusal("two finite numbers, x and y")
        return found

    def pairs(self) -> tuple[tuple[float, float], ...]:
        """A list of pairs."""
        if not isinstance(self.value, list):
            raise self.refusal("a list")
        # there may be many: only a wrong one needs to know its place
        found = enumerate(self.value)
        return tuple(_pair(one) or JsonValue(one, index, self).pair() for index, one in found)

    def of_type(self, kind: Any) -> Any:
        """As str, int, float, bool, one of them or None, or as a tuple of such types.

        Here an empty text is a text, and a whole number does for a float.
        """
        if isinstance(kind, UnionType):
            (inner,) = (one for one in get_args(kind) if one is not NoneType)
            return None if self.value is None else self.of_type(inner)
        if get_origin(kind) is tuple:
            first, *others = get_args(kind)
            if others == [Ellipsis]:
                return tuple(one.of_type(first) for one in self.items())
            kinds = [first, *others]
            items = self.items(count=len(kinds))
            return tuple(one.of_type(each) for one, each in zip(items, kinds, strict=True))
        if kind is float and _is_finite(self.value):
            return float(self.value)
        if type(self.value) is not kind or kind is float:
            raise self.refusal(_NEEDED[kind])
        return self.value

    def record(self, kind: type[Kind]) -> Kind:
        """As a dataclass with fields that `of_type` can make; its own errors are passed on."""
        known = [field for field in fields(kind) if field.init]
        given = self.only([field.name for field in known]).members()
        kinds = get_type_hints(kind)
        for field in known:
            if field.default is MISSING and field.default_factory is MISSING:
                self[field.name]  # refuses one that is missing
        return kind(**{name: one.of_type(kinds[name]) for name, one in given.items()})


def _pair(value: Any) -> tuple[float, float] | None:
    if not isinstance(value, list) or len(value) != 2 or not all(map(_is_finite, value)):
        return None
    return float(value[0]), float(value[1])


def _is_finite(value: Any) -> bool:
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False
