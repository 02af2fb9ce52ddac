"""The drag loop: features, tracking, supervision, one step of Adam, until the points arrive."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.adam import Adam
from photodrag.checkpoints import Generator, Latent, WindowMaps
from photodrag.errors import MaskError, PointError, SettingsError

from .choice import choose_parts
from .feature_map import CompiledMap, computing
from .features import handle_maps, windows_around
from .interfaces import Parts, Task, View
from .settings import DEFAULTS, DragSettings
from .values import DragPoint, DragStep, Point, format_point

_NEARER = 0.95  # a mean distance below this part of the last progress' counts as progress


class DragRun:
    """Dragging points in a generator's image (DragGAN, Pan et al. 2023, arXiv 2305.10973).

    Points are in pixels of the generator's image. `mask` (H, W) of that size, bool, says what may
    move; None lets everything move. Iterating does the work and yields a `DragStep` each; leaving
    the loop stops it. As in the published code, a step's latent and positions belong together.
    `best` is the step to keep: the one with the points nearest to their targets.

    With `begin` the drag goes on from that latent, as if it had come there from `latent`: what the
    handles look like is taken from `latent`, and `begin_places`, one per point, says about where
    they are by now.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        points: Sequence[DragPoint],
        settings: DragSettings = DEFAULTS,
        mask: NDArray[np.bool_] | None = None,
        *,
        begin: Latent | None = None,
        begin_places: Sequence[Point] | None = None,
    ):
        self.generator, self.points, self.settings = generator, tuple(points), settings
        self.start = generator.check(latent)
        self._goes_on = begin is not None
        self.begin = self.start if begin is None else generator.check(begin)
        self.begin_places = _begin_places(begin_places, self.points, self._goes_on)
        if not self.points:
            raise PointError("there is no point to drag; give at least one handle and target")
        limit = generator.resolution - 0.5
        for point in self.points:
            for name, (x, y) in (("handle", point.handle), ("target", point.target)):
                if not (-0.5 <= x <= limit and -0.5 <= y <= limit):
                    raise PointError(
                        f"the {name} {format_point((x, y))} is outside the generator's image of "
                        f"{generator.resolution}x{generator.resolution} px"
                    )
        blocks = generator.block_resolutions
        self.feature_resolution = min(settings.feature_resolution, blocks[-1])
        if self.feature_resolution not in blocks:
            raise SettingsError(
                f"feature_resolution is {settings.feature_resolution}; "
                f"{generator.name} has blocks at {', '.join(map(str, blocks))}"
            )
        self.mask = None if mask is None else _mask_tensor(mask, generator)
        self._parts()  # made once now, so that what they lack is said before the work
        self.best: DragStep | None = None

    def __len__(self) -> int:
        """The most steps it will take."""
        return self.settings.max_steps

    def __iter__(self) -> Iterator[DragStep]:
        settings, size, rows = self.settings, self.generator.resolution, self._rows
        moving = self.begin[:rows].clone().requires_grad_()
        optimizer = Adam(moving, settings.learning_rate)
        parts = self._parts()
        supervision, tracker = parts.supervision, parts.tracker
        targets = self.start.new_tensor([point.target for point in self.points])
        positions = self.start.new_tensor([point.handle for point in self.points])
        compiled = self._compiled()
        near = settings.stop_distance / 512 * size
        if settings.method == "official":
            near = max(near, settings.stop_distance)
        if tracker.whole_pixels:
            targets = targets.round()
        goals, places = targets.tolist(), [point.handle for point in self.points]
        whitening = self.generator.w_statistics if settings.prior else None
        self.best, there = None, 0
        progress, since = math.inf, 0  # the mean distance at the last progress; steps since it
        if self._goes_on:
            positions, places = self._look_back(parts, positions, targets, compiled)
        for i in range(settings.max_steps):
            with torch.enable_grad():
                view = self._view(moving, self.begin[rows:], places, parts, compiled)
                with torch.no_grad():
                    if i == 0 and not self._goes_on:
                        positions = tracker.begin(view, positions, targets)
                        supervision.begin(view, positions)
                    else:
                        positions = tracker.track(view, positions, targets)
                places, finite = _seen(positions, view.w)
                distances = tuple(map(math.dist, places, goals))
                there = there + 1 if max(distances) <= near else 0
                arrived = there > tracker.settle
                latent = Latent(view.w, self.generator.name, finite)
                moves = view.whole is not None or max(distances) > supervision.motion_from
                if moves and not arrived:
                    loss = supervision.loss(view, positions, targets)
                    if whitening is not None:
                        away = whitening.whiten(moving) - whitening.whiten(self.start[:rows])
                        loss = loss + settings.prior * away.square().mean()
                    self._descend(loss, optimizer)
                    del loss
                del view  # the next step's features need its memory
            step = DragStep(
                index=i + 1,
                total=settings.max_steps,
                latent=latent,
                positions=tuple(places),
                distances=distances,
                arrived=arrived,
            )
            self._note(step)
            if step.mean_distance < _NEARER * progress:
                progress, since = step.mean_distance, 0
            else:
                since += 1
            yield step
            if arrived or (settings.patience and since >= settings.patience):
                return

    @torch.no_grad()
    def _look_back(
        self, parts: Parts, positions: Tensor, targets: Tensor, compiled: CompiledMap | None
    ) -> tuple[Tensor, list[Point]]:
        """Let the parts remember the handles as they were at the start; where they are by now."""
        rows, places = self._rows, [point.handle for point in self.points]
        view = self._view(self.start[:rows], self.start[rows:], places, parts, compiled)
        parts.supervision.begin(view, parts.tracker.begin(view, positions, targets))
        now = positions.new_tensor(self.begin_places)
        if parts.tracker.whole_pixels:
            now = now.round().clamp(0, self.generator.resolution - 1)
        return now, [(x, y) for x, y in now.tolist()]

    @property
    def _rows(self) -> int:
        """How many rows of W+ move."""
        return self.settings.rows or self.generator.geometry_rows

    def _parts(self) -> Parts:
        """New ones, that remember nothing yet."""
        return choose_parts(Task(self.settings, self.generator, self.feature_resolution, self.mask))

    def _compiled(self) -> CompiledMap | None:
        if not self.settings.compiled:
            return None
        return CompiledMap(self.generator, self.feature_resolution, self.start)

    def _view(
        self,
        moving: Tensor,
        rest: Tensor,
        places: Sequence[Point],
        parts: Parts,
        compiled: CompiledMap | None,
    ) -> View:
        """The features around the handles, and the whole map where the mask's term wants it.

        `moving` and `rest` are the rows of W+. What is compiled is the whole map: its shape stays.
        """
        resolution, w = self.feature_resolution, torch.cat([moving, rest])
        windows = windows_around(places, parts.reach, self.generator.resolution, resolution)
        kept = parts.supervision.keep is not None
        whole: Tensor | None = None
        with computing(self.settings.precision, w.device):
            if compiled is not None:
                whole = compiled(moving, rest)
            elif kept:
                whole = self.generator.features_w(w, resolution)
            else:
                found = self.generator.windows_w(w, resolution, windows)
        if whole is not None:
            whole = whole.to(w)
            found = WindowMaps.of_whole(whole, windows)
        else:
            found = replace(found, maps=tuple(one.to(w) for one in found.maps))
        return View(w, handle_maps(found, windows), whole if kept else None)

    def _descend(self, loss: Tensor, optimizer: Adam) -> None:
        with computing(self.settings.precision, loss.device):
            loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def _note(self, step: DragStep) -> None:
        """Keep the nearest step; without patience, or where all arrived, the latest."""
        best = self.best
        if (
            best is None
            or not self.settings.patience
            or step.arrived
            or step.mean_distance <= best.mean_distance
        ):
            self.best = step


def _seen(positions: Tensor, w: Tensor) -> tuple[list[Point], bool]:
    """Positions (N, 2), and whether all of `w` is finite: the step's one wait for a GPU."""
    finite = torch.isfinite(w).all().to(positions)
    *values, last = torch.cat([positions.flatten(), finite[None]]).tolist()
    return list(zip(values[::2], values[1::2], strict=True)), bool(last)


def _begin_places(
    places: Sequence[Point] | None, points: Sequence[DragPoint], goes_on: bool
) -> tuple[Point, ...]:
    if places is None:
        return tuple(point.handle for point in points)
    if not goes_on:
        raise PointError("begin_places say where points are in begin; give that latent, too")
    if len(places) != len(points):
        raise PointError(f"begin_places has {len(places)} places for {len(points)} points")
    return tuple(places)


def _mask_tensor(mask: NDArray[np.bool_], generator: Generator) -> Tensor:
    size = generator.resolution
    if mask.shape != (size, size):
        raise MaskError(
            f"the mask has shape {mask.shape}; it must be ({size}, {size}), as the image"
        )
    if not mask.any():
        raise MaskError("the mask is empty: nothing may move; paint white where it may")
    tensor = torch.from_numpy(np.asarray(mask, np.float32))[None, None]
    return tensor.to(generator.device)
