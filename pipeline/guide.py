"""A drag of landmarks: towards what faces with such landmarks have in common.

A handle at a landmark need not be tracked by features that change as the face does: landmarks are
found again in every painted image. Each step tries the most likely change of w that brings them
to their targets (`LikelyChange`), so that it stays where the generator paints faces: a mouth that
is dragged open shows teeth instead of stretched lips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.alignment import landmarks_near
from photodrag.alignment.faces import eye_distance
from photodrag.checkpoints import Generator, Latent
from photodrag.checkpoints.ops import LEAKY_GAIN, LEAKY_SLOPE
from photodrag.checkpoints.statistics import undo_activation
from photodrag.drag import DragPoint

from .landmark_statistics import LandmarkStatistics
from .likely_change import LikelyChange
from .painted import LIPS
from .parting import Push, asked_opening, is_usable
from .picture import paint_small
from .settings import GuideSettings

_AT = 0.02  # of the eye distance: a handle this near to a landmark is that landmark
_AROUND = 0.08  # of the eye distance: how far landmarks count for a handle between them
_FAR = 0.3  # of the eye distance: a handle further from all landmarks is none of the guide's
_MISTAKEN = 0.08  # of the eye distance: painted landmarks this far from the photo's are a mistake
_DETAILS = 64  # px: what is revealed is painted by rows up to this resolution
REVEALING = 0.2  # percent of the image's side: how exactly what reveals something is meant
_ASTRAY = 0.07  # of the eye distance: lips come so much further off do not part as they should
_AMONG = 0.03  # the same, of other handles, where no landmarks are held: they were dragged, too
_LOST = 0.15  # of the eye distance: landmarks that move further than expected by this are mistaken

Marks = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Look:
    """A painted face: its image (S, S, 3) uint8, and its landmarks (68, 2).

    The landmarks are in pixels of the generator's image, of which `image` is a small one.
    """

    image: NDArray[np.uint8]
    marks: Marks


@dataclass(frozen=True, eq=False)
class GuideStep:
    """One finished step, number `index` of at most `total`; distances in pixels of the image.

    A try in which the landmarks were not found again is none.
    """

    index: int
    total: int
    latent: Latent
    look: Look
    distance: float
    mean_distance: float


class GuideRun:
    """Drags the points that lie at landmarks, or among them; iterating yields `GuideStep`s.

    `points` and `landmarks` (68, 2), those of the face as it looks at the beginning, are in pixels
    of the generator's image. `best` is the step to keep, that with the likeliest change for what
    it reached (`LikelyChange`), which need not be the nearest; None where the guide can do nothing:
    no point is among landmarks, the painted face's are not found where the photo's are, or no
    step is better than none. Where lips should part and have stayed shut, a last step pushes them
    until they do (`Push`), and is the one to keep. `first` is how the face is painted at the
    beginning: given, or there once there is a step.

    `anchors` are the numbers of landmarks that should stay where they are.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        points: Sequence[DragPoint],
        landmarks: Marks,
        statistics: LandmarkStatistics,
        settings: GuideSettings,
        anchors: Sequence[int] = (),
        first: Look | None = None,
    ):
        self.generator, self.settings, self.statistics = generator, settings, statistics
        self.start, self.landmarks = generator.check(latent), landmarks
        self.points = tuple(points)
        shares, self.at_landmark = landmark_shares(
            np.array([point.handle for point in points]), landmarks
        )
        self.led = shares.sum(axis=1) > 0
        self._shares = shares[self.led]
        self._ways = np.array([np.subtract(p.target, p.handle) for p in points])[self.led]
        self._held = np.eye(len(landmarks))[list(anchors)]
        self._opening = asked_opening(landmarks, self._goal_marks())
        self.best: GuideStep | None = None
        self.first = first

    def __len__(self) -> int:
        """The most steps it will take."""
        if not self.led.any():
            return 0
        return self.settings.steps + (self._opening is not None)

    def __iter__(self) -> Iterator[GuideStep]:
        self.best = None
        if not len(self):
            return
        latent = Latent(self.start, self.generator.name)
        look = self.first = self.first or take_look(self.generator, latent, self.landmarks)
        marks = first = look.marks
        eyes = eye_distance(self.landmarks)
        if _median_length(first - self.landmarks) > _MISTAKEN * eyes:
            return
        near = self.settings.stop_distance / 512 * self.generator.resolution
        percent = 100 / self.generator.resolution
        search = self._search(self._ways, self.settings.noise)
        index = idle = 0
        for _ in range(self.settings.steps):
            if idle == self.settings.patience:
                break
            idle += 1
            latent = self._changed(search.propose())
            look = take_look(self.generator, latent, marks)
            expected = _median_length(search.expected()) / percent
            if _median_length(look.marks - marks) > expected + _LOST * eyes:
                search.shorten()
                continue
            index += 1
            step = self._step(index, latent, look)
            better, much = search.learn(self._all_shares() @ (look.marks - first) * percent)
            if better:
                self.best, marks = step, look.marks
            if much:
                idle = 0
            yield step
            if step.distance <= near:
                return
        parted = self._part_lips(marks, search.best, index + 1)
        if parted is not None:
            self.best = parted
            yield parted

    def _part_lips(self, marks: Marks, change: Tensor, index: int) -> GuideStep | None:
        """The step number `index` in which lips part that are shut in `marks`, but should not be.

        `change` has led to `marks`. None where they need not part, or do not however far they are
        pushed.
        """
        first, opening = self._first_marks(), self._opening
        if opening is None or not opening.stuck(first, marks):
            return None
        lips = self._shares[:, LIPS].sum(axis=1) > 0.5
        further = self._search(self._ways * lips[:, None], REVEALING).propose()
        eyes, before = eye_distance(self.landmarks), self._left(marks)
        limits = np.where(lips | (len(self._held) > 0), _ASTRAY, _AMONG)
        best, nearest = None, np.inf
        push: Push | None = Push()
        while push is not None:
            latent = self._changed(change, push.times * further)
            look = take_look(self.generator, latent, marks)
            step = self._step(index, latent, look)
            share = opening.share(first, look.marks)
            beyond = (self._left(look.marks) - before) / eyes - limits
            if any(beyond[some].mean() > 0 for some in (lips, ~lips) if some.any()):
                share = np.inf
            if is_usable(share) and abs(share - 1) < nearest:
                best, nearest = step, abs(share - 1)
            push = push.next(share)
        return best

    def places(self, step: GuideStep) -> Marks:
        """Where all handles lie in a step's image (N, 2): those that are not led, as they were."""
        moved = self._shares @ (step.look.marks - self._first_marks())
        places = np.array([point.handle for point in self.points])
        places[self.led] += moved
        return places

    def _search(self, ways: Marks, noise: float) -> LikelyChange:
        still = np.zeros((len(self._held), 2))
        wanted = np.concatenate([ways, still]) * 100 / self.generator.resolution
        return LikelyChange(self.statistics, self._all_shares(), wanted, noise)

    def _all_shares(self) -> Marks:
        """Those of the led handles, and of the landmarks that are held."""
        return np.concatenate([self._shares, self._held])

    def _goal_marks(self) -> Marks:
        """The photo's landmarks (68, 2), those at handles where they should come to lie."""
        goals = self.landmarks.copy()
        for share, way in zip(self._shares, self._ways, strict=True):
            if share.max() == 1:
                goals[share.argmax()] += way
        return goals

    def _step(self, index: int, latent: Latent, look: Look) -> GuideStep:
        left = self._left(look.marks)
        return GuideStep(index, len(self), latent, look, float(left.max()), float(left.mean()))

    def _left(self, marks: Marks) -> NDArray[np.float64]:
        """How far the led handles have still to go, (M,), with landmarks (68, 2)."""
        left = self._ways - self._shares @ (marks - self._first_marks())
        return np.asarray(np.linalg.norm(left, axis=1))

    def _first_marks(self) -> Marks:
        assert self.first is not None
        return self.first.marks

    def _changed(self, change: Tensor, further: Tensor | None = None) -> Latent:
        """The start with its first rows, those that shape the face, changed.

        What goes `further` changes the rows of details, too.
        """
        rows = self.settings.rows or self.generator.geometry_rows
        changes = change.new_zeros(self.start.shape)
        changes[:rows] += change
        if further is not None:
            rows = max(rows, detail_rows(self.generator))
            changes[:rows] += further
        before = undo_activation(self.start[:rows]) + changes[:rows].to(self.start)
        moved = F.leaky_relu(before, LEAKY_SLOPE) * LEAKY_GAIN
        return Latent(torch.cat([moved, self.start[rows:]]), self.generator.name)


def detail_rows(generator: Generator) -> int:
    """How many first rows of W+ paint details such as teeth, too: those up to 64x64."""
    return sum(resolution <= _DETAILS for resolution in generator.layers)


def take_look(generator: Generator, latent: Latent, expected: Marks) -> Look:
    """The painted face of a latent; its landmarks are about where they are `expected` (68, 2)."""
    image = paint_small(generator, latent)
    ratio = len(image) / generator.resolution
    around = (expected + 0.5) * ratio - 0.5
    return Look(image, (landmarks_near(image, around) + 0.5) / ratio - 0.5)


def far_guide(generator: Generator) -> GuideSettings:
    """Settings for a picture of the generator's own: nearer to the targets, at whatever it changes.

    In a photo the composite makes up for what is left, and the face stays more like itself with
    the defaults.
    """
    return GuideSettings(steps=12, noise=0.2, rows=generator.num_ws, patience=3)


def landmark_shares(handles: Marks, landmarks: Marks) -> tuple[Marks, NDArray[np.bool_]]:
    """Of which landmarks each handle (N, 2) is the weighted mean, (N, 68), and whether it is one.

    A row of zeros: the handle is too far from all of them.
    """
    eyes = eye_distance(landmarks)
    away = np.linalg.norm(handles[:, None] - landmarks, axis=2)
    shares = np.exp(-0.5 * np.square(away / (_AROUND * eyes)))
    shares /= np.maximum(shares.sum(axis=1, keepdims=True), 1e-12)
    nearest = away.min(axis=1)
    shares[nearest > _FAR * eyes] = 0
    at_one = nearest < _AT * eyes
    shares[at_one] = np.eye(len(landmarks))[away[at_one].argmin(axis=1)]
    return shares, at_one


def _median_length(ways: Marks) -> float:
    return float(np.median(np.linalg.norm(ways, axis=1)))
