"""How deep an edit inverts a face: only as deep as what it shows of the generator needs.

A composite by "detail" carries over motion and light, and of the generator's own pixels a newly
opened mouth, which a network that is not tuned paints anyway: for it `QUICK` is as near to the
truth as the defaults (docs/research/inversion.md). "paste" and "poisson" show the generator's own
face, which learns the photo's first: it is tuned at the pivot that `QUICK` finds, so that latents
that were found with the one inversion hold with the other, too.
"""

from __future__ import annotations

from dataclasses import replace

from photodrag.inversion.settings import QUICK

from ..settings import DEFAULTS, EditSettings


def settled(settings: EditSettings) -> EditSettings:
    """The settings with the inversion that an edit with them needs, seeds as they are.

    Settings whose depth is "set", or whose inversion is not the default one, stay as they are.
    """
    if not is_open(settings):
        return settings
    tune = DEFAULTS.tune if deep_for(settings) else QUICK.tune
    return replace(
        settings,
        loss=QUICK.loss,
        project=replace(QUICK.project, seed=settings.project.seed),
        tune=replace(tune, seed=settings.tune.seed),
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


def shallower(settings: EditSettings) -> EditSettings | None:
    """Settings of the inversion that these go on from, by tuning alone; None: they begin anew.

    Only what `settled` has made deep goes on from another one.
    """
    project = replace(QUICK.project, seed=settings.project.seed)
    is_settled = settings.depth == "auto" and settings.project == project
    if not is_settled or settings.loss != QUICK.loss or settings.tune.steps == 0:
        return None
    return replace(settings, tune=replace(QUICK.tune, seed=settings.tune.seed))
