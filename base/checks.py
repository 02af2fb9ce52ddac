"""Checks that settings share: each raises SettingsError with the name, the value and the range."""

from __future__ import annotations

import math
from collections.abc import Collection
from typing import Any

from .errors import SettingsError


def check_number(
    name: str, value: float, least: float = 0.0, most: float = math.inf, *, above: bool = False
) -> None:
    """Refuse a number outside least..most (or equal to the least, with `above`)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise SettingsError(f"{name} is {value!r:.60}; it must be a number")
    fits = least < value <= most if above else least <= value <= most
    if not fits or not is_finite(value):
        low = f"above {least:g}" if above else f"at least {least:g}"
        high = "" if most == math.inf else f" and at most {most:g}"
        raise SettingsError(f"{name} is {value!r:.60}; it must be {low}{high}")


def is_finite(value: Any) -> bool:
    """Whether it is a number that a float holds, and no flag."""
    try:
        return type(value) in (int, float) and math.isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False


def check_whole(name: str, value: int, least: int = 0, most: float = math.inf) -> None:
    """Refuse what is not a whole number in least..most."""
    if not isinstance(value, int):
        raise SettingsError(f"{name} is {value!r:.60}; it must be a whole number")
    check_number(name, value, least, most)


def check_choice(name: str, value: str, choices: Collection[str]) -> None:
    """Refuse what is not one of the choices."""
    if value not in choices:
        raise SettingsError(f"{name} is {value!r:.60}; choose one of {', '.join(sorted(choices))}")


def check_flag(name: str, value: bool) -> None:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool):
        raise SettingsError(f"{name} is {value!r:.60}; it must be True or False")
