"""`photodrag session edit`: the next edit of a session."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors_as_lines import say
from ..following import follow, save_extras, summary
from ..help_pages import TitledCommand
from ..interrupts import Interrupts
from ..option_groups import EditOptions, ResultOptions, edit_options, result_options
from ..options import device_option, output_option, quiet_option, session_argument
from ..outputs import Outputs
from ..progress import ProgressBars, fetch_checkpoint
from ..set_option import OF_CHANGE, SetOptions, set_option


@click.command(
    "edit",
    cls=TitledCommand,
    short_help="Drag or adjust the photo as the session has it now.",
)
@session_argument
@output_option("FILE", "The photo as it looks now; it can be had later, too.", required=False)
@edit_options
@set_option(*OF_CHANGE)
@device_option
@result_options
@quiet_option
def edit_session(
    *,
    session: Path,
    output: Path | None,
    what: EditOptions,
    given: SetOptions,
    device: str,
    extras: ResultOptions,
    quiet: bool,
) -> None:
    """Drag points in the photo as the session has it now, or adjust its face by name.

    Places and landmarks are those of the photo as it looks after the edits so far. What was undone
    before is given up. Interrupted, the session stays as it was.

    \b
    Examples:
      photodrag session edit me.session --adjust smile=0.6 --mask mouth+eyes
      photodrag session edit me.session --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'
      photodrag session edit me.session --drag '310,420->+0,-9' --mask brows.png -o now.jpg
    """
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.device import choose_device

    from ...edit.edit_request import EditRequest
    from ...request.masks import choose_mask
    from ...runtime.memory import keep_freed_memory
    from ...session.folder import SessionFolder
    from ...session.work import SessionWork

    folder = SessionFolder(session)
    outputs = Outputs([folder.photo_path, *what.files])
    outputs.add(output, EXTENSIONS)
    extras.add_to(outputs)
    for path in (output, *extras.files):
        folder.check_outside(path)
    target_device = choose_device(device)
    settings = given.on(what.settings(folder.session.settings))
    points, adjust = what.points(), what.adjust()
    fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    with folder.changing(), Interrupts(extras.keep_best) as interrupts:
        with ProgressBars(quiet) as bars:
            with bars.waiting("opening the session"):
                work = SessionWork(folder, target_device)
                if output is not None:
                    work.photo.check_saves(output)
                mask = choose_mask(what.mask, work.photo.size)
                run = work.edit(EditRequest(points, adjust, mask, settings))
            done = follow(run, bars, interrupts, extras)
        result = run.result
        with outputs.writing() as place:
            if output is not None:
                result.photo.save(place(output), mark=not extras.no_mark)
            save_extras(extras, [result], done.movie, output, place)
            work.record(result)
    if not quiet:
        (line,) = summary([result], None)
        say(f"{session}: edit {work.session.position}: {line}")
