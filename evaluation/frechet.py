"""Fréchet distance between two sets of pictures.

    python -m evaluation.frechet FOLDER FOLDER

FID (Heusel et al. 2017, arXiv 1706.08500) where its Inception network is at hand: the extra
`evaluation` (torch-fidelity) and its file of weights; otherwise the reason is printed. Always the
stand-in, the same distance of other features: of the AlexNet of ST-LPIPS, which comes with our
dependencies. Its numbers compare with themselves only, never with a FID. Both grow as the sets
get smaller, so only sets of one size compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from pickle import UnpicklingError
from typing import Any, Protocol

import click
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from photodrag.inversion import load_perceptual

WEIGHTS = "weights-inception-2015-12-05-6726825d.pth"
STAND_IN, FID = "frechet_st_alex", "fid"
TITLES = {STAND_IN: "Fréchet distance of ST-LPIPS features (not FID)", FID: "FID"}
_SIDE = 256  # px at which the stand-in looks
_FEWEST = 2  # pictures that have a covariance

Vector = NDArray[np.float64]


class MissingNetworkError(Exception):
    """Why a network cannot be used here."""


class Features(Protocol):
    """A picture (H, W, 3) uint8 to a vector."""

    name: str

    def __call__(self, pixels: NDArray[np.uint8]) -> Vector:
        """The vector, (D,)."""
        ...


class ShiftTolerantFeatures:
    """Unit-length features of the last stage of ST-LPIPS' AlexNet, their mean: (256,)."""

    name = STAND_IN

    def __init__(self) -> None:
        self._network = load_perceptual("st-alex")

    def __call__(self, pixels: NDArray[np.uint8]) -> Vector:
        """The vector of a picture, seen at 256 px."""
        image = _tensor(pixels).float() / 127.5 - 1
        small = F.interpolate(image, (_SIDE, _SIDE), mode="area")
        with torch.no_grad():
            last = self._network.embed(small)[-1]
        return _vector(last.mean(dim=(2, 3)))


class InceptionFeatures:
    """FID's own 2,048 features, from torch-fidelity."""

    name = FID

    def __init__(self, weights: Path | None = None) -> None:
        """MissingNetworkError without the package or the file; `weights` defaults to the hub's."""
        path = weights or Path(torch.hub.get_dir()) / "checkpoints" / WEIGHTS
        try:
            from torch_fidelity import feature_extractor_inceptionv3  # noqa: PLC0415 (an extra)
        except ImportError as error:
            raise MissingNetworkError(
                "torch-fidelity is not installed; run pip install 'photodrag[evaluation]'"
            ) from error
        _check_weights(path)
        kind = feature_extractor_inceptionv3.FeatureExtractorInceptionV3
        self._network = kind("inception", ["2048"], feature_extractor_weights_path=str(path))

    def __call__(self, pixels: NDArray[np.uint8]) -> Vector:
        """The vector of a picture, resized as TensorFlow did for FID."""
        with torch.no_grad():
            return _vector(self._network(_tensor(pixels))[0])


def usable_features() -> tuple[list[Features], dict[str, str]]:
    """The stand-in, FID's where they can be had, and else the reason why not, by name."""
    found: list[Features] = [ShiftTolerantFeatures()]
    try:
        found.append(InceptionFeatures())
    except MissingNetworkError as error:
        return found, {FID: str(error)}
    return found, {}


def frechet_distance(a: Sequence[Vector], b: Sequence[Vector]) -> float | None:
    """Of two sets of vectors, taken for Gaussians; None where a set has fewer than 2.

    |mean_a - mean_b|^2 + trace(A + B - 2 (A B)^(1/2)) with their covariances A and B.
    """
    if min(len(a), len(b)) < _FEWEST:
        return None
    first, second = np.stack(a), np.stack(b)
    apart = first.mean(axis=0) - second.mean(axis=0)
    root_a, root_b = _deviations(first), _deviations(second)
    # The trace of (A B)^(1/2) is the sum of the singular values of root_a root_b'.
    shared = np.linalg.svd(root_a @ root_b.T, compute_uv=False).sum()
    spread = np.square(root_a).sum() + np.square(root_b).sum()
    return float(apart @ apart + spread - 2 * shared)


def _deviations(vectors: NDArray[np.float64]) -> NDArray[np.float64]:
    """A matrix M with M' M = the covariance."""
    centred = vectors - vectors.mean(axis=0)
    return np.asarray(centred / np.sqrt(len(vectors) - 1))


def _check_weights(path: Path) -> None:
    """Whether the file is there, whole, and nothing but tensors: it is read as a pickle later.

    Its name ends with the first digits of its SHA-256, as in PyTorch's hub.
    """
    if not path.is_file():
        raise MissingNetworkError(
            f"the weights of FID's network are not at {path}; torch-fidelity's releases on GitHub "
            f"have them as {WEIGHTS}"
        )
    expected = path.stem.rpartition("-")[2]
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if not digest.startswith(expected):
        raise MissingNetworkError(
            f"{path} is damaged: its SHA-256 begins with {digest[: len(expected)]}, not {expected}"
        )
    try:
        torch.load(path, map_location="cpu", weights_only=True)
    except UnpicklingError as error:
        raise MissingNetworkError(f"{path} holds more than tensors and is not used") from error


def _tensor(pixels: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(np.array(pixels)).permute(2, 0, 1)[None]


def _vector(features: Tensor) -> Vector:
    return np.asarray(features.flatten().double().cpu().numpy())


def _pictures(folder: Path) -> Iterable[NDArray[np.uint8]]:
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
            with Image.open(path) as image:
                yield np.array(image.convert("RGB"))


@click.command()
@click.argument("first", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.argument("second", type=click.Path(path_type=Path, exists=True, file_okay=False))
def main(first: Path, second: Path) -> None:
    """Compare the pictures of two folders."""
    features, missing = usable_features()
    vectors: list[list[list[Any]]] = []
    for folder in (first, second):
        seen = [[look(pixels) for look in features] for pixels in _pictures(folder)]
        if len(seen) < _FEWEST:
            raise click.ClickException(f"{folder} has {len(seen)} pictures; a set needs 2 or more")
        vectors.append(seen)
    click.echo(f"{len(vectors[0])} and {len(vectors[1])} pictures")
    for i, look in enumerate(features):
        value = frechet_distance([v[i] for v in vectors[0]], [v[i] for v in vectors[1]])
        click.echo(f"{TITLES[look.name]}: {value:.4f}")
    for name, reason in missing.items():
        click.echo(f"{TITLES[name]}: skipped, {reason}")


if __name__ == "__main__":
    main()
