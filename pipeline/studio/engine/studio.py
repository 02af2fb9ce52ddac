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
from photodrag.leftovers import temporary_folder

from .job_queue import JobQueue, Notify
from .settings import StudioSettings
from .shared import Shared
from .workspace import Workspace

_PATIENCE = 20.0  # seconds that the end waits for a step at work


class Studio:
    """Opens desks; closed, it stops all work and removes every file. Use it as a context.

    One job computes at a time; a second line is for what needs no generator: opening photos and
    writing files. `generator` is for the settings' checkpoint; without it, it is loaded at the
    first need.
    """

    def __init__(self, settings: StudioSettings | None = None, generator: Generator | None = None):
        self.settings = settings or StudioSettings()
        self._shared = Shared(self.settings, generator)
        self._lock = threading.RLock()
        self._lines = (JobQueue("photodrag", self._lock), JobQueue("photodrag-aside", self._lock))
        self._folder: Path | None = None
        self._workspaces: dict[str, Workspace] = {}
        self._closed = False

    @property
    def workspaces(self) -> tuple[Workspace, ...]:
        """Those that are open."""
        with self._lock:
            return tuple(self._workspaces.values())

    def open_desk(self, notify: Notify) -> Workspace:
        """A new desk; its events go to `notify`, which must return quickly.

        StudioError where there are too many.
        """
        with self._lock:
            if self._closed:
                raise StudioError("the studio is closed")
            if len(self._workspaces) >= self.settings.most_desks:
                raise StudioError(
                    f"{len(self._workspaces)} pages are open, and that is the most; "
                    "close another one"
                )
            if self._folder is None:
                self._folder = temporary_folder("photodrag-studio-")  # for its owner
            folder = Path(tempfile.mkdtemp(prefix="desk-", dir=self._folder))
            workspace = Workspace(folder, self._shared, self._lines, notify, self._forget)
            self._workspaces[workspace.id] = workspace
            return workspace

    def close(self) -> None:
        """Close every desk, wait for the steps at work, and remove all files."""
        with self._lock:
            self._closed = True
            for workspace in self.workspaces:
                workspace.close()
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

    def _forget(self, workspace: Workspace) -> None:
        with self._lock:
            self._workspaces.pop(workspace.id, None)
