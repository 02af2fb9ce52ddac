"""`photodrag landmarks`: the faces of a photo and their 68 points, as a picture or as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .options import output_option, overwrite_option, photo_argument
from .outputs import Outputs

if TYPE_CHECKING:
    from photodrag.alignment import Face, Photo


@click.command()
@photo_argument
@output_option("FILE", "The photo with numbers on it: .png, .jpg, .webp or .tif.", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print faces and landmarks as JSON.")
@overwrite_option
def landmarks(photo: Path, output: Path | None, as_json: bool, overwrite: bool) -> None:
    """Show the faces of a photo and the numbers of their landmarks.

    Left is the viewer's left. Give -o for a picture, --json for numbers, or both.

    \b
    Examples:
      photodrag landmarks us.jpg -o numbered.png
      photodrag landmarks us.jpg --json > faces.json
    """
    if output is None and not as_json:
        raise click.UsageError("Give -o FILE, --json, or both.")
    from photodrag.alignment import Photo, draw_faces, find_faces, open_photo, select_face
    from photodrag.alignment.writing import EXTENSIONS

    outputs = Outputs([photo], overwrite)
    outputs.add(output, EXTENSIONS)
    source = open_photo(photo)
    faces = find_faces(source)
    select_face(faces, 1, source.size)  # one line where there is none
    if output is not None:
        with outputs.writing() as place:
            Photo(pixels=draw_faces(source, faces)).save(place(output))
    if as_json:
        click.echo(json.dumps(_as_values(source, faces), indent=2, allow_nan=False))


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
