"""A face's landmarks found again, after the photo has changed."""

from __future__ import annotations

from dataclasses import replace

from . import Face, FaceCrop, Photo, align, landmarks_near

_LANDMARKS_SIZE = 1024  # pixels of the square in which they are found


def shown_face(photo: Photo, face: Face) -> Face:
    """A face with its landmarks found again in an edited photo of the same size."""
    crop: FaceCrop = align(photo, face, _LANDMARKS_SIZE)
    again = landmarks_near(crop.pixels, crop.to_crop(face.landmarks))
    return replace(face, landmarks=crop.to_photo(again))
