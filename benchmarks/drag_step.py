"""One step of dragging, beside one step as the published code does it.

    python -m benchmarks.drag_step [--size 1024] [--points 1 --points 68] [--mask both]

For each generator, number of points and mask: the median time of a step and its peak memory, for
the published loop's arithmetic (benchmarks/reference_drag.py), the preset `official` and the
default. All run in this process, in turns. StyleGAN2 has FFHQ's shape and random weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import click
import numpy as np
import torch
from numpy.typing import NDArray

from photodrag.checkpoints import (
    Generator,
    Latent,
    StyleGAN2Config,
    build_generator,
    load_generator,
)
from photodrag.device import choose_device
from photodrag.drag import PRESETS, DragPoint, DragRun
from photodrag.pipeline.runtime.memory import keep_freed_memory

from .measuring import (
    Memory,
    Timing,
    Work,
    compare,
    environment,
    load,
    peak_memory,
    time_in_turns,
    warm_up,
)
from .reference_drag import ReferenceDrag
from .reference_synthesis import ReferenceSynthesis
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
    spread_text,
)

REFERENCE = "reference"
SIZES, CHECKPOINTS = (256, 512, 1024), ("ffhq-mobile",)
_MASKS = {"without": (False,), "with": (True,), "both": (False, True)}
_MEMORY_STEPS = 2  # the first one makes what the later ones need
_FACE = 0.3  # radius of the part of the image where points lie, in its sides
_DRAG = 0.12  # length of a drag, likewise: far enough that none arrives while it is timed
_LONG = 100_000  # steps, more than any benchmark takes


@dataclass(frozen=True)
class Case:
    """What is dragged."""

    generator: Generator
    latent: Latent
    synthesis: ReferenceSynthesis
    points: tuple[DragPoint, ...]
    mask: NDArray[np.bool_] | None

    def loop(self, variant: str) -> Iterable[object]:
        """A new loop of steps: the reference or a preset."""
        if variant == REFERENCE:
            return ReferenceDrag(
                self.generator, self.latent, self.points, self.mask, self.synthesis
            )
        settings = replace(PRESETS[variant], max_steps=_LONG, patience=0)
        return DragRun(self.generator, self.latent, self.points, settings, self.mask)

    def stepper(self, variant: str) -> Work:
        """One more step at each call; a drag that ends begins anew."""
        steps = self._forever(variant)
        return lambda: next(steps)

    def _forever(self, variant: str) -> Iterator[object]:
        return chain.from_iterable(iter(lambda: self.loop(variant), None))


@click.command()
@click.option("--size", "sizes", type=int, multiple=True, help="A StyleGAN2 of this size.")
@click.option("--checkpoint", "checkpoints", multiple=True, help="A checkpoint; name or path.")
@click.option("--points", "counts", type=int, multiple=True, default=(1,), show_default=True)
@click.option("--mask", type=click.Choice(tuple(_MASKS)), default="without", show_default=True)
@click.option("--preset", "presets", type=click.Choice(tuple(PRESETS)), multiple=True)
@click.option("--rounds", default=3, show_default=True, help="Timed steps of the reference.")
@click.option("--repeats", default=5, show_default=True, help="Steps of ours for each of those.")
@click.option("--channel-base", default=32768, show_default=True, help="Of StyleGAN2.")
@click.option("--channel-max", default=512, show_default=True, help="Of StyleGAN2.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@click.option("--threads", type=int, help="Of PyTorch.  [default: its own choice]")
@click.option(
    "--keep-memory/--return-memory",
    default=True,
    show_default=True,
    help="Let the process keep freed memory, the reference's too, as the command line does.",
)
@json_option
def main(
    sizes: tuple[int, ...],
    checkpoints: tuple[str, ...],
    counts: tuple[int, ...],
    mask: str,
    presets: tuple[str, ...],
    rounds: int,
    repeats: int,
    channel_base: int,
    channel_max: int,
    device: str,
    threads: int | None,
    keep_memory: bool,
    json_place: str | None,
) -> None:
    """Measure one step of dragging.

    Without --size and --checkpoint: StyleGAN2 of 256, 512 and 1024 px, and ffhq-mobile.
    """
    if not (sizes or checkpoints):
        sizes, checkpoints = SIZES, CHECKPOINTS
    if threads is not None:
        torch.set_num_threads(threads)
    if keep_memory:
        keep_freed_memory()
    place = choose_device(device)
    warm_up(place)
    where = {**environment(place), "kept_memory": keep_memory}
    shapes = (
        StyleGAN2Config(resolution=size, channel_base=channel_base, channel_max=channel_max)
        for size in sizes
    )
    generators = chain(
        (_random_generator(shape) for shape in shapes), (load_generator(n) for n in checkpoints)
    )
    rows: list[dict[str, Any]] = []
    for generator in generators:
        moved = generator.to(place)
        synthesis = ReferenceSynthesis(moved)
        for count in counts:
            for masked in _MASKS[mask]:
                case = make_case(moved, synthesis, count, masked)
                measured = measure(case, presets or tuple(PRESETS), rounds, repeats)
                rows += measured
                click.echo(_progress(measured), err=True)
    show(make_result("drag_step", where, rows), tabulate(rows), json_place)


def make_case(generator: Generator, synthesis: ReferenceSynthesis, count: int, mask: bool) -> Case:
    """Points spread evenly over the middle of the image, each dragged its own way."""
    size = generator.resolution
    points = []
    for i in range(count):
        angle, radius = 2.4 * i, _FACE * math.sqrt((i + 0.5) / count)  # a sunflower's seeds
        x, y = (0.5 + radius * math.cos(angle)) * size, (0.5 + radius * math.sin(angle)) * size
        way = (_DRAG * size * math.cos(angle + 1), _DRAG * size * math.sin(angle + 1))
        points.append(DragPoint((x, y), (x + way[0], y + way[1])))
    down, across = np.ogrid[:size, :size]
    inside = np.hypot(down - size / 2, across - size / 2) < (_FACE + _DRAG) * size
    return Case(
        generator,
        generator.sample(0),
        synthesis,
        tuple(points),
        np.asarray(inside, np.bool_) if mask else None,
    )


def measure(case: Case, presets: Sequence[str], rounds: int, repeats: int) -> list[dict[str, Any]]:
    """A row for the reference and for each preset."""
    device, variants = case.generator.device, (REFERENCE, *presets)
    memory = {name: _memory_of(case, name, device) for name in variants}
    steppers = {name: case.stepper(name) for name in variants}
    for name in presets:
        steppers[name]()  # the first step is not like the others; the reference's is
    times = time_in_turns(steppers, rounds, dict.fromkeys(presets, repeats), device)
    return [
        {
            "generator": case.generator.name,
            "resolution": case.generator.resolution,
            "points": len(case.points),
            "mask": case.mask is not None,
            "variant": name,
            **times[name].as_row(),
            **_against(times[REFERENCE], times[name]),
            **_memory_row(memory[REFERENCE], memory[name]),
            "load": load(),
        }
        for name in variants
    ]


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people."""
    columns = (
        Column("generator", lambda row: str(row["generator"])),
        Column("points", lambda row: str(row["points"])),
        Column("mask", lambda row: "yes" if row["mask"] else "no"),
        Column("step", lambda row: str(row["variant"])),
        Column("seconds", spread_text),
        Column("faster", lambda row: ratio_text(row.get("ratio"))),
        Column("memory of the steps", lambda row: bytes_text(row["memory"])),
        Column("whole process", lambda row: bytes_text(row["memory_process"])),
        Column("memory saved", lambda row: ratio_text(row.get("memory_ratio"))),
    )
    return make_table(rows, columns)


def _progress(rows: Sequence[Row]) -> str:
    """One line on what was just measured."""
    mask = "with a mask" if rows[0]["mask"] else "without a mask"
    times = ", ".join(f"{row['variant']} {seconds_text(row['seconds'])}" for row in rows)
    return f"{rows[0]['generator']}, points: {rows[0]['points']}, {mask}: {times}"


def _random_generator(config: StyleGAN2Config) -> Generator:
    torch.manual_seed(0)
    return build_generator(f"stylegan2-{config.resolution}", config)


def _memory_of(case: Case, variant: str, device: torch.device) -> Memory | None:
    def steps() -> None:
        step = case.stepper(variant)
        for _ in range(_MEMORY_STEPS):
            step()

    return peak_memory(steps, device)


def _against(reference: Timing, ours: Timing) -> dict[str, float]:
    return {} if reference is ours else compare(reference, ours)


def _memory_row(reference: Memory | None, ours: Memory | None) -> dict[str, float | None]:
    if reference is None or ours is None:
        return {"memory": None, "memory_process": None}
    row: dict[str, float | None] = {"memory": ours.added, "memory_process": ours.peak}
    if reference is not ours and ours.added:
        row["memory_ratio"] = reference.added / ours.added
        row["memory_process_ratio"] = reference.peak / ours.peak
    return row


if __name__ == "__main__":
    main()
