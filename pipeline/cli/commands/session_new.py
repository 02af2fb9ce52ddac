"""`photodrag session new`: look at a photo's face once, for all edits to come."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors_as_lines import say
from ..help_pages import TitledCommand
from ..option_groups import InversionOptions, inversion_options
from ..options import (
    cache_option,
    device_option,
    face_option,
    output_option,
    photo_argument,
    quiet_option,
)
from ..progress import ProgressBars, fetch_checkpoint
from ..set_option import OF_INVERSION, SetOptions, set_option


@click.command("new", cls=TitledCommand)
@photo_argument
@output_option("FOLDER", "The session: a new folder.")
@face_option
@inversion_options
@set_option(*OF_INVERSION)
@device_option
@cache_option
@quiet_option
def new_session(
    *,
    photo: Path,
    output: Path,
    face: str,
    inversion: InversionOptions,
    given: SetOptions,
    device: str,
    no_cache: bool,
    quiet: bool,
) -> None:
    """Begin a session with one face of a photo.

    \b
    Examples:
      photodrag session new me.jpg -o me.session
      photodrag session new us.jpg -o her.session --face 2
    """
    from photodrag.alignment import find_faces, open_photo
    from photodrag.alignment.face_choice import choose_face, parse_face
    from photodrag.checkpoints import load_generator
    from photodrag.device import choose_device

    from ...cache.inversion_cache import users_cache
    from ...edit.depth import settled
    from ...edit.invert_run import InvertRun
    from ...edit.start import first_start
    from ...runtime.memory import keep_freed_memory
    from ...session.folder import check_new
    from ...session.work import keep_session

    check_new(output)
    choice = parse_face(face)
    settings = given.on(inversion.settings())
    target_device = choose_device(device)
    source = open_photo(photo)
    cache = None if no_cache else users_cache(photo.name)
    fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    with ProgressBars(quiet) as bars:
        with bars.waiting("looking at the photo"):
            faces = find_faces(source) if cache is None else cache.faces(source)
            chosen = choose_face(faces, choice, source.size)
            generator = load_generator(settings.checkpoint, target_device)
            start = first_start(source, chosen)
            run = InvertRun(
                source,
                settled(settings),
                device=target_device,
                generator=generator,
                cache=cache,
                start=start,
            )
        bars.expect(lambda: run.stages)
        for step in run:
            bars.show(step)
    keep_session(output, photo, run, generator, settings)
    if not quiet:
        say(f"{output}: face {chosen.index} of {photo}, ready for `photodrag session edit`")
