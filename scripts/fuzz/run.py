"""Give made and mutated files to everything that reads files, and report what should not happen.

    python scripts/fuzz/run.py --seconds 60 --seed 1 [--kind photos]

Each case is a process of its own, with limits. Reported are code that ran, crashes, exceptions that
are not photodrag's, more than 10 s or 1 GB for files under 1 MB, lines of libraries in the
terminal, and files that were left behind.
A case is made of seed, kind and number: `--kind photos --seed 1 --first 17 --cases 1` repeats one.
Linux only, as it forks.
"""

from __future__ import annotations

import importlib
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from random import Random

import click

ROOT = Path(__file__).resolve().parents[2]
KINDS = ("photos", "pickles", "tensors", "wheels", "json_files", "archives", "page")


@click.command()
@click.option("--seconds", type=float, default=60.0, show_default=True, help="For all kinds.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Default: all.")
@click.option("--cases", type=int, help="So many of each kind at most.")
@click.option("--first", type=int, default=0, help="The number of the first case.")
@click.option("--keep", type=click.Path(path_type=Path, file_okay=False), help="For what fails.")
def main(
    seconds: float,
    seed: int,
    kinds: tuple[str, ...],
    cases: int | None,
    first: int,
    keep: Path | None,
) -> None:
    """Try cases until the time is over; exit code 1 where one is a finding."""
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    sys.path.insert(0, str(ROOT))
    kinds = kinds or KINDS
    found = 0
    for kind in kinds:
        found += _try_kind(kind, seed, seconds / len(kinds), first, cases, keep)
    if found:
        raise SystemExit(1)


def _try_kind(
    kind: str, seed: int, seconds: float, first: int, cases: int | None, keep: Path | None
) -> int:
    """Findings of one kind."""
    children = importlib.import_module("scripts.fuzz.children")
    subject = importlib.import_module(f"scripts.fuzz.{kind}")
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        subject.prepare(Path(name))
        finish = getattr(subject, "finish", lambda: None)
        allowed = getattr(subject, "ALLOWED", ())
        counts: Counter[str] = Counter()
        end, number = time.monotonic() + seconds, first
        try:
            while time.monotonic() < end and (cases is None or number < first + cases):
                case = subject.make(Random(f"{seed} {kind} {number}"))  # noqa: S311 - no secrets
                result = children.try_case(case, subject.run, Path(name), allowed)
                counts[result.kind] += 1
                if result.is_finding:
                    click.echo(f"{kind} seed {seed} case {number}: {result.kind}: {result.text}")
                    if keep is not None:
                        keep.mkdir(parents=True, exist_ok=True)
                        (keep / f"{kind}-{seed}-{number}{case.suffix}").write_bytes(case.data)
                number += 1
        finally:
            finish()
    told = ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    click.echo(f"{kind}: {number - first} tried: {told or 'none'}")
    return sum(count for what, count in counts.items() if what not in children.EXPECTED)


if __name__ == "__main__":
    main()
