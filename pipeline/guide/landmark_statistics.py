"""How w and the landmarks of the painted face go together, measured on faces of the generator.

Among faces as a generator paints them, a smile has raised corners of the mouth, fuller cheeks and
teeth. So of all changes of w that move some landmarks as wanted, the most likely one is the mean
over faces with such landmarks (`LikelyChange`). It is linear, as for normally distributed numbers,
in the space before the mapping network's last activation, where w is nearly normal (Zhu et al.
2020, arXiv 2012.09036).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from photodrag.checkpoints import Generator
from photodrag.checkpoints.fitted_files import FittedFiles

LANDMARKS = 68
_FILES = FittedFiles("-landmarks.safetensors", "photodrag-landmarks", "the landmark statistics")
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


def measure_statistics(w: Tensor, landmarks: Tensor) -> LandmarkStatistics:
    """From w before its activation (M, w_dim) and landmarks (M, 68, 2), percent of the side.

    Faces whose landmarks lie far from all others', mistakes of the predictor, are left out.
    """
    flat = landmarks.flatten(1).double()
    away = (flat - flat.median(dim=0).values).abs().amax(dim=1)
    kept = away < away.quantile(_KEPT)
    flat, u = flat[kept], w[kept].double()
    flat, u = flat - flat.mean(dim=0), u - u.mean(dim=0)
    statistics = LandmarkStatistics(w.shape[1])
    statistics.spread.copy_(flat.t() @ flat / len(flat))
    statistics.cross.copy_(flat.t() @ u / len(flat))
    return statistics


_KEPT = 0.97


def save_statistics(
    path: str | Path, statistics: LandmarkStatistics, fingerprint: str, notes: Mapping[str, str]
) -> None:
    """Write them in half precision for the generator with a fingerprint."""
    _FILES.save(path, statistics, fingerprint, {"w_dim": statistics.cross.shape[1]}, notes)


def find_statistics(generator: Generator, folder: Path = _SHIPPED) -> LandmarkStatistics | None:
    """The statistics in a folder that were measured on this generator's very weights, or None.

    Raises CheckpointError for a file that cannot be read.
    """
    return statistics_of(generator.fingerprint, folder)


def statistics_of(fingerprint: str, folder: Path = _SHIPPED) -> LandmarkStatistics | None:
    """Those of the generator with a fingerprint; the same as `find_statistics` else."""
    return _FILES.find(folder, fingerprint, lambda note: LandmarkStatistics(note["w_dim"].whole()))
