"""RAFT (Teed and Deng 2020, arXiv 2003.12039), as torchvision has it, as a tracker's flow.

Its weights are not among photodrag's files and are never downloaded; they are used where the
user has them in PyTorch's own cache.
"""

from __future__ import annotations

from pathlib import Path
from pickle import UnpicklingError

import numpy as np
import torch
from torch import Tensor, nn

from photodrag.errors import CheckpointError

from .flow import Picture, Places, look_up

# The best first: torchvision's networks and the files of their weights.
RAFT_FILES = {
    "raft_large": "raft_large_C_T_SKHT_V2-ff5fadd5.pth",
    "raft_small": "raft_small_C_T_V2-01064c6d.pth",
}


class Raft:
    """RAFT's flow of the whole picture, read at the places.

    CheckpointError if the weights of no network are here; the network itself is made at its
    first use.
    """

    def __init__(self, device: torch.device):
        self.device = device
        self.name, self.path = _find_weights()
        self._network: nn.Module | None = None

    def find(self, first: Picture, now: Picture, starts: Places, guess: Places) -> Places:
        """Where `starts` (N, 2), (x, y), of `first` (S, S, 3) uint8 are `now`; needs no guess."""
        if self._network is None:
            self._network = _load(self.name, self.path).to(self.device)
        with torch.no_grad():
            flows = self._network(self._as_input(first), self._as_input(now))
        flow = flows[-1][0].permute(1, 2, 0).cpu().numpy()
        return starts + look_up(np.ascontiguousarray(flow, np.float32), starts)

    def _as_input(self, picture: Picture) -> Tensor:
        """A picture as (1, 3, S, S), -1..1."""
        values = torch.from_numpy(picture).to(self.device).permute(2, 0, 1)[None]
        return values / 127.5 - 1


def _find_weights() -> tuple[str, Path]:
    folder = Path(torch.hub.get_dir()) / "checkpoints"
    for name, file in RAFT_FILES.items():
        if (folder / file).is_file():
            return name, folder / file
    raise CheckpointError(
        f"tracking is 'raft', but neither {' nor '.join(RAFT_FILES.values())} is in {folder}; "
        "put one there (torchvision.models.optical_flow fetches them), or choose another tracking"
    )


def _load(name: str, path: Path) -> nn.Module:
    from torchvision.models import optical_flow  # noqa: PLC0415 (it imports all of torchvision)

    network: nn.Module = getattr(optical_flow, name)(weights=None)
    try:
        network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, EOFError, RuntimeError, UnpicklingError) as error:
        raise CheckpointError(
            f"the weights of {name} cannot be read from {path}: {error}; fetch them again"
        ) from error
    return network.eval().requires_grad_(False)
