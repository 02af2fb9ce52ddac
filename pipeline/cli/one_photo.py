"""From a photo that has been read to the edited one in its file: for `edit` and `apply`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .errors_as_lines import say
from .following import follow, save_extras, summary
from .interrupts import Interrupts
from .option_groups import ResultOptions
from .outputs import Outputs
from .pipes import PIPE, format_of_output, photo_label
from .plan import check_checkpoint, tell_plan
from .progress import ProgressBars, fetch_checkpoint

if TYPE_CHECKING:
    import torch

    from photodrag.alignment import Photo

    from ..edit.edit_request import EditRequest
    from ..settings import EditSettings


@dataclass(frozen=True, eq=False)
class OnePhoto:
    """A photo, as it was named and as it was read, and where the results go."""

    name: Path
    source: Photo
    output: Path
    file_format: str | None
    outputs: Outputs
    extras: ResultOptions


def edit_one_photo(
    one: OnePhoto,
    edits: Sequence[EditRequest],
    settings: EditSettings,
    device: torch.device,
    *,
    no_cache: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Do the edits and save the results, or tell what would be done."""
    from ..cache.inversion_cache import users_cache
    from ..edit.faces_run import FacesRun
    from ..runtime.memory import keep_freed_memory

    cache = None if no_cache else users_cache(photo_label(one.name), only_read=dry_run)
    file_format = format_of_output(one.output, one.file_format, one.source)
    one.source.check_saves(one.output, file_format)
    if dry_run:
        check_checkpoint(settings.checkpoint)
    else:
        fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    extras, output = one.extras, one.output
    with Interrupts(extras.keep_best) as interrupts:
        with ProgressBars(quiet) as bars:
            with bars.waiting("looking at the photo"):
                run = FacesRun(one.source, edits, settings, device=device, cache=cache)
            if dry_run:
                tell_plan(run, one.name, (output, *extras.files))
                return
            done = follow(run, bars, interrupts, extras)
        with one.outputs.writing() as place:
            run.photo.save(place(output), file_format, mark=not extras.no_mark)
            save_extras(extras, run.results, done.movie, output, place)
    if not quiet:
        for line in summary(done.results, None if output == PIPE else output):
            say(line)
