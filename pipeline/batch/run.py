"""A batch: one result for each photo, going on after a failure and where it stopped before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from photodrag.errors import OutputError
from photodrag.files import file_digest
from photodrag.logs import room_logger
from photodrag.runs import Stages

from .log import BatchLog, Done, release
from .processes import edit_in_processes
from .task import BatchTask, check_folder
from .worker import BatchSettings

_LOG = room_logger("batch")


@dataclass(frozen=True)
class BatchStep:
    """One photo that is finished: number `index` from 1 of `total`; `before`: in an earlier run."""

    task: BatchTask
    done: Done
    index: int
    total: int
    before: bool = False

    @property
    def state(self) -> str:
        """What became of it: "done", "before" or "failed"."""
        if self.done.error is not None:
            return "failed"
        return "before" if self.before else "done"


class BatchRun:
    """Edit many photos into a folder, which is made if it is missing.

    The folder is checked when the run is made. Iterating does the work and yields a `BatchStep` for
    each photo: first those that a log in the folder knows as done, as long as photo, recipe,
    result and photodrag are still the same, then the others as they are finished. Whatever is
    wrong with one photo is told in its step, and the rest goes on. Leaving the loop stops it.
    """

    def __init__(
        self, tasks: Sequence[BatchTask], folder: str | Path, settings: BatchSettings | None = None
    ):
        self.tasks, self.folder = tuple(tasks), Path(folder)
        self.settings = settings or BatchSettings()
        check_folder(self.folder, self.tasks)
        try:
            self.folder.mkdir(exist_ok=True)
        except OSError as error:
            raise OutputError(f"{folder}: cannot be made: {error.strerror or error}") from error
        self.log = BatchLog(self.folder)
        self._finished = 0

    def __len__(self) -> int:
        """How many photos."""
        return len(self.tasks)

    @property
    def stages(self) -> Stages:
        """One stage, of all photos."""
        return (("photos", len(self.tasks)),)

    @property
    def fraction(self) -> float:
        """How many of the photos are finished, 0..1."""
        return self._finished / len(self.tasks) if self.tasks else 1.0

    def __iter__(self) -> Iterator[BatchStep]:
        waiting, index, total = [], 0, len(self.tasks)
        self._finished = 0
        for task in self.tasks:
            known = done_before(task, self.folder, self.log)
            if known is None:
                waiting.append(task)
            else:
                index = self._finished = index + 1
                _LOG.info("%s: done before", task.photo)
                yield BatchStep(task, known, index, total, before=True)
        for task, done in edit_in_processes(waiting, self.folder, self.settings):
            self.log.note(task.output, done)
            index = self._finished = index + 1
            _LOG.info("%s: %s, %.1f s", task.photo, done.error or "done", done.seconds)
            yield BatchStep(task, done, index, total)


def done_before(task: BatchTask, folder: Path, log: BatchLog) -> Done | None:
    """What the log of a folder knows of a task, if it is still true."""
    entry = log.entries.get(task.output)
    if entry is None or entry.error is not None or entry.release != release():
        return None
    if entry.recipe != task.recipe_digest:
        return None
    try:
        same = entry.photo == file_digest(task.photo)
        same = same and entry.result == file_digest(folder / task.output)
    except OSError:
        return None
    return entry if same else None
