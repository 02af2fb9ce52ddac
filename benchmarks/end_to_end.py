"""A photo through the command line, in fresh processes: first look, then a second edit.

    python -m benchmarks.end_to_end [PHOTO] [--megapixels 12]

`photodrag edit` runs with an empty cache of inversions (the checkpoint is there already), then
again on the same photo with another drag. The photo (default: the example portrait) is resized to
each size asked for. Seconds are those of the whole process, from its start to its end, and of the
stages that its report names; memory is the most that the process held.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from PIL import Image

from photodrag.checkpoints import DEFAULT_CHECKPOINT, locate
from photodrag.checkpoints.cache import CACHE_VARIABLE
from photodrag.device import choose_device

from .measuring import Timing, environment, load
from .results import (
    Column,
    Row,
    Table,
    bytes_text,
    json_option,
    make_result,
    make_table,
    seconds_text,
    show,
    spread_text,
)

PORTRAIT = Path(__file__).resolve().parents[1] / "examples" / "portrait.jpg"
EDITS = {
    "first edit": ("mouth_left->-5%,-4%", "mouth_right->+5%,-4%"),
    "second edit": ("mouth_left->-3%,-3%", "mouth_right->+3%,-3%"),
}
_COMMAND = "from photodrag.pipeline.cli import main; main(prog_name='photodrag')"
_LOOK_EVERY = 0.02  # seconds between two looks at a process' memory


@dataclass(frozen=True)
class Process:
    """A finished process: seconds from start to end, and the most bytes it held."""

    seconds: float
    memory: int | None


@click.command()
@click.argument("photo", type=click.Path(path_type=Path, exists=True), default=PORTRAIT)
@click.option("--megapixels", type=float, multiple=True, default=(12.0,), show_default=True)
@click.option("--repeats", default=1, show_default=True, help="Pairs of edits of each size.")
@click.option("--checkpoint", default=DEFAULT_CHECKPOINT, show_default=True)
@click.option("--pivot-steps", type=int, help="As `photodrag edit` has it.")
@click.option("--tune-steps", type=int, help="As `photodrag edit` has it.")
@click.option("--device", default="cpu", show_default=True, metavar="cpu|cuda|mps")
@json_option
def main(
    photo: Path,
    megapixels: tuple[float, ...],
    repeats: int,
    checkpoint: str,
    pivot_steps: int | None,
    tune_steps: int | None,
    device: str,
    json_place: str | None,
) -> None:
    """Measure whole edits of PHOTO."""
    options = ["--quiet", "--checkpoint", checkpoint, "--device", device]
    for name, steps in (("--pivot-steps", pivot_steps), ("--tune-steps", tune_steps)):
        options += [] if steps is None else [name, str(steps)]
    where = environment(choose_device(device))
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for size in megapixels:
            enlarged = _resize(photo, size, folder)
            done: list[dict[str, Any]] = []
            for _ in range(repeats):
                with empty_cache(checkpoint, folder) as cache:
                    done += [_edit(enlarged, drags, options, cache) for drags in EDITS.values()]
            for i, edit in enumerate(EDITS):
                rows.append(_summary(edit, enlarged, done[i :: len(EDITS)]))
            click.echo(f"{size:g} megapixels: done", err=True)
    show(make_result("end_to_end", where, rows), tabulate(rows), json_place)


@contextmanager
def empty_cache(checkpoint: str, folder: Path) -> Iterator[Path]:
    """A cache folder with nothing in it but the checkpoint, where that is fetched by name."""
    cache = folder / "cache"
    found = None if Path(checkpoint).exists() else locate(checkpoint)
    place = cache / "checkpoints"
    place.mkdir(parents=True)
    if found is not None:
        shutil.copy(found, place)
    yield cache
    shutil.rmtree(cache)


def run_process(command: Sequence[str], variables: Mapping[str, str]) -> Process:
    """Run a command to its end; a failure shows what it said.

    Linux keeps the high-water mark of a process while it lives, so it is looked at all the time.
    """
    memory: int | None = None
    with tempfile.TemporaryFile("w+", encoding="utf-8") as said:
        begin = time.perf_counter()
        process = subprocess.Popen(  # noqa: S603 (our own command line, given no shell)
            command, env={**os.environ, **variables}, stdout=said, stderr=said
        )
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            memory = _high_water(status) or memory
            time.sleep(_LOOK_EVERY)
        seconds = time.perf_counter() - begin
        if process.returncode:
            said.seek(0)
            raise click.ClickException(f"{' '.join(command)} failed: {said.read()}")
    return Process(seconds, memory)


def tabulate(rows: Sequence[Row]) -> Table:
    """The rows for people, a column for each stage."""
    stages = list(dict.fromkeys(stage for row in rows for stage in row["stages"]))

    def stage_column(stage: str) -> Column:
        return Column(stage, lambda row: _stage_text(row["stages"].get(stage)))

    columns = (
        Column("photo", lambda row: f"{row['megapixels']:.3g} MP"),
        Column("edit", lambda row: str(row["edit"])),
        Column("seconds", spread_text),
        *(stage_column(stage) for stage in stages),
        Column("start and end", lambda row: _stage_text(row["outside"])),
        Column("memory", lambda row: bytes_text(row["memory"])),
    )
    return make_table(rows, columns)


def _edit(photo: Path, drags: Sequence[str], options: Sequence[str], cache: Path) -> dict[str, Any]:
    output, report = photo.with_name("edited.jpg"), photo.with_name("report.json")
    command = [sys.executable, "-c", _COMMAND, "edit", str(photo), "-o", str(output), *options]
    for drag in drags:
        command += ["--drag", drag]
    process = run_process([*command, "--report", str(report)], {CACHE_VARIABLE: str(cache)})
    found = json.loads(report.read_text("utf-8"))
    return {
        "seconds": process.seconds,
        "memory": process.memory,
        "stages": {name: s for name, s in found["seconds"].items() if name != "total"},
        "cached": found.get("inversion_cached", False),
        "arrived": found["arrived"],
    }


def _summary(edit: str, photo: Path, done: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Medians over the repeats."""
    stages = {
        name: statistics.median(one["stages"].get(name, 0.0) for one in done)
        for name in dict.fromkeys(name for one in done for name in one["stages"])
    }
    outside = [one["seconds"] - sum(one["stages"].values()) for one in done]
    memory = [one["memory"] for one in done if one["memory"] is not None]
    with Image.open(photo) as image:
        width, height = image.size
    return {
        "edit": edit,
        "width": width,
        "height": height,
        "megapixels": width * height / 1e6,
        **Timing(tuple((one["seconds"],) for one in done)).as_row(),
        "stages": stages,
        "outside": statistics.median(outside),
        "memory": max(memory) if memory else None,
        "cached": all(one["cached"] for one in done),
        "arrived": all(one["arrived"] for one in done),
        "load": load(),
    }


def _resize(photo: Path, megapixels: float, folder: Path) -> Path:
    """The photo at a size, as a JPEG in a folder."""
    path = folder / f"photo-{megapixels:g}.jpg"
    with Image.open(photo) as image:
        factor = math.sqrt(megapixels * 1e6 / (image.width * image.height))
        size = (round(image.width * factor), round(image.height * factor))
        resized = image.convert("RGB").resize(size, Image.Resampling.LANCZOS)
    resized.save(path, quality=95)
    return path


def _high_water(status: Path) -> int | None:
    try:
        lines = status.read_text("utf-8").splitlines()
    except OSError:  # ended meanwhile, or no such folder on this system
        return None
    return next((int(li.split()[1]) * 1024 for li in lines if li.startswith("VmHWM:")), None)


def _stage_text(seconds: float | None) -> str:
    return "" if seconds is None else seconds_text(seconds)


if __name__ == "__main__":
    main()
