"""The names that masks have: parts of a face."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from photodrag.errors import MaskError
from photodrag.suggestions import suggestion

_NAMES = re.compile(r"[a-z_]+(\+[a-z_]+)*")
MASKS: Mapping[str, str] = MappingProxyType(
    {
        "face": "the face with its forehead, and a little around it",
        "mouth": "the lips and what is around them",
        "eyes": "both eyes with their lids",
        "brows": "both brows",
        "nose": "the nose",
        "hair_kept": "the face up to the hairline: no hair, no ears, nothing beside the jaw",
    }
)
"""Masks that are known by name, and what they let move."""


def check_mask_names(names: str) -> tuple[str, ...]:
    """The names in "mouth+eyes"; MaskError for an unknown one, with the nearest name."""
    found = tuple(name.strip() for name in names.split("+"))
    for name in found:
        if name not in MASKS:
            hint = suggestion(name, MASKS, cutoff=0.7)
            raise MaskError(f"no mask is called {name!r:.60}; {hint}")
    return found


def is_mask_name(text: str) -> bool:
    """Whether a text is names such as "mouth+eyes", known or not, and no file: that has a dot."""
    return _NAMES.fullmatch(text) is not None
