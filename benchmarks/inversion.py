"""Inverting photos, beside inverting them as PTI's published code does.

    python -m benchmarks.inversion [PHOTO...] [--full] [--inversion thorough]

For each photo (default: the example portrait): seconds from the aligned crop to latent and tuned
generator, peak memory, and how near the image is to the photo over the whole crop. The reference
(benchmarks/reference_inversion.py) takes long, so a few of its steps are timed before and after
ours and multiplied, which tells nothing of its quality; --full runs all of it. On a busy machine
`--threads 1 --clock processor` measures the seconds that one core works for either.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
import numpy as np
import torch
from torch import Tensor

from photodrag.alignment import FaceCrop
from photodrag.checkpoints import Generator, Latent, load_generator
from photodrag.inversion import PRESETS, PerceptualDistance, load_perceptual
from photodrag.pipeline import EditSettings, InvertRun
from photodrag.pipeline.settings import DEFAULTS

from .measuring import Memory, Timing, compare, environment, load, peak_memory, prepare, seconds_of
from .reference_inversion import PIVOT_STEPS, TUNE_STEPS, ReferencePivot, ReferenceTune, shrink
from .results import (
    Column,
    Row,
    Table,
    bytes_text,
    json_option,
    make_result,
    make_table,
    ratio_text,
    seconds_text,
    show,
)

PORTRAIT = Path(__file__).resolve().parents[1] / "examples" / "portrait.jpg"
_CLOCKS = {"wall": time.perf_counter, "processor": time.process_time}
_QUALITIES = ("st_lpips_256", "st_lpips_full", "l2_full")


@dataclass(frozen=True)
class Reference:
    """How much of the reference runs: all of it, or `timed` steps of each stage twice."""

    pivot_steps: int
    tune_steps: int
    timed: int
    full: bool
    clock: Callable[[], float]


@click.command()
@click.argument("photos", nargs=-1, type=click.Path(path_type=Path, exists=True))
@click.option("--full", is_flag=True, help="Run the whole reference: half an hour a photo.")
@click.option("--timed-steps", default=3, show_default=True, help="Steps to time, otherwise.")
@click.option("--repeats", default=1, show_default=True, help="Inversions of each photo.")
@click.option("--checkpoint", default=DEFAULTS.checkpoint, show_default=True)
@click.option("--inversion", type=click.Choice(tuple(PRESETS)), default="default", help="Ours.")
@click.option("--pivot-steps", type=int, help="Of ours.  [default: as --inversion has them]")
@click.option("--tune-steps", type=int, help="Of ours.  [default: as --inversion has them]")
@click.option("--reference-pivot-steps", default=PIVOT_STEPS, show_default=True)
@click.option("--reference-tune-steps", default=TUNE_STEPS, show_default=True)
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--threads", type=int, help="Of PyTorch.  [default: its own choice]")
@click.option("--clock", type=click.Choice(tuple(_CLOCKS)), default="wall", show_default=True)
@json_option
def main(
    photos: tuple[Path, ...],
    full: bool,
    timed_steps: int,
    repeats: int,
    checkpoint: str,
    inversion: str,
    pivot_steps: int | None,
    tune_steps: int | None,
    reference_pivot_steps: int,
    reference_tune_steps: int,
    device: str,
    threads: int | None,
    clock: str,
    json_place: str | None,
) -> None:
    """Measure the inversion of PHOTOS."""
    place = prepare(device, threads)
    where = environment(place)
    generator = load_generator(checkpoint).to(place)
    where |= {"inversion": inversion, "clock": clock}
    ours = PRESETS[inversion]
    project, tune = ours.project, ours.tune
    if pivot_steps is not None:
        project = replace(project, steps=pivot_steps)
    if tune_steps is not None:
        tune = replace(tune, steps=tune_steps)
    settings = replace(DEFAULTS, loss=ours.loss, project=project, tune=tune)
    reference = Reference(
        reference_pivot_steps, reference_tune_steps, timed_steps, full, _CLOCKS[clock]
    )
    rows: list[dict[str, Any]] = []
    for photo in photos or (PORTRAIT,):
        rows += measure(photo, generator, settings, reference, repeats)
        click.echo(f"{photo.name}: done", err=True)
    show(make_result("inversion", where, rows), tabulate(rows), json_place)


def measure(
    photo: Path, generator: Generator, settings: EditSettings, reference: Reference, repeats: int
) -> list[dict[str, Any]]:
    """A row for the reference and one for ours."""
    device = generator.device
    distance = load_perceptual(settings.loss.perceptual, device)
    ours: list[float] = []
    theirs: list[tuple[float, ...]] = []
    ours_memory: Memory | None = None
    for repeat in range(repeats):
        run = InvertRun(photo, settings, device=device, generator=generator)
        wanted = _pixels(run.crop, generator)
        slow = _Slow(generator, wanted, distance, reference)
        before = () if reference.full else (slow.estimate(),)
        if repeat == 0:  # watching the memory costs no time
            seconds: list[float] = []
            ours_memory = peak_memory(_timed(run, reference.clock, seconds), device)
            ours += seconds
        else:
            _timed(run, reference.clock, ours)()
        theirs.append((*before, slow.whole() if reference.full else slow.estimate()))
    assert run.inversion is not None
    return [
        {
            "photo": photo.stem,
            "variant": "reference",
            **Timing(tuple(theirs)).as_row(),
            "timed": slow.words,
            **(_quality(slow.tuned, slow.latent, wanted, distance) if reference.full else {}),
            "memory": _added(slow.memory),
            "load": load(),
        },
        {
            "photo": photo.stem,
            "variant": "ours",
            **Timing(tuple((second,) for second in ours)).as_row(),
            "timed": "whole",
            **_quality(run.inversion.generator, run.inversion.latent, wanted, distance),
            "memory": _added(ours_memory),
            **compare(Timing(tuple(theirs)), Timing(tuple((second,) for second in ours))),
            "load": load(),
        },
    ]


class _Slow:
    """The reference, whole or a few steps of it."""

    def __init__(
        self,
        generator: Generator,
        wanted: Tensor,
        distance: PerceptualDistance,
        reference: Reference,
    ):
        self.generator, self.wanted, self.distance = generator, wanted, distance
        self.reference = reference
        self.tuned, self.latent = generator, generator.mean_latent()
        self.memory: Memory | None = None
        self.words = (
            "whole"
            if reference.full
            else f"{reference.timed} of {reference.pivot_steps} and {reference.timed} of "
            f"{reference.tune_steps} steps, twice"
        )

    def estimate(self) -> float:
        """Seconds of all steps, from the median of a few; the first of each stage is left out."""
        pivot = self._step_seconds(iter(self._pivot()))
        tune = self._step_seconds(iter(self._tune()))
        return self.reference.pivot_steps * pivot + self.reference.tune_steps * tune

    def whole(self) -> float:
        """Seconds of all steps, each of them done."""

        def work() -> None:
            pivot = self._pivot()
            for _ in pivot:
                pass
            self.latent = pivot.latent
            tune = self._tune()
            for _ in tune:
                pass
            self.tuned = tune.generator

        seconds: list[float] = []
        device = self.generator.device
        self.memory = peak_memory(
            lambda: seconds.append(seconds_of(work, device, self.reference.clock)), device
        )
        return seconds[0]

    def _pivot(self) -> ReferencePivot:
        return ReferencePivot(
            self.generator, self.wanted, self.distance, self.reference.pivot_steps
        )

    def _tune(self) -> ReferenceTune:
        return ReferenceTune(
            self.generator, self.latent, self.wanted, self.distance, self.reference.tune_steps
        )

    def _step_seconds(self, steps: Iterator[float]) -> float:
        device = self.generator.device
        memory = peak_memory(lambda: next(steps), device)
        if memory is not None and (self.memory is None or memory.added > self.memory.added):
            self.memory = memory
        timed = range(self.reference.timed)
        clock = self.reference.clock
        return statistics.median(seconds_of(lambda: next(steps), device, clock) for _ in timed)


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people, with the median of all photos where there are several."""
    columns = (
        Column("photo", lambda row: str(row["photo"])),
        Column("inversion", lambda row: str(row["variant"])),
        Column("seconds", lambda row: seconds_text(row["seconds"])),
        Column("timed", lambda row: str(row["timed"])),
        Column("faster", lambda row: ratio_text(row.get("ratio"))),
        Column("ST-LPIPS at 256 px", lambda row: _number(row.get("st_lpips_256"))),
        Column("ST-LPIPS at full size", lambda row: _number(row.get("st_lpips_full"))),
        Column("L2 at full size", lambda row: _number(row.get("l2_full"))),
        Column("memory", lambda row: bytes_text(row["memory"])),
    )
    shown = list(rows)
    if len({row["photo"] for row in rows}) > 1:
        shown += [
            _median_row([row for row in rows if row["variant"] == v]) for v in _variants(rows)
        ]
    return make_table(shown, columns)


def _variants(rows: Sequence[Row]) -> list[str]:
    return list(dict.fromkeys(row["variant"] for row in rows))


def _median_row(rows: Sequence[Row]) -> dict[str, Any]:
    row = {**rows[0], "photo": f"median of {len(rows)}"}
    for name in ("seconds", "ratio", "memory", *_QUALITIES):
        values = [other[name] for other in rows if other.get(name) is not None]
        if values:
            row[name] = statistics.median(values)
    return row


def _timed(run: InvertRun, clock: Callable[[], float], seconds: list[float]) -> Callable[[], None]:
    def work() -> None:
        for _ in run:
            pass

    device = run.generator.device
    return lambda: seconds.append(seconds_of(work, device, clock))


def _pixels(crop: FaceCrop, generator: Generator) -> Tensor:
    """The crop at the generator's size, (1, 3, R, R), -1..1."""
    pixels = torch.from_numpy(np.array(crop.pixels)).permute(2, 0, 1)[None].to(generator.device)
    size = (generator.resolution, generator.resolution)
    return torch.nn.functional.interpolate(pixels.float() / 127.5 - 1, size, mode="area")


def _quality(
    generator: Generator, latent: Latent, wanted: Tensor, distance: PerceptualDistance
) -> dict[str, float]:
    with torch.no_grad():
        image = generator.render(latent)
        small = distance(shrink(image), shrink(wanted))
        full = distance(image, wanted)
        square = (image - wanted).square().mean()
    values = (float(small), float(full), float(square))
    return dict(zip(_QUALITIES, values, strict=True))


def _added(memory: Memory | None) -> int | None:
    return None if memory is None else memory.added


def _number(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"


if __name__ == "__main__":
    main()
