"""The work on one photo of a batch, in whichever process it is done."""

from __future__ import annotations

import time
import warnings
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import torch

from photodrag.alignment import open_photo
from photodrag.checkpoints import Generator, load_generator
from photodrag.checks import check_whole
from photodrag.errors import PhotodragError
from photodrag.files import file_digest

from ..cache.inversion_cache import InversionCache
from ..edit.faces_run import FacesRun
from .log import Done, release
from .task import BatchTask


@dataclass(frozen=True)
class BatchSettings:
    """What is the same for all photos of a batch: where to compute, in how many processes.

    The cache of inversions may take `cache_limit` bytes; 0: none is kept.
    """

    device: str = "auto"
    jobs: int = 1
    cache_limit: int = 0

    def __post_init__(self) -> None:
        check_whole("jobs", self.jobs, 1, 64)
        check_whole("cache_limit", self.cache_limit)


class Worker:
    """Edits photos one after the other, keeping the generator in memory."""

    def __init__(self, settings: BatchSettings):
        self.settings = settings
        self._generators: dict[str, Generator] = {}
        if settings.jobs > 1:  # they share the cores
            torch.set_num_threads(max(1, torch.get_num_threads() // settings.jobs))
            cv2.setNumThreads(max(1, cv2.getNumThreads() // settings.jobs))

    def edit(self, task: BatchTask, folder: Path) -> Done:
        """Edit a photo and write the result; what is wrong with it is in `error`."""
        begin = time.perf_counter()
        done = Done(str(task.photo), task.recipe_digest, release=release())
        reason = None
        try:
            with warnings.catch_warnings(record=True) as notes:
                warnings.simplefilter("always")
                run = self.prepare(task)
                for _ in run:
                    pass
                run.photo.save(folder / task.output, mark=task.mark)
            done = replace(
                done,
                photo=file_digest(task.photo),
                result=file_digest(folder / task.output),
                arrived=all(one.arrived for one in run.results),
                notes=tuple(" ".join(str(note.message).split()) for note in notes),
            )
        except PhotodragError as error:
            reason = " ".join(str(error).split())
        except OSError as error:
            reason = f"{task.photo}: {error.strerror or error}"
        except (MemoryError, torch.OutOfMemoryError):
            reason = "there is not enough memory for this photo; use fewer --jobs or --device cpu"
        return replace(done, error=reason, seconds=round(time.perf_counter() - begin, 3))

    def prepare(self, task: BatchTask, only_read: bool = False) -> FacesRun:
        """The edit of a photo, checked; `only_read` keeps nothing in the cache."""
        source = open_photo(task.photo)
        settings, limit = task.recipe.settings, self.settings.cache_limit
        label = task.photo.name
        cache = InversionCache(limit=limit, label=label, only_read=only_read) if limit else None
        generator = self._generators.get(settings.checkpoint)
        if generator is None:
            generator = load_generator(settings.checkpoint, self.settings.device)
            self._generators = {settings.checkpoint: generator}
        device = generator.device
        edits = task.recipe.edits
        return FacesRun(source, edits, settings, device=device, generator=generator, cache=cache)
