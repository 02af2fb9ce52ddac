"""A drag of landmarks: towards what faces with such landmarks have in common.

A handle at a landmark need not be tracked by features that change as the face does: landmarks are
found again in every painted image. Each step tries the most likely change of w that brings them
to their targets (`LikelyChange`), so that it stays where the generator paints faces: a mouth that
is dragged open shows teeth instead of stretched lips.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.alignment.face_measures import Landmarks, eye_distance
from photodrag.alignment.tolerances import (
    AROUND_LANDMARK,
    AT_LANDMARK,
    BEYOND_LANDMARKS,
    LOST,
    MISTAKEN,
)
from photodrag.checkpoints import Generator, Latent
from photodrag.checkpoints.networks.ops import LEAKY_GAIN, LEAKY_SLOPE
from photodrag.checkpoints.networks.statistics import undo_activation

from .drag_task import FaceDragTask
from .landmark_statistics import LandmarkStatistics
from .likely_change import LikelyChange
from .painted_face import RenderedFace, render_face
from .settings import GuideSettings

_DETAILS = 64  # px: what is revealed is painted by rows up to this resolution
REVEALING = 0.2  # percent of the image's side: how exactly what reveals something is meant


@dataclass(frozen=True, eq=False)
class GuideStep:
    """One finished step, number `index` of at most `total`; distances in pixels of the image.

    A try in which the landmarks were not found again is none.
    """

    index: int
    total: int
    latent: Latent
    rendering: RenderedFace
    distance: float
    mean_distance: float


class GuideRun:
    """Drags the points that lie at landmarks, or among them; iterating yields `GuideStep`s.

    The `task` says which, on the face as it looks at the beginning; its mask is not for the guide,
    which moves all of the image. `best` is the step to keep, that with the likeliest change for
    what it reached (`LikelyChange`), which need not be the nearest; None where the guide can do
    nothing: no point is among landmarks, the painted face's are not found where the photo's are, or
    no step is better than none. `first` is how the face is painted at the beginning: given, or
    there once there is a step.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        task: FaceDragTask,
        statistics: LandmarkStatistics,
        settings: GuideSettings,
        first: RenderedFace | None = None,
    ):
        self.generator, self.settings, self.statistics = generator, settings, statistics
        self.start, self.landmarks = generator.check(latent), task.landmarks
        self.points = task.points
        weights, self.at_landmark = landmark_shares(
            np.array([point.handle for point in self.points]), self.landmarks
        )
        self.led = weights.sum(axis=1) > 0
        self._shares = weights[self.led]
        self._held = np.eye(len(self.landmarks))[list(task.anchors)]
        self.best: GuideStep | None = None
        self.first = first

    def __len__(self) -> int:
        """The most steps it will take."""
        return self.settings.steps if self.led.any() else 0

    def __iter__(self) -> Iterator[GuideStep]:
        self.best = None
        if not len(self):
            return
        latent = Latent(self.start, self.generator.name)
        rendering = self.first = self.first or render_face(self.generator, latent, self.landmarks)
        landmarks = first = rendering.landmarks
        eyes = eye_distance(self.landmarks)
        if _median_length(first - self.landmarks) > MISTAKEN * eyes:
            return
        led = [point for point, is_led in zip(self.points, self.led, strict=True) if is_led]
        displacements = np.array([np.subtract(point.target, point.handle) for point in led])
        goals = self._shares @ first + displacements
        near = self.settings.stop_distance / 512 * self.generator.resolution
        percent = 100 / self.generator.resolution
        weights = np.concatenate([self._shares, self._held])
        wanted = np.concatenate([displacements, np.zeros((len(self._held), 2))]) * percent
        search = LikelyChange(
            self.statistics, weights, wanted, self.settings.noise, self.settings.least_spread
        )
        index = idle = 0
        for _ in range(len(self)):
            if idle == self.settings.patience:
                return
            idle += 1
            latent = self._changed(search.propose())
            rendering = render_face(self.generator, latent, landmarks)
            expected = _median_length(search.expected()) / percent
            if _median_length(rendering.landmarks - landmarks) > expected + LOST * eyes:
                search.shorten()
                continue
            index += 1
            left = np.linalg.norm(goals - self._shares @ rendering.landmarks, axis=1)
            step = GuideStep(
                index, len(self), latent, rendering, float(left.max()), float(left.mean())
            )
            better, much = search.learn(weights @ (rendering.landmarks - first) * percent)
            if better:
                self.best, landmarks = step, rendering.landmarks
            if much:
                idle = 0
            yield step
            if step.distance <= near:
                return

    def positions(self, step: GuideStep) -> Landmarks:
        """Where all handles lie in a step's image (N, 2): those that are not led, as they were."""
        assert self.first is not None
        moved = self._shares @ (step.rendering.landmarks - self.first.landmarks)
        positions = np.array([point.handle for point in self.points])
        positions[self.led] += moved
        return positions

    def _changed(self, change: Tensor) -> Latent:
        rows = self.settings.rows or self.generator.geometry_rows
        return changed(self.generator, self.start, change, rows)


def changed(generator: Generator, w: Tensor, change: Tensor, rows: int) -> Latent:
    """W+ (num_ws, w_dim) with its first rows changed by (w_dim,), before their activation."""
    before = undo_activation(w[:rows]) + change.to(w)
    moved = F.leaky_relu(before, LEAKY_SLOPE) * LEAKY_GAIN
    return Latent(torch.cat([moved, w[rows:]]), generator.name)


def detail_rows(generator: Generator) -> int:
    """How many first rows of W+ paint details such as teeth, too: those up to 64x64."""
    return sum(resolution <= _DETAILS for resolution in generator.layers)


def far_guide(generator: Generator) -> GuideSettings:
    """Settings for a picture of the generator's own: nearer to the targets, at whatever it changes.

    In a photo the composite makes up for what is left, and the face stays more like itself with
    the defaults.
    """
    return GuideSettings(steps=12, noise=0.2, least_spread=0.8, rows=generator.num_ws, patience=3)


def landmark_shares(
    handles: Landmarks, landmarks: Landmarks
) -> tuple[Landmarks, NDArray[np.bool_]]:
    """Of which landmarks each handle (N, 2) is the weighted mean, (N, 68), and whether it is one.

    A row of zeros: the handle is too far from all of them.
    """
    eyes = eye_distance(landmarks)
    away = np.linalg.norm(handles[:, None] - landmarks, axis=2)
    weights = np.exp(-0.5 * np.square(away / (AROUND_LANDMARK * eyes)))
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    nearest = away.min(axis=1)
    weights[nearest > BEYOND_LANDMARKS * eyes] = 0
    at_one = nearest < AT_LANDMARK * eyes
    weights[at_one] = np.eye(len(landmarks))[away[at_one].argmin(axis=1)]
    return weights, at_one


def _median_length(displacements: Landmarks) -> float:
    return float(np.median(np.linalg.norm(displacements, axis=1)))
