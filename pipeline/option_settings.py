"""Settings from what a person chooses, on the command line or on the page."""

from __future__ import annotations

from dataclasses import dataclass, replace

from photodrag.drag.settings import PRESETS, DragSettings
from photodrag.inversion.settings import DEFAULTS as INVERSION_DEFAULTS
from photodrag.inversion.settings import PRESETS as INVERSION_PRESETS

from .settings import DEFAULTS, EditSettings

AUTO = "auto"
INVERSIONS = (AUTO, *INVERSION_PRESETS)
"""By name: as deep as the edit needs, or as deep as a preset says."""


@dataclass(frozen=True)
class ChangeOptions:
    """How the change is made; names, values and defaults are the command line's."""

    preset: str = "default"
    drag_steps: int | None = None
    method: str | None = None
    tracking: str | None = None
    no_guide: bool = False
    composite: str = DEFAULTS.composite.method

    @property
    def by_features(self) -> bool:
        """Whether features drag landmarks, too; who chooses how they do so wants it."""
        chosen = self.preset != "default" or self.method is not None or self.tracking is not None
        return self.no_guide or chosen

    def settings(self, base: EditSettings) -> EditSettings:
        """The settings with what the options stand for; SettingsError for what cannot be."""
        return replace(
            base,
            guide=replace(DEFAULTS.guide, steps=0) if self.by_features else DEFAULTS.guide,
            drag=drag_settings(self.preset, self.drag_steps, self.method, self.tracking),
            composite=replace(DEFAULTS.composite, method=self.composite),
        )


def with_inversion(base: EditSettings, name: str) -> EditSettings:
    """The settings with an inversion by name: one of `INVERSIONS`."""
    preset = INVERSION_DEFAULTS if name == AUTO else INVERSION_PRESETS[name]
    depth = AUTO if name == AUTO else "set"
    return replace(base, depth=depth, loss=preset.loss, project=preset.project, tune=preset.tune)


def edit_settings(
    *,
    checkpoint: str,
    inversion: str,
    space: str | None,
    pivot_steps: int | None,
    tune_steps: int | None,
    seed: int,
) -> EditSettings:
    """The settings that these options stand for; None leaves what the preset has."""
    settings = with_inversion(replace(DEFAULTS, checkpoint=checkpoint), inversion)
    project, tune = replace(settings.project, seed=seed), replace(settings.tune, seed=seed)
    if space is not None:
        project = replace(project, space=space)
    if pivot_steps is not None:
        project = replace(project, steps=pivot_steps)
    if tune_steps is not None:
        tune = replace(tune, steps=tune_steps)
    return replace(settings, project=project, tune=tune)


def drag_settings(
    preset: str, drag_steps: int | None, method: str | None, tracking: str | None
) -> DragSettings:
    """The settings that these options stand for; None leaves what the preset has."""
    settings = DEFAULTS.drag if preset == "default" else PRESETS[preset]
    return replace(
        settings,
        max_steps=settings.max_steps if drag_steps is None else drag_steps,
        method=settings.method if method is None else method,
        tracking=settings.tracking if tracking is None else tracking,
    )
