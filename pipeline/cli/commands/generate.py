"""`photodrag generate`: a face that nobody has."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import checkpoint_option, device_option, output_option, quiet_option
from ..outputs import Outputs
from ..progress import fetch_checkpoint

TRUNCATION = 0.7  # the library's default too, as a test checks


@click.command()
@output_option("FILE", "The picture: .png, .jpg, .webp or .tif.")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    default=0,
    show_default=True,
    metavar="N",
    help="Which one; the same number gives the same picture.",
)
@click.option(
    "--truncation",
    type=float,
    default=TRUNCATION,
    show_default=True,
    help="1 for all that the generator knows, towards 0 ever more ordinary.",
)
@click.option(
    "--class", "class_index", type=int, metavar="N", help="For generators that have classes."
)
@checkpoint_option
@device_option
@quiet_option
def generate(
    *,
    output: Path,
    seed: int,
    truncation: float,
    class_index: int | None,
    checkpoint: str,
    device: str,
    quiet: bool,
) -> None:
    """Paint what a generator makes of a random number.

    \b
    Example:
      photodrag generate --seed 3 -o face.png
    """
    from photodrag.alignment import Photo
    from photodrag.alignment.photos.writing import EXTENSIONS
    from photodrag.checkpoints import load_generator
    from photodrag.device import choose_device

    from ...guide.painting import paint
    from ...runtime.memory import keep_freed_memory

    outputs = Outputs([Path(checkpoint)])
    outputs.add(output, EXTENSIONS)
    target_device = choose_device(device)
    fetch_checkpoint(checkpoint, quiet)
    keep_freed_memory()
    generator = load_generator(checkpoint, target_device)
    picture = paint(generator, generator.sample(seed, truncation, class_index))
    with outputs.writing() as place:
        Photo(pixels=picture).save(place(output))
