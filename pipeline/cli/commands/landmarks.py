"""`photodrag landmarks`: the faces of a photo and their 68 points, as a picture or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..options import (
    format_option,
    json_option,
    output_option,
    overwrite_option,
    photo_argument,
)
from ..outputs import Outputs
from ..pipes import PIPE, format_of_output, read_photo

if TYPE_CHECKING:
    from photodrag.alignment import Face, Photo


@click.command()
@photo_argument
@output_option("FILE", "The photo with numbers on it: .png, .jpg, .webp or .tif.", required=False)
@format_option
@json_option
@overwrite_option
def landmarks(
    photo: Path, output: Path | None, file_format: str | None, as_json: bool, overwrite: bool
) -> None:
    """Show the faces of a photo and the numbers of their landmarks.

    Left is the viewer's left. The largest face is number 1. -o draws the landmarks, --json tells
    where they are. With - for PHOTO or FILE it reads and writes the standard streams.

    \b
    Examples:
      photodrag landmarks us.jpg
      photodrag landmarks us.jpg -o numbered.png
      photodrag landmarks us.jpg --json > faces.json
      photodrag landmarks - -o - --format png < us.jpg > numbered.png
    """
    from photodrag.alignment import Photo, draw_faces, find_faces, select_face
    from photodrag.alignment.photos.writing import EXTENSIONS

    if as_json and output == PIPE:
        raise click.UsageError("-o - and --json would both go to the standard output; use one")
    outputs = Outputs([photo], overwrite)
    outputs.add_picture(output, EXTENSIONS, file_format)
    source = read_photo(photo)
    faces = find_faces(source)
    select_face(faces, 1, source.size)  # one line where there is none
    if output is not None:
        file_format = format_of_output(output, file_format, source)
        with outputs.writing() as place:
            Photo(pixels=draw_faces(source, faces)).save(place(output), file_format)
    if as_json:
        click.echo(json.dumps(_as_values(source, faces), indent=2, allow_nan=False))
    elif output is None:
        for face in faces:
            left, top, right, bottom = (round(edge) for edge in face.box)
            click.echo(
                f"{face.index:>3}  {right - left}x{bottom - top} px at {left},{top}  "
                f"{face.eye_distance:.0f} px from eye to eye"
            )


def _as_values(photo: Photo, faces: tuple[Face, ...]) -> dict[str, Any]:
    from photodrag.alignment import LANDMARK_NAMES

    return {
        "photo": {"width": photo.width, "height": photo.height},
        "faces": [
            {
                "number": face.index,
                "box": list(face.box),
                "score": face.score,
                "eye_distance": face.eye_distance,
                "landmarks": face.landmarks.tolist(),
            }
            for face in faces
        ],
        "landmark_names": dict(LANDMARK_NAMES),
    }
