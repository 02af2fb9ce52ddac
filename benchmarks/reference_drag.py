"""The drag loop as the published code runs it: what a step is measured against.

Pan et al. 2023, arXiv 2305.10973, written from descriptions of the paper and of the code: each
step paints the whole image, resizes the features of the 128 px block to the image, tracks by the
nearest neighbour in L2 of the first step's vector at whole pixels, draws the features one pixel
ahead towards those of the patch, weighs what the mask keeps by 20, and moves w by one step of
Adam. Every tensor is made anew in every step, and nothing is kept between steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from photodrag.checkpoints import Generator, Latent
from photodrag.drag import DragPoint

from .reference_synthesis import ReferenceSynthesis

_FEATURES = 128  # the sixth block
_PATCH, _SEARCH = 3 / 512, 12 / 512  # radii, in parts of the image
_LEARNING_RATE = 2e-3
_MASK_WEIGHT = 20.0

Pixel = tuple[int, int]


@dataclass(frozen=True, eq=False)
class ReferenceStep:
    """W+ (num_ws, w_dim) and the image (1, 3, R, R) before the step, the points found in it."""

    w: Tensor
    image: Tensor
    positions: tuple[Pixel, ...]


class ReferenceDrag:
    """Dragging that never stops; `mask` (R, R) is True where the image may move."""

    def __init__(
        self,
        generator: Generator,
        latent: Latent,
        points: Sequence[DragPoint],
        mask: NDArray[np.bool_] | None = None,
        synthesis: ReferenceSynthesis | None = None,
    ):
        self.synthesis = synthesis or ReferenceSynthesis(generator)
        self.start, self.points = generator.check(latent), points
        self.rows, self.size = generator.geometry_rows, generator.resolution
        self.features = min(_FEATURES, generator.block_resolutions[-1])
        self.keep: Tensor | None = None
        if mask is not None:
            keep = torch.from_numpy(~mask).float()
            self.keep = keep.to(self.start.device)[None, None]

    def __iter__(self) -> Iterator[ReferenceStep]:
        moving = self.start.clone().requires_grad_()
        adam = torch.optim.Adam([moving], lr=_LEARNING_RATE)
        handles = [_whole(point.handle) for point in self.points]
        targets = [_whole(point.target) for point in self.points]
        first: Tensor | None = None
        while True:
            with torch.enable_grad():
                w = torch.cat([moving[: self.rows], self.start[self.rows :]])
                image, features = self.synthesis.paint(w[None], self.features)
                assert features is not None
                size = (self.size, self.size)
                resized = F.interpolate(features, size, mode="bilinear", align_corners=False)
                if first is None:
                    first = resized.detach()
                    references = [first[0, :, y, x] for x, y in handles]
                handles = [
                    self._nearest(resized.detach(), handle, reference)
                    for handle, reference in zip(handles, references, strict=True)
                ]
                loss = resized.new_zeros(())
                for handle, target in zip(handles, targets, strict=True):
                    loss = loss + self._motion(resized, handle, target)
                if self.keep is not None:
                    kept = F.l1_loss(resized * self.keep, first * self.keep)
                    loss = loss + _MASK_WEIGHT * kept
                step = ReferenceStep(w.detach(), image.detach(), tuple(handles))
                if loss.requires_grad:
                    adam.zero_grad()
                    loss.backward()  # type: ignore[no-untyped-call]
                    adam.step()
                del w, image, features, resized, loss  # or they live on into the next step
            yield step

    def _nearest(self, resized: Tensor, handle: Pixel, reference: Tensor) -> Pixel:
        """Equation 3: where the first step's vector is now."""
        (x, y), reach = handle, round(_SEARCH * self.size)
        left, top = max(x - reach, 0), max(y - reach, 0)
        patch = resized[0, :, top : y + reach + 1, left : x + reach + 1]
        distances = torch.linalg.vector_norm(patch - reference[:, None, None], dim=0)
        row, column = divmod(int(distances.argmin()), distances.shape[1])
        return left + column, top + row

    def _motion(self, resized: Tensor, handle: Pixel, target: Pixel) -> Tensor:
        """Equation 2: the patch, a pixel ahead, should look as the patch does now."""
        way = resized.new_tensor([target[0] - handle[0], target[1] - handle[1]])
        length = torch.linalg.vector_norm(way)
        if float(length) <= 1:
            return resized.new_zeros(())
        # The published grid runs from 0 to the size, not to the size minus 1.
        line = torch.linspace(0, self.size, self.size, device=resized.device)
        down, across = torch.meshgrid(line, line, indexing="ij")
        apart = torch.sqrt((across - handle[0]) ** 2 + (down - handle[1]) ** 2)
        rows, columns = torch.where(apart < max(1, round(_PATCH * self.size)))
        here = resized[0, :, rows, columns].detach()
        ahead = torch.stack([columns, rows], dim=1) + way / (length + 1e-7)
        grid = (2 * ahead / (self.size - 1) - 1)[None, None]
        there = F.grid_sample(resized, grid, mode="bilinear", align_corners=True)[0, :, 0]
        return F.l1_loss(there, here)


def _whole(place: tuple[float, float]) -> Pixel:
    return round(place[0]), round(place[1])
