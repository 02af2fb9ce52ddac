"""One drag of a generated face, by features or guided by its landmarks, whatever the benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint, DragRun
from photodrag.pipeline import EditSettings
from photodrag.pipeline.edit.face_drag_run import FaceDragRun
from photodrag.pipeline.guide.drag_task import FaceDragTask
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics
from photodrag.pipeline.guide.run import far_guide
from photodrag.pipeline.guide.settings import GuideSettings

from .drag_choice import DragVariant
from .faces import PAPER_SIZE, paint_face, rescaled, see_face


@dataclass(frozen=True, eq=False)
class Driven:
    """Where a drag ended: the latent, the handles' places, and their mean distance in px."""

    latent: Latent
    positions: tuple[tuple[float, float], ...]
    mean_distance: float
    steps: int


def drive(
    generator: Generator,
    latent: Latent,
    points: Sequence[DragPoint],
    variant: DragVariant,
    statistics: LandmarkStatistics | None = None,
) -> Driven:
    """Drag points in pixels of the generator's image, to the end.

    A guided variant needs the generator's `statistics`; a face that dlib does not find is dragged
    by features.
    """
    if variant.guided and statistics is not None:
        face = see_face(latent, paint_face(generator, latent))
        if face is not None:
            landmarks = rescaled(face.landmarks, PAPER_SIZE, generator.resolution)
            guide = far_guide(generator) if variant.far else GuideSettings()
            settings = EditSettings(drag=variant.settings, guide=guide)
            task = FaceDragTask(tuple(points), landmarks)
            led = FaceDragRun(generator, latent, task, settings, statistics)
            count = sum(1 for _ in led)
            return Driven(led.latent, led.positions, led.mean_distance, count)
    run = DragRun(generator, latent, points, variant.settings)
    count = sum(1 for _ in run)
    assert run.best is not None
    return Driven(run.best.latent, run.best.positions, run.best.mean_distance, count)
