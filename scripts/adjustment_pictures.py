"""Make the picture of docs/adjustments.md: every adjustment on the example portrait.

python -m scripts.adjustment_pictures [--output FILE.jpg]
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from photodrag.alignment import Photo, align, open_photo
from photodrag.checkpoints import load_generator
from photodrag.pipeline import ADJUSTMENTS, EditRequest, EditRun
from photodrag.pipeline.cache.inversion_cache import users_cache
from photodrag.pipeline.runtime.memory import keep_freed_memory

_ROOT = Path(__file__).resolve().parents[1]
_SIDE, _COLUMNS, _TITLE, _QUALITY = 208, 6, 22, 85
_SHARE, _DEGREES = 0.8, 10.0

Pixels = NDArray[np.uint8]


@click.command()
@click.option(
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default=_ROOT / "docs" / "images" / "adjustments.jpg",
)
def main(output: Path) -> None:
    """Edit the portrait once for each adjustment, and lay the faces side by side."""
    keep_freed_memory()
    portrait = _ROOT / "examples" / "portrait.jpg"
    photo, generator, cache = open_photo(portrait), load_generator(), users_cache(portrait.name)
    face = cache.faces(photo)[0]
    tiles = [("the photo", align(photo, face, _SIDE).pixels)]
    for one in ADJUSTMENTS.values():
        value = min(_DEGREES, one.most) if one.is_pose else _SHARE
        request = EditRequest(adjust={one.name: value})
        run = EditRun(photo, request, generator=generator, cache=cache)
        for _ in run:
            pass
        shown = Photo(pixels=run.result.photo.srgb())
        tiles.append((f"{one.name}={value:g}", align(shown, face, _SIDE).pixels))
        click.echo(tiles[-1][0])
        sheet(tiles).save(output, quality=_QUALITY)


def sheet(tiles: list[tuple[str, Pixels]]) -> Image.Image:
    """Faces in rows, each with its title above."""
    rows = -(-len(tiles) // _COLUMNS)
    picture = Image.new("RGB", (_COLUMNS * _SIDE, rows * (_SIDE + _TITLE)), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(13)
    for number, (title, pixels) in enumerate(tiles):
        x, y = number % _COLUMNS * _SIDE, number // _COLUMNS * (_SIDE + _TITLE)
        draw.text((x + 4, y + 4), title, "black", font)
        picture.paste(Image.fromarray(pixels), (x, y + _TITLE))
    return picture


if __name__ == "__main__":
    main()
