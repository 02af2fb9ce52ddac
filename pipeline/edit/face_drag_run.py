"""The drag of an edit: landmarks by the guide, all other points by features."""

from __future__ import annotations

import math
from collections.abc import Generator as Steps
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragRun
from photodrag.logs import room_logger
from photodrag.runs import EndsEarly, Stages

from ..guide.drag_task import FaceDragTask
from ..guide.landmark_statistics import LandmarkStatistics
from ..guide.painted_face import RenderedFace
from ..guide.run import GuideRun
from ..runtime.run_progress import RunProgress
from ..settings import EditSettings
from .values import EditStep, Point

_LOG = room_logger("edit")


class FaceDragRun(EndsEarly):
    """Drags points of a face; iterating yields `EditStep`s with places in pixels of the image.

    The `task` says which. Where `statistics` of the generator are known and the settings have a
    guide, points at landmarks are dragged by it (`GuideRun`); if there are others, features drag
    them all on from there (`DragRun`), but for points beside landmarks that need not be exact.
    Afterwards `latent` is the one to keep, and `positions` says where its handles are. The guide
    holds the task's anchors where they are; features hold none, so with anchors a drag of nothing
    but landmarks, to which the guide finds no way, leaves the face as it is. `first` is how the
    face is painted at the beginning, where that is known: then the guide need not paint it. Without
    points nothing is done. `arrived` is what features say of all points; None where they did not
    drag.

    `finish_early` ends the run at its next step with the best so far; then `stopped_early` is true.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        task: FaceDragTask,
        settings: EditSettings,
        statistics: LandmarkStatistics | None = None,
        first: RenderedFace | None = None,
    ):
        super().__init__()
        points = task.points
        self._make = (generator, latent, points, settings.drag, task.mask)
        self._drag = DragRun(*self._make) if points else None
        self._guide: GuideRun | None = None
        if points and statistics is not None and settings.guide.steps:
            self._guide = GuideRun(generator, latent, task, statistics, settings.guide, first)
        self.latent, self._anchored, self._exact = latent, bool(task.anchors), task.exact
        self.positions = tuple(point.handle for point in points)
        self.stopped_early, self._progress = False, RunProgress()
        self.arrived: bool | None = None

    @property
    def first_rendering(self) -> RenderedFace | None:
        """How the guide saw the face at the beginning; None where there is no guide."""
        return None if self._guide is None else self._guide.first

    @property
    def has_best(self) -> bool:
        """Whether a finished step left something to keep."""
        led = self._guide is not None and self._guide.best is not None
        return led or (self._drag is not None and self._drag.best is not None)

    @property
    def mean_distance(self) -> float:
        """The mean distance of the places to the targets, in pixels of the image."""
        targets = [point.target for point in self._make[2]]
        pairs = zip(self.positions, targets, strict=True)
        return sum(math.dist(place, target) for place, target in pairs) / max(1, len(targets))

    @property
    def stages(self) -> Stages:
        """The stages that are to be expected, each with the most steps it will take.

        Where the guide cannot be used, "drag" follows even if it is not among them.
        """
        guide = self._guide
        if self._drag is None:
            return ()
        if guide is None or not len(guide):
            return (("drag", len(self._drag)),)
        led = ("guide", len(guide))
        return (led,) if self._suffices(guide) else (led, ("drag", len(self._drag)))

    def __len__(self) -> int:
        """The most steps it will take."""
        return sum(len(run) for run in (self._guide, self._drag) if run is not None)

    @property
    def fraction(self) -> float:
        """How much of the work is done, 0..1."""
        return self._progress.fraction

    def __iter__(self) -> Iterator[EditStep]:
        return self._progress.follow(self._steps(), lambda: self.stages, _LOG)

    def _steps(self) -> Steps[EditStep, None, None]:
        self._forget_end()
        self.stopped_early = False
        guide = self._guide
        if guide is not None:
            for led in guide:
                yield EditStep(
                    "guide",
                    led.index,
                    led.total,
                    led.latent,
                    distance=led.distance,
                    positions=_pairs(guide.positions(led)),
                    rendering=led.rendering,
                )
                if self._stops():
                    break
            if guide.best is not None:
                self.latent = guide.best.latent
                self.positions = _pairs(guide.positions(guide.best))
                if self._suffices(guide):
                    return
                self._drag = DragRun(*self._make, begin=self.latent, begin_places=self.positions)
            # What features drag takes along what is to stay; the composite moves the photo alone.
            if self.stopped_early or (self._anchored and guide.at_landmark.all()):
                return
        if self._drag is None:
            return
        for step in self._drag:
            yield EditStep(
                "drag",
                step.index,
                step.total,
                step.latent,
                distance=step.distance,
                positions=step.positions,
            )
            if self._stops():
                break
        best = self._drag.best
        assert best is not None
        self.latent, self.positions, self.arrived = best.latent, best.positions, best.arrived

    def _suffices(self, guide: GuideRun) -> bool:
        """Whether features have nothing to do after the guide."""
        return bool(guide.at_landmark.all() or (guide.led.all() and not self._exact))

    def _stops(self) -> bool:
        self.stopped_early = self.ends_early
        return self.stopped_early


def _pairs(positions: NDArray[np.float64]) -> tuple[Point, ...]:
    return tuple((float(x), float(y)) for x, y in positions)
