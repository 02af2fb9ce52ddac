"""Settings of the whole edit: one frozen value that holds those of every stage."""

from __future__ import annotations

from dataclasses import dataclass, field

from photodrag.checkpoints.catalogue import DEFAULT_CHECKPOINT
from photodrag.checks import check_choice
from photodrag.drag.settings import DragSettings
from photodrag.inversion.settings import LossSettings, ProjectSettings, TuneSettings

from .composite.settings import CompositeSettings
from .guide.settings import GuideSettings

DEPTHS = ("auto", "set")


@dataclass(frozen=True)
class EditSettings:
    """Everything that an edit can be told, besides the photo, the points and the mask.

    `depth` says how deep a face is inverted: "auto", as deep as its edit needs while `loss`,
    `project` and `tune` are the defaults (`pipeline.edit.depth`); "set", as these say.
    """

    checkpoint: str = DEFAULT_CHECKPOINT
    depth: str = "auto"
    loss: LossSettings = field(default_factory=LossSettings)
    project: ProjectSettings = field(default_factory=ProjectSettings)
    tune: TuneSettings = field(default_factory=TuneSettings)
    guide: GuideSettings = field(default_factory=GuideSettings)
    drag: DragSettings = field(default_factory=DragSettings)
    composite: CompositeSettings = field(default_factory=CompositeSettings)

    def __post_init__(self) -> None:
        check_choice("depth", self.depth, DEPTHS)


DEFAULTS = EditSettings()
