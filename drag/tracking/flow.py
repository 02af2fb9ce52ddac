"""Trackers that look at the painted image, and not at the features.

Each step is painted small, and the handles are found by optical flow from the image of the first
step to this one, begun at what was found one step before: a flow from image to image would add up
the errors of all of them. A point is found to a part of a pixel, and moves at most by the
settings' search radius in a step; where the flow loses it, it stays.
"""

from __future__ import annotations

from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from ..features import to_image, to_map
from ..interfaces import Task, View

PICTURE_SIZE = 256  # px of the painted image
_LK_WINDOW = 21  # px that Lucas-Kanade compares; with two halvings it sees four times as far
_LK_HALVINGS = 2
Picture = NDArray[np.uint8]
Places = NDArray[np.float32]


class Flow(Protocol):
    """Finds places of one picture in another."""

    def find(self, first: Picture, now: Picture, starts: Places, guess: Places) -> Places:
        """Where `starts` (N, 2), (x, y), of `first` (S, S, 3) uint8 are `now`; nan where lost."""


class FlowTracker:
    """Tracks by optical flow between painted images."""

    whole_pixels = False
    settle = 0
    reach = 0.0

    def __init__(self, task: Task, flow: Flow):
        self.generator, self.flow = task.generator, flow
        self.image_size = task.image_size
        search = max(1.0, task.in_map(task.settings.search_radius))
        self.move = search
        self._most = search * task.image_size / task.map_size
        self._first: Picture | None = None
        self._starts: Tensor | None = None

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Paint the first image; the handles are where they are."""
        self._first, self._starts = self._paint(view.w), positions
        return positions

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Where the first image's handles are in this one."""
        assert self._first is not None
        assert self._starts is not None
        now, size = self._paint(view.w), len(self._first)
        starts, guess = (
            to_map(places, self.image_size, size).cpu().numpy().astype(np.float32)
            for places in (self._starts, positions)
        )
        found = torch.from_numpy(self.flow.find(self._first, now, starts, guess)).to(positions)
        moved = to_image(found, self.image_size, size) - positions
        moved = moved.nan_to_num(0.0, 0.0, 0.0)
        moved = moved * (self._most / moved.norm(dim=1, keepdim=True).clamp(min=self._most))
        places: Tensor = (positions + moved).clamp(0, self.image_size - 1)
        return places

    def _paint(self, w: Tensor) -> Picture:
        """W+ as a picture of at least PICTURE_SIZE."""
        sizes = self.generator.image_resolutions
        small = [size for size in sizes if size <= PICTURE_SIZE]
        image = self.generator.render_w(w, max(small) if small else min(sizes))
        if image.shape[-1] < PICTURE_SIZE:
            image = F.interpolate(image, (PICTURE_SIZE,) * 2, mode="bicubic")
        pixels = (image[0].permute(1, 2, 0) * 127.5 + 127.5).round().clamp(0, 255)
        return np.ascontiguousarray(pixels.to(torch.uint8).cpu().numpy())


class LucasKanade:
    """Pyramidal Lucas-Kanade of the places alone (Bouguet 2000)."""

    def find(self, first: Picture, now: Picture, starts: Places, guess: Places) -> Places:
        """Where `starts` are `now`; nan where lost."""
        found, state, _ = cv2.calcOpticalFlowPyrLK(
            _grey(first),
            _grey(now),
            starts[:, None],
            guess[:, None].copy(),
            winSize=(_LK_WINDOW, _LK_WINDOW),
            maxLevel=_LK_HALVINGS,
            criteria=(cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_COUNT, 30, 0.01),
            flags=cv2.OPTFLOW_USE_INITIAL_FLOW,
        )
        places = np.asarray(found, np.float32).reshape(starts.shape)
        places[np.asarray(state).reshape(-1) == 0] = np.nan
        return places


class DenseInverseSearch:
    """DIS flow of the whole picture (Kroeger et al. 2016, arXiv 1603.03590), read at the places."""

    def __init__(self) -> None:
        self._method = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
        self._method.setFinestScale(0)
        self._flow: NDArray[np.float32] | None = None

    def find(self, first: Picture, now: Picture, starts: Places, guess: Places) -> Places:
        """Where `starts` are `now`; the whole flow begins at the one before."""
        if self._flow is None:
            self._flow = np.zeros((*first.shape[:2], 2), np.float32)
        flow = self._method.calc(_grey(first), _grey(now), self._flow)
        self._flow = np.asarray(flow, np.float32)
        return starts + look_up(self._flow, starts)


def look_up(flow: NDArray[np.float32], places: Places) -> Places:
    """A flow (S, S, 2) at places (N, 2), (x, y), bilinearly: (N, 2)."""
    x, y = cv2.split(places[:, None])
    found = cv2.remap(flow, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(found, np.float32).reshape(-1, 2)


def _grey(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
