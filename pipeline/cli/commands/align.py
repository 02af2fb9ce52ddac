"""`photodrag align`: the face of a photo, cut out as the generators know faces."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import (
    face_option,
    format_option,
    output_option,
    overwrite_option,
    photo_argument,
)
from ..outputs import Outputs
from ..pipes import format_of_output, read_photo

CROP_SIZE = 1024  # of FFHQ's pictures; the library's default too, as a test checks


@click.command()
@photo_argument
@output_option("FILE", "The crop: .png, .jpg, .webp or .tif.")
@format_option
@face_option
@click.option(
    "--size", type=int, default=CROP_SIZE, show_default=True, help="Pixels a side, 16 to 4096."
)
@overwrite_option
def align(
    photo: Path, output: Path, file_format: str | None, face: str, size: int, overwrite: bool
) -> None:
    """Cut out a face, turned upright, framed as in FFHQ.

    With - for PHOTO or FILE it reads and writes the standard streams.

    \b
    Examples:
      photodrag align me.jpg -o crop.png
      photodrag align - -o - --format png < me.jpg > crop.png
    """
    from photodrag.alignment import Photo, find_faces
    from photodrag.alignment import align as align_face
    from photodrag.alignment.face_choice import choose_face, parse_face
    from photodrag.alignment.photos.writing import EXTENSIONS

    choice = parse_face(face)
    outputs = Outputs([photo], overwrite)
    outputs.add_picture(output, EXTENSIONS, file_format)
    source = read_photo(photo)
    file_format = format_of_output(output, file_format, source)
    crop = align_face(source, choose_face(find_faces(source), choice, source.size), size)
    with outputs.writing() as place:
        Photo(pixels=crop.pixels).save(place(output), file_format)
