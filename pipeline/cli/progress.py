"""Progress on the standard error stream: bars in a terminal, a few lines elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from photodrag.runs import RunStep, Stages

from ..runtime.run_progress import RunProgress
from ..runtime.time_left import as_text

if TYPE_CHECKING:
    from rich.progress import TaskID

    from photodrag.checkpoints import FetchRun

_LINE_SECONDS = 10.0  # between two lines where there is no terminal
_STAGES = {
    "cached": "remembering the face",
    "pivot": "finding the face",
    "w+": "refining it",
    "tune": "learning the face",
    "guide": "dragging landmarks",
    "drag": "dragging",
    "composite": "putting it back",
    "film": "making the movie",
    "wait": "waiting for another download",
    "download": "downloading",
    "convert": "converting",
}


class ProgressBars:
    """One bar per stage of a run; use it as a context and `show` each step.

    With each step stands how long the whole run will still take; `expect` tells its stages.
    """

    def __init__(self, quiet: bool = False) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        self._quiet = quiet
        console = Console(stderr=True)
        self._live = console.is_terminal and not quiet
        self._bars = Progress(
            TextColumn("{task.description:<28}"),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._stage: str | None = None
        self._text = self._last = self._left = self._line = ""
        self._printed = 0.0
        self._console = console
        self._stages: Callable[[], Stages] = tuple
        self._run = RunProgress()

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._end_stage()
        self._bars.stop()

    @contextmanager
    def waiting(self, text: str) -> Iterator[None]:
        """Show that something without steps is going on."""
        self._end_stage()
        self._begin_stage(text, text, None, "")
        yield
        self._end_stage()

    def expect(self, stages: Callable[[], Stages]) -> None:
        """A run begins; `stages` gives those of its edit at work and of what comes after it."""
        self._stages = stages
        self._run.begin()

    def show(self, step: RunStep, part: str = "") -> None:
        """Show a finished step, of a part of the run where there are several."""
        self._run.step(step, self._stages())
        purpose = getattr(step, "purpose", None)
        self._show(step.stage, part, self._run.stage_fraction, _figures(step), purpose)

    def advance(self, stage: str, done: int, total: int | None, detail: str) -> None:
        """Show that `done` of `total` of a stage are finished; None: nobody knows how many."""
        if total:
            self._run.advance(stage, done / total, total, self._stages())
        self._show(stage, "", done / total if total else None, detail)

    def say(self, text: str) -> None:
        """A line for itself, above the bars."""
        self._console.print(text, highlight=False, soft_wrap=True, markup=False)

    def _show(
        self, stage: str, part: str, share: float | None, detail: str, purpose: str | None = None
    ) -> None:
        if self._quiet:
            return
        if stage != self._stage:
            self._end_stage()
            text = _STAGES.get(stage, stage) + (f", for {purpose}" if purpose else "")
            self._begin_stage(stage, f"{part}: {text}" if part else text, share, detail)
        left = None if share is None else self._run.seconds_left
        self._left = "" if left is None else f"about {as_text(left)} left"
        self._last = detail
        if self._task is not None:
            whole = None if share is None else 1.0
            self._bars.update(
                self._task, total=whole, completed=share or 0, detail=detail, left=self._left
            )
        elif time.monotonic() - self._printed >= _LINE_SECONDS:
            self._print()

    def _begin_stage(self, stage: str, text: str, share: float | None, detail: str) -> None:
        if self._quiet:
            return
        self._stage, self._text, self._printed = stage, text, time.monotonic()
        self._last, self._left = detail, ""
        if self._live:
            total = None if share is None else 1.0
            self._task = self._bars.add_task(text, total=total, detail=detail, left="")
        elif stage not in _STAGES:
            self.say(text)

    def _end_stage(self) -> None:
        if self._stage is None:
            return
        if self._task is not None:  # it may have ended before its most steps
            self._bars.update(self._task, completed=1.0, total=1.0, left="")
            self._bars.stop_task(self._task)
        elif self._stage in _STAGES:
            self._print()
        self._stage = self._task = None

    def _print(self) -> None:
        self._printed = time.monotonic()
        line = f"{self._text}: {self._last}"
        if line != self._line:  # a stage's last step may have been shown already
            self.say(line + (f", {self._left}" if self._left else ""))
        self._line = line


def _figures(step: RunStep) -> str:
    """The number of the step, and the one number to watch at it."""
    count = f"{step.index}/{step.total}"
    distance, loss = getattr(step, "distance", None), getattr(step, "loss", None)
    if distance is not None:
        return f"{count}  {distance:.1f} px to go"
    return count if loss is None else f"{count}  difference {loss:.4f}"


def fetch_checkpoint(name_or_path: str, quiet: bool = False) -> None:
    """Fetch a checkpoint of the catalogue, showing the progress, unless it is there."""
    from photodrag.checkpoints import fetch, locate

    if locate(name_or_path) is None:
        show_fetch(fetch(name_or_path), quiet)


def show_fetch(run: FetchRun, quiet: bool = False) -> None:
    """Fetch a checkpoint, showing the progress."""
    with ProgressBars(quiet) as bars:
        for step in run:
            of = "" if step.total is None else f" of {step.total / 1e6:.0f}"
            detail = f"{run.spec.name} {step.received / 1e6:.0f}{of} MB"
            bars.advance(step.stage, step.received, step.total, detail)
