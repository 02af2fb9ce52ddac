"""`photodrag invert`: a photo into a latent and a generator that paints it."""

from __future__ import annotations

from pathlib import Path

import click

from ..errors_as_lines import say
from ..help_pages import TitledCommand
from ..option_groups import InversionOptions, invert_options
from ..options import (
    cache_option,
    device_option,
    face_option,
    output_option,
    photo_argument,
    quiet_option,
)
from ..outputs import Outputs
from ..progress import ProgressBars, fetch_checkpoint
from ..set_option import OF_INVERSION, SetOptions, set_option


@click.command(cls=TitledCommand)
@photo_argument
@output_option("FILE.safetensors", "The latent, with the tuned generator: about its size on disk.")
@face_option
@invert_options
@set_option(*OF_INVERSION)
@device_option
@cache_option
@quiet_option
def invert(
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
    """Find the latent of a photo's face, for `photodrag drag`.

    \b
    Example:
      photodrag invert me.jpg -o me.safetensors
    """
    from photodrag.alignment import find_faces, open_photo
    from photodrag.alignment.face_choice import choose_face, parse_face
    from photodrag.device import choose_device
    from photodrag.inversion import save_inversion

    from ...cache.inversion_cache import users_cache
    from ...edit.invert_run import InvertRun
    from ...edit.start import first_start
    from ...runtime.memory import keep_freed_memory

    choice = parse_face(face)
    outputs = Outputs([photo])
    outputs.add(output, [".safetensors"])
    settings = given.on(inversion.settings())
    cache = None if no_cache else users_cache(photo.name)
    target_device = choose_device(device)
    source = open_photo(photo)
    fetch_checkpoint(settings.checkpoint, quiet)

    keep_freed_memory()
    with ProgressBars(quiet) as bars:
        with bars.waiting("looking at the photo"):
            faces = find_faces(source) if cache is None else cache.faces(source)
            start = first_start(source, choose_face(faces, choice, source.size))
            run = InvertRun(source, settings, device=target_device, cache=cache, start=start)
        bars.expect(lambda: run.stages)
        for step in run:
            bars.show(step)
    assert run.inversion is not None
    with outputs.writing() as place:
        save_inversion(place(output), run.inversion)
    if not quiet:
        losses = run.inversion.losses
        cached = "; the face was in the cache" if run.cached else ""
        say(
            f"{output}: difference {losses.perceptual:.4f}, square error {losses.pixel:.4f}{cached}"
        )
