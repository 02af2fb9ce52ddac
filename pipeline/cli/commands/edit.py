"""`photodrag edit`: a photo in, the dragged photo out."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import click

from ..errors_as_lines import say
from ..following import follow, save_extras, summary
from ..help_pages import TitledCommand
from ..interrupts import Interrupts
from ..option_groups import (
    EditOptions,
    InversionOptions,
    ResultOptions,
    edit_options,
    inversion_options,
    result_options,
)
from ..options import (
    cache_option,
    device_option,
    dry_run_option,
    faces_option,
    format_option,
    output_option,
    overwrite_option,
    photo_argument,
    quiet_option,
)
from ..outputs import Outputs
from ..pipes import PIPE, format_of_output, photo_label, read_photo
from ..plan import check_checkpoint, tell_plan
from ..progress import ProgressBars, fetch_checkpoint
from ..set_option import OF_CHANGE, OF_INVERSION, SetOptions, set_option


@click.command(cls=TitledCommand, short_help="Drag points in a photo, or adjust its face by name.")
@photo_argument
@output_option("FILE", "The edited photo, of its size: .jpg, .png, .tif, .webp, .avif or .heic.")
@format_option
@edit_options
@faces_option
@inversion_options
@set_option(*OF_INVERSION, *OF_CHANGE)
@device_option
@cache_option
@result_options
@overwrite_option
@dry_run_option
@quiet_option
def edit(
    *,
    photo: Path,
    output: Path,
    file_format: str | None,
    what: EditOptions,
    face: str,
    inversion: InversionOptions,
    given: SetOptions,
    device: str,
    no_cache: bool,
    extras: ResultOptions,
    overwrite: bool,
    dry_run: bool,
    quiet: bool,
) -> None:
    """Drag points in a photo, or adjust its face by name, and save the result.

    A drag is HANDLE->TARGET, in quotes. The handle is X,Y in photo pixels, or the name or number
    of a landmark, as `photodrag landmarks` shows them. The target is X,Y in photo pixels, or with
    signs the way from the handle: +10,-4 in pixels, +5%,-4% of the distance between the eyes.
    x goes right, y goes down. With - for PHOTO or FILE it reads and writes the standard streams.

    The file's XMP says that the photo was edited: IPTC's digital source type and an entry of the
    history. --no-mark leaves that out.

    \b
    Examples:
      photodrag edit me.jpg -o out.jpg --adjust smile=0.6 --adjust yaw=8
      photodrag edit me.jpg -o out.jpg --drag '310,420->325,412'
      photodrag edit me.jpg -o smile.jpg --drag 'mouth_left->-4%,-4%' --drag 'mouth_right->+4%,-4%'
      photodrag edit us.jpg -o out.jpg --face 2 --points points.json --mask mask.png
      photodrag edit us.jpg -o smiles.jpg --face all --drag 'mouth_left->-4%,-4%'
      photodrag edit me.jpg -o out.jpg --drag 'chin->+0,+12' --report report.json --movie steps.gif
      photodrag edit - -o - --adjust smile=0.6 < me.jpg > out.jpg
    """
    # Loading PyTorch takes a second, opening a large photo a quarter of one: both at once.
    loading = Thread(target=import_module, args=("torch",))
    loading.start()
    try:
        from photodrag.alignment.photos.writing import EXTENSIONS

        outputs = Outputs([photo, *what.files], overwrite)
        outputs.add_picture(output, EXTENSIONS, file_format)
        extras.add_to(outputs)
        source = read_photo(photo)
    finally:
        loading.join()  # Python must not end while it loads

    from photodrag.device import choose_device

    from ...cache.inversion_cache import users_cache
    from ...edit.edit_request import EditRequest
    from ...edit.faces_run import FacesRun
    from ...request.masks import choose_mask
    from ...runtime.memory import keep_freed_memory

    settings = given.on(what.settings(inversion.settings()))
    mask = choose_mask(what.mask, source.size)
    request = EditRequest(what.points(), what.adjust(), mask, face=face)
    cache = None if no_cache else users_cache(photo_label(photo), only_read=dry_run)
    target_device = choose_device(device)
    file_format = format_of_output(output, file_format, source)
    source.check_saves(output, file_format)
    if dry_run:
        check_checkpoint(settings.checkpoint)
    else:
        fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    with Interrupts(extras.keep_best) as interrupts:
        with ProgressBars(quiet) as bars:
            with bars.waiting("looking at the photo"):
                run = FacesRun(source, [request], settings, device=target_device, cache=cache)
            if dry_run:
                tell_plan(run, photo, (output, *extras.files))
                return
            done = follow(run, bars, interrupts, extras)
        with outputs.writing() as place:
            run.photo.save(place(output), file_format, mark=not extras.no_mark)
            save_extras(extras, run.results, done.movie, output, place)
    if not quiet:
        for line in summary(done.results, None if output == PIPE else output):
            say(line)
