"""Processes that edit photos, so that whatever happens to one photo ends only its own process."""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import Any

from ..runtime.memory import keep_freed_memory
from .log import Done, release
from .task import BatchTask
from .worker import BatchSettings, Worker

_END_SECONDS = 5.0  # for a process that is told to end


@dataclass(frozen=True, eq=False)
class _Worker:
    process: SpawnProcess
    connection: Connection[Any, Any]


def edit_in_processes(
    tasks: Sequence[BatchTask], folder: Path, settings: BatchSettings
) -> Iterator[tuple[BatchTask, Done]]:
    """Edit photos in `settings.jobs` processes; each as it is finished, in no order.

    A process that ends by itself (killed for its memory, for instance) is a failure of its photo
    only. Leaving the loop ends them all.
    """
    waiting = deque(tasks)
    idle: list[_Worker] = []
    busy: list[tuple[_Worker, BatchTask]] = []
    try:
        while waiting or busy:
            while waiting and len(busy) < settings.jobs:
                worker = idle.pop() if idle else _begin(folder, settings)
                task = waiting.popleft()
                with suppress(OSError):  # one that has ended is noticed below
                    worker.connection.send(task)
                busy.append((worker, task))
            ready = wait([worker.connection for worker, _ in busy])
            finished = next(pair for pair in busy if pair[0].connection in ready)
            busy.remove(finished)
            worker, task = finished
            done = _receive(worker, task)
            if worker.process.is_alive():
                idle.append(worker)
            yield task, done
    finally:
        for worker in [*idle, *(worker for worker, _ in busy)]:
            _end(worker)


def _begin(folder: Path, settings: BatchSettings) -> _Worker:
    context = get_context("spawn")  # torch does not survive a fork
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, folder, settings), daemon=True)
    process.start()
    theirs.close()  # so that its end can be noticed here
    return _Worker(process, ours)


def _serve(connection: Connection[Any, Any], folder: Path, settings: BatchSettings) -> None:
    """What such a process does: edit photos until no more come."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # tidy up on the way out
    keep_freed_memory()
    worker = Worker(settings)
    while True:
        try:
            task = connection.recv()
        except EOFError:
            return
        connection.send(worker.edit(task, folder))


def _receive(worker: _Worker, task: BatchTask) -> Done:
    try:
        done: Done = worker.connection.recv()
        return done
    except (EOFError, OSError):
        worker.process.join()
        code = worker.process.exitcode
        reason = (
            f"its process ended unexpectedly (exit code {code}); where memory is short, use "
            "fewer --jobs"
        )
        return Done(str(task.photo), task.recipe_digest, error=reason, release=release())


def _end(worker: _Worker) -> None:
    worker.connection.close()
    worker.process.terminate()
    worker.process.join(_END_SECONDS)
    if worker.process.is_alive():
        worker.process.kill()
        worker.process.join()
