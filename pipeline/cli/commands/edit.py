"""`photodrag edit`: a photo in, the dragged photo out."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from threading import Thread

import click

from ..help_pages import TitledCommand
from ..one_photo import OnePhoto, edit_one_photo
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
from ..pipes import read_photo
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

    from ...edit.edit_request import EditRequest
    from ...request.masks import choose_mask

    settings = given.on(what.settings(inversion.settings()))
    mask = choose_mask(what.mask, source.size)
    request = EditRequest(what.points(), what.adjust(), mask, face=face)
    one = OnePhoto(photo, source, output, file_format, outputs, extras)
    edit_one_photo(
        one,
        [request],
        settings,
        choose_device(device),
        no_cache=no_cache,
        dry_run=dry_run,
        quiet=quiet,
    )
