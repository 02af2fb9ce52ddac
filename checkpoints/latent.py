"""A point in W+: one row of style for each input of the synthesis network."""

from __future__ import annotations

from dataclasses import InitVar, dataclass

import torch
from torch import Tensor

from photodrag.errors import LatentError


@dataclass(frozen=True, eq=False)
class Latent:
    """W+ (num_ws, w_dim), float32, and the name of the generator that it belongs to.

    The tensor is never written to after it went in. Whether its numbers are `finite` is looked at,
    for which the host waits for a GPU, unless who made them knows.
    """

    w: Tensor
    generator: str
    finite: InitVar[bool | None] = None

    def __post_init__(self, finite: bool | None) -> None:
        if self.w.ndim != 2:
            raise LatentError(
                f"a latent is (num_ws, w_dim); this tensor has shape {tuple(self.w.shape)}"
            )
        if not (torch.isfinite(self.w).all() if finite is None else finite):
            raise LatentError("the latent holds numbers that are not finite")
        object.__setattr__(self, "w", self.w.detach().to(torch.float32))

    @property
    def num_ws(self) -> int:
        """Rows of W+."""
        return self.w.shape[0]

    def distance(self, other: Latent) -> float:
        """Root mean square difference of two latents."""
        return float((self.w - other.w.to(self.w.device)).square().mean().sqrt())
