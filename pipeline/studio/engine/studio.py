"""All desks of a process: they share the generator and the line, and nothing of a photo."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from photodrag.checkpoints import Generator
from photodrag.errors import StudioError

from .job_queue import Line, Notify
from .settings import StudioSettings
from .shared import Shop
from .workspace import Desk

_PATIENCE = 20.0  # seconds that the end waits for a step at work


class Studio:
    """Opens desks; closed, it stops all work and removes every file. Use it as a context.

    One job computes at a time; a second line is for what needs no generator: opening photos and
    writing files. `generator` is for the settings' checkpoint; without it, it is loaded at the
    first need.
    """

    def __init__(self, settings: StudioSettings | None = None, generator: Generator | None = None):
        self.settings = settings or StudioSettings()
        self._shop = Shop(self.settings, generator)
        self._lock = threading.RLock()
        self._lines = (Line("photodrag", self._lock), Line("photodrag-aside", self._lock))
        self._folder: Path | None = None
        self._desks: dict[str, Desk] = {}
        self._closed = False

    @property
    def desks(self) -> tuple[Desk, ...]:
        """Those that are open."""
        with self._lock:
            return tuple(self._desks.values())

    def open_desk(self, notify: Notify) -> Desk:
        """A new desk; its events go to `notify`, which must return quickly.

        StudioError where there are too many.
        """
        with self._lock:
            if self._closed:
                raise StudioError("the studio is closed")
            if len(self._desks) >= self.settings.most_desks:
                raise StudioError(
                    f"{len(self._desks)} pages are open, and that is the most; close another one"
                )
            if self._folder is None:
                self._folder = Path(tempfile.mkdtemp(prefix="photodrag-studio-"))  # for its owner
            folder = Path(tempfile.mkdtemp(prefix="desk-", dir=self._folder))
            desk = Desk(folder, self._shop, self._lines, notify, self._forget)
            self._desks[desk.id] = desk
            return desk

    def close(self) -> None:
        """Close every desk, wait for the steps at work, and remove all files."""
        with self._lock:
            self._closed = True
            for desk in self.desks:
                desk.close()
        for line in self._lines:
            line.close(_PATIENCE)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _forget(self, desk: Desk) -> None:
        with self._lock:
            self._desks.pop(desk.id, None)
