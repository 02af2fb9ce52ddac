"""A picture that shows which number each face and each landmark has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from .faces import Face
from .photos.arrays import owned
from .photos.photo import Photo

_BOX_COLOUR, _DOT_COLOUR, _TEXT_COLOUR, _SHADE = "#ffd500", "#00ff7f", "#ffffff", "#000000"


def draw_faces(photo: Photo, faces: Sequence[Face]) -> NDArray[np.uint8]:
    """(H, W, 3) uint8 sRGB: the photo with each face boxed and numbered, landmarks 0 to 67 too."""
    picture = Image.fromarray(photo.srgb())
    draw = ImageDraw.Draw(picture)
    for face in faces:
        _draw_box(draw, face)
        _draw_landmarks(draw, face)
    return np.asarray(owned(np.array(picture)), np.uint8)


def _draw_box(draw: ImageDraw.ImageDraw, face: Face) -> None:
    width = max(1, round(face.eye_distance / 60))
    draw.rectangle(face.box, outline=_BOX_COLOUR, width=width)
    left, top = max(face.box[0], 0), max(face.box[1], 0)
    font = ImageFont.load_default(size=max(12, face.eye_distance / 3))
    place = (left + 3 * width, top + 2 * width)
    draw.text(place, str(face.index), _BOX_COLOUR, font, stroke_width=width, stroke_fill=_SHADE)


def _draw_landmarks(draw: ImageDraw.ImageDraw, face: Face) -> None:
    radius = max(1.0, face.eye_distance / 120)
    font = ImageFont.load_default(size=max(6, face.eye_distance / 22))
    stroke = max(1, round(face.eye_distance / 300))
    for number, (x, y) in enumerate(face.landmarks.tolist()):
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), _DOT_COLOUR, _SHADE)
        place = (x + radius, y + radius)
        draw.text(place, str(number), _TEXT_COLOUR, font, stroke_width=stroke, stroke_fill=_SHADE)
