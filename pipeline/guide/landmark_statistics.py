"""How w and the landmarks of the painted face go together, measured on faces of the generator.

Among faces as a generator paints them, a smile has raised corners of the mouth, fuller cheeks and
teeth. So of all changes of w that move some landmarks as wanted, the most likely one is the mean
over faces with such landmarks (`LikelyChange`). It is linear, as for normally distributed numbers,
in the space before the mapping network's last activation, where w is nearly normal (Zhu et al.
2020, arXiv 2012.09036). `scripts/fit_landmarks.py` measures them.
"""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

from photodrag.checkpoints import Generator
from photodrag.checkpoints.fitted_files import FittedFiles

LANDMARKS = 68
FILES = FittedFiles("-landmarks.safetensors", "photodrag-landmarks", "the landmark statistics")
_SHIPPED = Path(__file__).parent / "data"


class LandmarkStatistics(nn.Module):
    """Covariances of landmarks, in percent of the image's side, and w before its activation.

    spread (136, 136): of the landmarks among themselves, x and y of one after the other; cross
    (136, w_dim): with w.
    """

    spread: Tensor
    cross: Tensor

    def __init__(self, w_dim: int):
        super().__init__()
        self.register_buffer("spread", torch.eye(2 * LANDMARKS))
        self.register_buffer("cross", torch.zeros(2 * LANDMARKS, w_dim))


def find_statistics(generator: Generator, folder: Path = _SHIPPED) -> LandmarkStatistics | None:
    """The statistics in a folder that were measured on this generator's very weights, or None.

    Raises CheckpointError for a file that cannot be read.
    """
    return statistics_of(generator.fingerprint, folder)


def statistics_of(fingerprint: str, folder: Path = _SHIPPED) -> LandmarkStatistics | None:
    """Those of the generator with a fingerprint; the same as `find_statistics` else."""
    return FILES.find(folder, fingerprint, lambda note: LandmarkStatistics(note["w_dim"].whole()))
