"""How deep an edit inverts a face: only as deep as what it shows of the generator needs.

A composite by "detail" carries over motion and light, and of the generator's own pixels a newly
opened mouth, which a network that is not tuned paints anyway: for it `QUICK` is as near to the
truth as the defaults (docs/research/inversion.md). "paste" and "poisson" show the generator's own
face, and need them.
"""

from __future__ import annotations

from dataclasses import replace

from photodrag.inversion import Inversion
from photodrag.inversion.settings import QUICK

from ..settings import DEFAULTS, EditSettings


def settled(settings: EditSettings) -> EditSettings:
    """The settings with the inversion that an edit with them needs, seeds as they are.

    Settings whose depth is "set", or whose inversion is not the default one, stay as they are.
    """
    if not is_open(settings) or deep_for(settings) is not None:
        return settings
    return replace(
        settings,
        loss=QUICK.loss,
        project=replace(QUICK.project, seed=settings.project.seed),
        tune=replace(QUICK.tune, seed=settings.tune.seed),
    )


def is_open(settings: EditSettings) -> bool:
    """Whether the depth is the edit's to choose."""
    return settings.depth == "auto" and settings == replace(
        settings,
        loss=DEFAULTS.loss,
        project=replace(DEFAULTS.project, seed=settings.project.seed),
        tune=replace(DEFAULTS.tune, seed=settings.tune.seed),
    )


def deep_for(settings: EditSettings) -> str | None:
    """What of the edit shows the generator's own face, in a word; None: nothing."""
    method = settings.composite.method
    return None if method == "detail" else method


def is_deep_enough(inversion: Inversion, settings: EditSettings) -> bool:
    """Whether an inversion that is at hand will do for an edit with `settled` settings.

    Where the depth is "set", what is at hand always will: a session keeps what it was begun with.
    """
    return inversion.tuned or settings.tune.steps == 0 or settings.depth == "set"
