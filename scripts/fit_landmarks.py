r"""Measure how w and landmarks go together, on faces that the generator paints.

    python -m scripts.fit_landmarks [CHECKPOINT] \
        -o pipeline/guide/data/ffhq-mobile-landmarks.safetensors

Faces are painted at 256 px, 0.5 to 1 times as far from the mean as the mapping network's, and
their landmarks found. With the default number about 20 minutes on one core. Prints how well the
landmarks of faces left out follow from w.
"""

from __future__ import annotations

import time
from pathlib import Path

import click
import numpy as np
import torch
from torch import Tensor

from photodrag.alignment import landmarks_in
from photodrag.checkpoints import DEFAULT_CHECKPOINT, Generator, Latent, load_generator
from photodrag.checkpoints.networks.statistics import undo_activation
from photodrag.inversion.target import paintable
from photodrag.pipeline.guide.landmark_statistics import (
    LANDMARKS,
    LandmarkStatistics,
)
from photodrag.pipeline.guide.likely_change import LikelyChange
from photodrag.pipeline.guide.painting import to_pixels
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .fitted_files import save_statistics

SEED = 5
SIZE = 256
NOISE = 0.6
LEFT_OUT = 0.1
_KEPT = 0.97  # of the faces: the others' landmarks may be mistakes of the predictor


@torch.no_grad()
def paint_faces(generator: Generator, faces: int) -> tuple[Tensor, Tensor]:
    """W before its activation (M, w_dim) and landmarks (M, 68, 2) in percent of the side."""
    statistics, size = generator.w_statistics, paintable(generator, SIZE)
    draw = torch.Generator().manual_seed(SEED)
    mean = to_pixels(generator.render(generator.mean_latent(), size))
    box = (0.2 * size, 0.3 * size, 0.8 * size, 0.9 * size)
    average = landmarks_in(mean, box)
    around = (*average.min(axis=0).tolist(), *average.max(axis=0).tolist())
    every, found = [], []
    begin = time.perf_counter()
    for i in range(faces):
        z = torch.randn(1, generator.config.z_dim, generator=draw)
        whitened = statistics.whiten(generator.mapping.to_w(z, None)[0])
        truncation = 0.5 + 0.5 * float(torch.rand(1, generator=draw))
        w = statistics.unwhiten(truncation * whitened)
        image = to_pixels(generator.render(Latent(w.repeat(generator.num_ws, 1), ""), size))
        every.append(undo_activation(w))
        found.append(torch.from_numpy((landmarks_in(image, around) + 0.5) * (100 / size)))
        if (i + 1) % 250 == 0:
            print(f"{i + 1} faces painted, {time.perf_counter() - begin:.0f} s", flush=True)
    return torch.stack(every), torch.stack(found)


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


def explained(statistics: LandmarkStatistics, w: Tensor, landmarks: Tensor) -> float:
    """The part of the variance of w along the changes that landmarks ask for, on other faces."""
    flat = landmarks.flatten(1)
    offsets = flat - flat.mean(dim=0)
    wanted, every = offsets.view(len(offsets), LANDMARKS, 2).numpy(), np.eye(LANDMARKS)
    guessed = torch.stack([LikelyChange(statistics, every, one, NOISE).propose() for one in wanted])
    actual = (w - w.mean(dim=0)).double()
    return float(1 - (actual - guessed).square().mean() / actual.square().mean())


@click.command()
@click.argument("checkpoint", default=DEFAULT_CHECKPOINT)
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--faces", default=4000, show_default=True, type=click.IntRange(min=100))
def main(checkpoint: str, output: Path, faces: int) -> None:
    """Paint, measure, and write the statistics."""
    keep_freed_memory()
    generator = load_generator(checkpoint)
    w, landmarks = paint_faces(generator, faces)
    cut = round((1 - LEFT_OUT) * faces)
    part = explained(measure_statistics(w[:cut], landmarks[:cut]), w[cut:], landmarks[cut:])
    print(f"{part:.1%} of the variance of w follows from the landmarks of faces left out")
    notes = {"faces": str(faces), "seed": str(SEED), "of": checkpoint}
    save_statistics(output, measure_statistics(w, landmarks), generator.fingerprint, notes)


if __name__ == "__main__":
    main()
