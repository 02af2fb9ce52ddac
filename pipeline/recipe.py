"""A recipe: edits told so that they can be done on any photo."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

from photodrag.errors import RecipeError

from .face_choice import FaceChoice
from .face_drag import FaceDrag
from .settings import DEFAULTS, EditSettings

ADJUSTMENTS: frozenset[str] = frozenset()
"""Adjustments that this version knows by name."""
MASKS: frozenset[str] = frozenset()
"""Masks that this version knows by name."""

_MASK_NAMES = re.compile(r"[a-z_]+(\+[a-z_]+)*")


@dataclass(frozen=True)
class RecipeEdit:
    """One edit: drags in the face's own frame, adjustments and a mask by name, or a mask's file.

    `adjust` holds pairs of a name and a number. `mask` is names joined by "+", or the path of a
    picture of the photo's size. Of the `settings` those of guide, drag and composite
    count; None: the recipe's.
    """

    drags: tuple[FaceDrag, ...] = ()
    adjust: tuple[tuple[str, float], ...] = ()
    mask: str | None = None
    settings: EditSettings | None = None

    def __post_init__(self) -> None:
        if not self.drags and not self.adjust:
            raise RecipeError('an edit has nothing to do; give it a "drag" or an "adjust"')
        for name, value in self.adjust:
            if name not in ADJUSTMENTS:
                raise RecipeError(f"adjust: {name!r} is not known; {_known(ADJUSTMENTS)}")
            if not math.isfinite(value):
                raise RecipeError(f"adjust: {name} is {value}; it must be a finite number")
        for name in self.mask_names:
            if name not in MASKS:
                raise RecipeError(
                    f"mask: {name!r} is not known; {_known(MASKS)}; a file needs its extension"
                )

    @property
    def mask_names(self) -> tuple[str, ...]:
        """The names that the mask is made of; empty where it is a file or there is none."""
        if self.mask is None or _MASK_NAMES.fullmatch(self.mask) is None:
            return ()
        return tuple(self.mask.split("+"))


@dataclass(frozen=True)
class Recipe:
    """Edits of one face or of several, one after the other, each going on from the last.

    `settings` are those of all of it; its `face` counts for nothing here, `choice` does.
    """

    edits: tuple[RecipeEdit, ...]
    choice: FaceChoice = field(default_factory=lambda: FaceChoice(1))
    settings: EditSettings = DEFAULTS

    def __post_init__(self) -> None:
        if not self.edits:
            raise RecipeError('a recipe has nothing to do; give it a "drag"')


def _known(names: frozenset[str]) -> str:
    return f"known are {', '.join(sorted(names))}" if names else "this version knows none by name"
