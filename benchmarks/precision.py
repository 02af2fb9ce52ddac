"""Whether a drag ends as near to its targets with coarser arithmetic of the features.

    python -m benchmarks.precision PHOTO... [--device cuda] [--json FILE]

Each photo's face is inverted (or taken from the user's cache), and dragged by features with every
precision: the corners of the mouth out and up by 5 % of the distance between the eyes, and the tip
of the nose to the right by 15 %. Distances to the targets are in pixels of the generator's image,
differences of the pictures from float32's in levels of 255. Only NVIDIA's GPUs have TF32:
elsewhere it is imitated, by rounding what convolutions and products multiply to 10 bits.
"""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from photodrag.alignment import landmark_index
from photodrag.alignment.face_measures import eye_distance
from photodrag.checkpoints import load_generator
from photodrag.device import choose_device
from photodrag.drag import DEFAULTS, DragPoint, DragRun, DragSettings
from photodrag.drag.settings import PRECISIONS
from photodrag.inversion import Inversion
from photodrag.pipeline import InvertRun
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.guide.painting import paint
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .measuring import environment
from .results import Row, Table, json_option, make_result, show

# Each landmark, and how far it goes in parts of the distance between the eyes.
DRAGS = {
    "corners of the mouth": (("mouth_left", -0.04, -0.03), ("mouth_right", 0.04, -0.03)),
    "tip of the nose": (("nose_tip", 0.15, 0.0),),
}
TF32_BITS = 10
_MANTISSA = 23  # bits of a float32
_ATEN = torch.ops.aten
# Which arguments are multiplied.
_ROUNDED = {
    _ATEN.convolution.default: (0, 1),
    _ATEN.convolution_backward.default: (0, 1, 2),
    _ATEN.mm.default: (0, 1),
    _ATEN.bmm.default: (0, 1),
    _ATEN.addmm.default: (1, 2),
}


class Rounded(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What convolutions and products multiply is rounded to so many bits first."""

    def __init__(self, bits: int = TF32_BITS):
        super().__init__()  # type: ignore[no-untyped-call]
        self.bits = bits

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """The operation with rounded arguments."""
        which = _ROUNDED.get(func, ())
        given = (
            round_to(arg, self.bits) if i in which and isinstance(arg, Tensor) else arg
            for i, arg in enumerate(args)
        )
        return func(*given, **(kwargs or {}))


def round_to(values: Tensor, bits: int) -> Tensor:
    """A float32 tensor with so many bits of each mantissa, the nearest ones, halves to even."""
    left = _MANTISSA - bits
    whole = values.clone(memory_format=torch.preserve_format).view(torch.int32)
    half = (1 << (left - 1)) - 1 + ((whole >> left) & 1)
    return ((whole + half) & ~((1 << left) - 1)).view(torch.float32)


@click.command()
@click.argument("photos", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--checkpoint", default=None, help="[default: photodrag's own]")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--steps", default=DEFAULTS.max_steps, show_default=True, help="Most of a drag.")
@json_option
def main(
    photos: tuple[Path, ...],
    checkpoint: str | None,
    device: str,
    steps: int,
    json_place: str | None,
) -> None:
    """Drag in the inverted faces of PHOTOS with every precision."""
    keep_freed_memory()
    place = choose_device(device)
    where = environment(place)
    given = () if checkpoint is None else (checkpoint,)
    generator, cache = load_generator(*given).to(place), users_cache("the precisions")
    rows: list[dict[str, Any]] = []
    for path in photos:
        run = InvertRun(path, device=place, generator=generator, cache=cache)
        for _ in run:
            pass
        inversion = run.inversion
        assert inversion is not None
        size = inversion.generator.resolution
        landmarks = run.crop.to_size(run.crop.to_crop(run.crop.face.landmarks), size)
        settings = replace(DEFAULTS, max_steps=steps)
        rows += [{"photo": path.stem, **row} for row in compare(inversion, landmarks, settings)]
    show(make_result("precision", where, rows), tabulate(rows), json_place)


def compare(
    inversion: Inversion, landmarks: NDArray[np.float64], settings: DragSettings
) -> Iterator[dict[str, Any]]:
    """Each drag with each precision; landmarks (68, 2) in pixels of the generator's image."""
    generator = inversion.generator
    length = eye_distance(landmarks)
    for drag, ways in DRAGS.items():
        points = [_point(landmarks[landmark_index(name)], length, *way) for name, *way in ways]
        exact: NDArray[np.float64] | None = None
        for precision in PRECISIONS:
            run = DragRun(
                generator, inversion.latent, points, replace(settings, precision=precision)
            )
            with _imitated(precision, generator.device):
                taken = sum(1 for _ in run)
            assert run.best is not None
            picture = paint(generator, run.best.latent).astype(np.float64)
            exact = picture if exact is None else exact
            yield {
                "drag": drag,
                "precision": precision,
                "steps": taken,
                "distance": run.best.mean_distance,
                "difference": float(np.abs(picture - exact).mean()),
            }


def _point(place: NDArray[np.float64], length: float, dx: float, dy: float) -> DragPoint:
    x, y = (float(value) for value in place)
    return DragPoint((x, y), (x + dx * length, y + dy * length))


def _imitated(precision: str, device: torch.device) -> AbstractContextManager[object]:
    return Rounded() if precision == "tf32" and device.type != "cuda" else nullcontext()


def tabulate(rows: Sequence[Row]) -> Table:
    """A line for each drag and precision: medians, and least and most, over the photos."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["drag"], row["precision"]), []).append(row)
    titles = ("drag", "precision", "photos", "steps", "px off (from, to)", "difference (most)")
    lines = (
        (*key, str(len(some)), f"{_median(some, 'steps'):g}", _off(some), _apart(some))
        for key, some in found.items()
    )
    return Table(titles, tuple(lines))


def _median(some: Sequence[Row], name: str) -> float:
    return float(statistics.median(row[name] for row in some))


def _off(some: Sequence[Row]) -> str:
    each = [row["distance"] for row in some]
    return f"{_median(some, 'distance'):.2f} ({min(each):.2f}, {max(each):.2f})"


def _apart(some: Sequence[Row]) -> str:
    most = max(row["difference"] for row in some)
    return f"{_median(some, 'difference'):.2f} ({most:.2f})"


if __name__ == "__main__":
    main()
