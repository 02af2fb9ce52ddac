"""The drag loop: features, tracking, supervision, one step of Adam, until the points arrive."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from photodrag.checkpoints import Generator, Latent, WindowMaps
from photodrag.errors import MaskError, PointError, SettingsError

from .adam import Adam
from .features import HandleMaps, handle_maps, windows_around
from .official import OfficialMotion
from .settings import DEFAULTS, DragSettings
from .template import TemplateMotion
from .values import DragPoint, DragStep, Point, format_point

_NEARER = 0.97  # a step counts as progress if the mean distance falls below this part of the best


class DragRun:
    """Dragging points in a generator's image (DragGAN, Pan et al. 2023, arXiv 2305.10973).

    Points are in pixels of the generator's image. `mask` (H, W) of that size, bool, says what may
    move; None lets everything move. Iterating does the work and yields a `DragStep` each; leaving
    the loop stops it. As in the published code, a step's latent and positions belong together.
    `best` is the step to keep: the one with the points nearest to their targets.
    """

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        points: Sequence[DragPoint],
        settings: DragSettings = DEFAULTS,
        mask: NDArray[np.bool_] | None = None,
    ):
        self.generator, self.points, self.settings = generator, tuple(points), settings
        self.start = generator.check(latent)
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
        self.best: DragStep | None = None

    def __len__(self) -> int:
        """The most steps it will take."""
        return self.settings.max_steps

    def __iter__(self) -> Iterator[DragStep]:
        settings, size = self.settings, self.generator.resolution
        rows = settings.rows or self.generator.geometry_rows
        moving = self.start[:rows].clone().requires_grad_()
        optimizer = Adam(moving, settings.learning_rate)
        motion = self._motion()
        targets = self.start.new_tensor([point.target for point in self.points])
        positions = self.start.new_tensor([point.handle for point in self.points])
        near = settings.stop_distance / 512 * size
        if settings.method == "official":
            targets, near = targets.round(), max(near, settings.stop_distance)
        goals = targets.tolist()
        places: list[Point] = [point.handle for point in self.points]
        whitening = self.generator.w_statistics if settings.prior else None
        self.best, since = None, 0
        for i in range(settings.max_steps):
            with torch.enable_grad():
                w = torch.cat([moving, self.start[rows:]])
                maps, whole = self._maps(w, places, motion)
                with torch.no_grad():
                    if i == 0:
                        positions = motion.begin(maps, positions, whole)
                    else:
                        positions = motion.track(maps, positions)
                places = [(x, y) for x, y in positions.tolist()]  # the step's one wait for a GPU
                distances = tuple(map(math.dist, places, goals))
                arrived = max(distances) <= near
                latent = Latent(w, self.generator.name)
                if not arrived and (whole is not None or max(distances) > motion.motion_from):
                    loss = motion.loss(maps, positions, targets, whole)
                    if whitening is not None:
                        away = whitening.whiten(moving) - whitening.whiten(self.start[:rows])
                        loss = loss + settings.prior * away.square().mean()
                    loss.backward()  # type: ignore[no-untyped-call]
                    optimizer.step()
            step = DragStep(
                index=i + 1,
                total=settings.max_steps,
                latent=latent,
                positions=tuple(places),
                distances=distances,
                arrived=arrived,
            )
            since = self._note(step, since)
            yield step
            if arrived or (settings.patience and since >= settings.patience):
                return

    def _motion(self) -> OfficialMotion | TemplateMotion:
        kind = OfficialMotion if self.settings.method == "official" else TemplateMotion
        size = self.generator.resolution
        return kind(self.settings, size, self.feature_resolution, self.mask)

    def _maps(
        self, w: Tensor, places: Sequence[Point], motion: OfficialMotion | TemplateMotion
    ) -> tuple[HandleMaps, Tensor | None]:
        """The features around the handles, and the whole map that the mask's term wants."""
        resolution = self.feature_resolution
        windows = windows_around(places, motion.reach, self.generator.resolution, resolution)
        if motion.keep is None:
            found = self.generator.windows_w(w, resolution, windows)
            return handle_maps(found, windows), None
        whole = self.generator.features_w(w, resolution)
        return handle_maps(WindowMaps.of_whole(whole, windows), windows), whole

    def _note(self, step: DragStep, since: int) -> int:
        """Keep the nearest step (the latest, without patience); steps since real progress."""
        best = self.best
        if best is None or not self.settings.patience or step.arrived:
            self.best = step
            return 0
        if step.mean_distance < best.mean_distance:
            self.best = step
        return 0 if step.mean_distance < _NEARER * best.mean_distance else since + 1


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
