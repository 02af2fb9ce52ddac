"""One drag of the landmark experiment: a face's landmarks to another's, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.measuring import seconds_of
from photodrag.checkpoints import Generator
from photodrag.pipeline.guide.landmark_statistics import LandmarkStatistics

from .drag_choice import DragVariant
from .driven import Driven, drive
from .faces import (
    PAPER_SIZE,
    GeneratedFace,
    Landmarks,
    Pixels,
    drag_points,
    mean_distance,
    paint_face,
    see_again,
)


@dataclass(frozen=True)
class Measures:
    """Distances are in pixels of 512: by dlib, and as the drag's own tracking saw it."""

    distance: float
    tracked: float
    found: bool
    seconds: float
    processor: float
    """Seconds that the processor worked for it, which other work on the machine does not add to."""
    steps: int


@dataclass(frozen=True, eq=False)
class Dragged:
    """The nearest step's image (R, R, 3), and the landmarks (68, 2) found in it, at 512 px."""

    pixels: Pixels
    landmarks: Landmarks
    measures: Measures


def drag_face(
    generator: Generator,
    face: GeneratedFace,
    goal: GeneratedFace,
    landmarks: Sequence[int],
    variant: DragVariant,
    statistics: LandmarkStatistics | None = None,
) -> Dragged:
    """Drag, paint the nearest step, and look for the landmarks again."""
    points = drag_points(face.landmarks, goal.landmarks, landmarks, generator)
    done: list[Driven] = []
    begin = time.process_time()
    seconds = seconds_of(
        lambda: done.append(drive(generator, face.latent, points, variant, statistics)),
        generator.device,
    )
    processor = time.process_time() - begin
    (end,) = done
    pixels = paint_face(generator, end.latent)
    seen = see_again(pixels, goal)
    measures = Measures(
        distance=mean_distance(seen.landmarks, goal.landmarks, landmarks),
        tracked=end.mean_distance * PAPER_SIZE / generator.resolution,
        found=seen.found,
        seconds=seconds,
        processor=processor,
        steps=end.steps,
    )
    return Dragged(pixels, seen.landmarks, measures)
