"""FreeDrag: dragging without a tracker (Ling et al., CVPR 2024, arXiv 2307.04684).

A handle is never looked for in the image. Its place is on the line from handle to target: a
search along this line, at most 3 px of a 512 px image ahead, says where the handle's template is
wanted next; at most five steps of the optimiser bring it there; and how well it then matches
decides what comes: further on, once more to the same place, or back. The template is renewed by
what is there now, the more the better it matches.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from ..features import disc, to_image, to_map
from ..interfaces import Task, View
from .mask_terms import Holding

_AHEAD = 3.0  # d: px of a 512 px image that one part of the way has at most
_SAMPLES = 10  # of the line, in a search
_MOST_STEPS = 5  # of the optimiser, for one part of the way
# l, how unlike its template a place should be for the template to be wanted there, is a number
# for one generator in the paper. Here it is measured: as unlike as the place d ahead at the start.
_ENOUGH = 0.5  # of l: no more unlike than this, a template has come to where it was wanted
_GOOD, _BAD = 0.2, 0.8  # of l: templates that end this unlike ...
_GOOD_WEIGHT, _BAD_WEIGHT = 0.5, 0.1  # ... are renewed by this part
_TINY = 1e-6  # where nothing is unlike anything
_START = 0.0  # along a line, where its handle was


class LineSearch:
    """Where the handles are on their lines, and where they are wanted; keeps their templates.

    The positions that it gives are those that a match confirmed.
    """

    whole_pixels = False
    settle = 0
    # Of the way so far, set when a drag begins.
    _given: Tensor
    _handles: Tensor
    _lengths: Tensor
    _directions: Tensor
    _confirmed: Tensor

    def __init__(self, task: Task):
        self.image_size, self.map_size = task.image_size, task.map_size
        self.patch = disc(max(1.0, task.in_map(task.settings.patch_radius)))
        self.patch_reach = float(self.patch.max())
        # In pixels of the map: how far a position may move in one step, and how far around it the
        # tracker looks, for a search on from where the handle is wanted.
        self.ahead = self.move = task.in_map(_AHEAD)
        self.reach = 2 * self.ahead + self.patch_reach

    def begin(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """Remember each handle's patch and line; choose the first places to go to."""
        self.patch = self.patch.to(positions)
        self._set_out(positions, targets)
        # In units of the map's own spread, as with other methods: one learning rate fits all.
        self._spread = view.maps.table.std(dim=0).mean()
        self.templates = self._patches(view, self._confirmed[:, None])[:, 0]  # (N, K, C)
        d_ahead = torch.full_like(self._lengths, self.ahead)
        self._expected = self._unlike(view, d_ahead[:, None])[:, 0].clamp(min=_TINY)
        self._want(view, self._onward(view, self._confirmed))
        return positions

    def track(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """The confirmed positions; where a part of the way is done with, choose the next."""
        if positions is not self._given:  # the drag goes on from another place
            self._set_out(positions, targets)
            self._want(view, self._onward(view, self._confirmed))
            return positions
        unlike = self.unlike(view)
        good = unlike <= _ENOUGH * self._expected
        self._steps += 1
        if self._steps < _MOST_STEPS and not good.all():
            return positions
        patches = self._patches(view, self._wanted[:, None])[:, 0]
        self.templates = torch.lerp(
            self.templates, patches, _renewal(unlike / self._expected)[:, None, None]
        )
        self._confirmed = torch.where(good, self._wanted, self._confirmed)
        away = torch.where(unlike > self._begun, self._back(view), self._wanted)
        self._want(view, torch.where(good, self._onward(view, self._wanted), away))
        self._given = to_image(self._on_lines(self._confirmed), self.image_size, self.map_size)
        return self._given

    def _set_out(self, positions: Tensor, targets: Tensor) -> None:
        """The lines from positions to targets, and nothing of the way gone yet."""
        self._given = positions
        self._handles = to_map(positions, self.image_size, self.map_size)
        way = to_map(targets, self.image_size, self.map_size) - self._handles
        self._lengths = way.norm(dim=1)
        self._directions = way / self._lengths[:, None].clamp(min=_TINY)
        # How far along its line each handle is for certain, and is wanted, (N,).
        self._confirmed = torch.full_like(self._lengths, _START)

    def unlike(self, view: View) -> Tensor:
        """How unlike its template each place is where that is wanted, (N,)."""
        return self._unlike(view, self._wanted[:, None])[:, 0]

    def _want(self, view: View, along: Tensor) -> None:
        self._wanted, self._steps = along, 0
        self._begun = self.unlike(view)

    def _onward(self, view: View, along: Tensor) -> Tensor:
        """From `along` (N,) the place ahead that is nearest to as unlike as expected."""
        end = torch.minimum(along + self.ahead, self._lengths)
        places = self._samples(along, end)
        surprise = (self._unlike(view, places) - self._expected[:, None]).abs()
        chosen = surprise.argmin(dim=1, keepdim=True)
        return places.gather(1, chosen)[:, 0]

    def _back(self, view: View) -> Tensor:
        """From where they are wanted, the place behind that is most like the template."""
        end = torch.maximum(self._wanted - self.ahead, self._confirmed - self.ahead)
        places = self._samples(self._wanted, end.clamp(min=_START))
        chosen = self._unlike(view, places).argmin(dim=1, keepdim=True)
        return places.gather(1, chosen)[:, 0]

    def _samples(self, start: Tensor, end: Tensor) -> Tensor:
        """Places (N, _SAMPLES) along the lines, the last one at the end."""
        parts = torch.arange(1, _SAMPLES + 1, device=start.device) / _SAMPLES
        return start[:, None] + (end - start)[:, None] * parts

    def _unlike(self, view: View, along: Tensor) -> Tensor:
        """How unlike its template each place `along` (N, P) its line is, (N, P)."""
        difference = self._patches(view, along) - self.templates[:, None]
        unlike: Tensor = difference.abs().mean(dim=(2, 3)) / self._spread
        return unlike

    def _patches(self, view: View, along: Tensor) -> Tensor:
        """Samples around the places `along` (N, P) the lines: (N, P, K, C)."""
        places = self._on_lines(along)[..., None, :] + self.patch
        found = view.maps.sample(places.flatten(1, -2))
        return found.view(*places.shape[:-1], -1)

    def _on_lines(self, along: Tensor) -> Tensor:
        """Places (N, ..., 2), (x, y) in the map, `along` (N, ...) the lines."""
        each = (len(along), *(1,) * (along.dim() - 1), 2)
        places: Tensor = along[..., None] * self._directions.view(each)
        return places + self._handles.view(each)


class FreeSupervision:
    """Draws the templates of a line search to where it wants them."""

    motion_from = -math.inf  # every point is supervised to the end

    def __init__(self, task: Task, search: LineSearch):
        self._search, self._holding = search, Holding(task)
        self.reach = search.ahead + search.patch_reach  # around a position, in map pixels

    @property
    def keep(self) -> Tensor | None:
        """Where the mask keeps things as they are, (1, 1, m, m), 0..1."""
        return self._holding.keep

    def begin(self, view: View, positions: Tensor) -> None:
        """Remember what the mask keeps."""
        self._holding.begin(view.whole)

    def loss(self, view: View, positions: Tensor, targets: Tensor) -> Tensor:
        """How unlike the templates the places are where they are wanted."""
        return self._holding.add_to(self._search.unlike(view).sum(), view.whole)


def _renewal(unlike: Tensor) -> Tensor:
    """The part of a template to renew by how unlike, in l, it ended: a sigmoid through both."""
    good, bad = (math.log(1 / weight - 1) for weight in (_GOOD_WEIGHT, _BAD_WEIGHT))
    slope = (bad - good) / (_BAD - _GOOD)
    return torch.sigmoid(-good - slope * (unlike - _GOOD))
