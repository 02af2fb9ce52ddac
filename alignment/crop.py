"""The aligned face crop, as FFHQ has it, and the way back to the photo."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from photodrag.errors import FaceError, PointError, SettingsError
from photodrag.frames import rescaled

from .faces import Face
from .photos.arrays import owned, read_only
from .photos.photo import Photo
from .resampling import invert, map_points, sample

_SMALLEST, _LARGEST = 16, 4096
_BLUR = 0.02  # standard deviation, in crop sides
_FULL_BLUR = 0.04  # distance from the border where only the blurred picture is left
_FADE_MARGIN = 0.1  # what is farthest outside keeps a little of its own colour


@dataclass(frozen=True, eq=False)
class FaceCrop:
    """A square picture of a face, upright; only this class knows both pixel frames."""

    pixels: NDArray[np.uint8]
    """(S, S, 3) uint8, sRGB."""
    face: Face
    transform: NDArray[np.float64]
    """(2, 3): (x, y, 1) in the photo => (x, y) in the crop. A similarity."""
    inverse: NDArray[np.float64]
    """(2, 3): (x, y, 1) in the crop => (x, y) in the photo."""
    valid: NDArray[np.bool_]
    """(S, S): crop pixels that come from inside the photo; the others are padding."""

    def __post_init__(self) -> None:
        for name in ("pixels", "transform", "inverse", "valid"):
            object.__setattr__(self, name, read_only(getattr(self, name)))

    @property
    def size(self) -> int:
        """Pixels per side."""
        return int(self.pixels.shape[0])

    @property
    def side(self) -> float:
        """Side of the square in photo pixels."""
        return self.size * float(np.hypot(*self.inverse[:, 0]))

    def to_crop(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """(N, 2) points (x, y) in photo pixels => in crop pixels."""
        return map_points(self.transform, _checked_points(points))

    def to_size(self, points: NDArray[Any], size: int) -> NDArray[np.float64]:
        """(N, 2) points (x, y) in crop pixels => in pixels of the same square at another size."""
        return rescaled(_checked_points(points), size / self.size)

    def to_photo(self, points: NDArray[Any]) -> NDArray[np.float64]:
        """(N, 2) points (x, y) in crop pixels => in photo pixels."""
        return map_points(self.inverse, _checked_points(points))


def align(photo: Photo, face: Face, size: int = 1024) -> FaceCrop:
    """Cut out a face the way FFHQ's pictures are cut, `size` pixels a side, 16 to 4096.

    Where the square reaches beyond the photo, the photo is mirrored, blurred and faded.
    SettingsError for another size; FaceError if the face has no extent.
    """
    if not _SMALLEST <= size <= _LARGEST:
        raise SettingsError(f"the crop's size is {size}; choose {_SMALLEST} to {_LARGEST} pixels")
    return cut(photo, face, _crop_to_photo(face, size), size)


def cut(photo: Photo, face: Face, inverse: NDArray[np.float64], size: int) -> FaceCrop:
    """The square of the photo that `inverse` tells, as `FaceCrop` has it."""
    outside = overshoot(inverse, size, photo.size)
    pixels = sample(photo.pixels, inverse, size, photo.to_srgb)
    return FaceCrop(
        pixels=owned(blur_outside(pixels, outside)),
        face=face,
        transform=owned(invert(inverse)),
        inverse=owned(inverse),
        valid=owned(outside <= 0),
    )


def _crop_to_photo(face: Face, size: int) -> NDArray[np.float64]:
    """FFHQ's square: as wide as the eyes and the mouth tell, and turned with them.

    Karras et al. 2019, arXiv 1812.04948, appendix A.
    """
    eyes = (face.eye_left + face.eye_right) / 2
    eye_to_eye = face.eye_right - face.eye_left
    eye_to_mouth = face.mouth - eyes
    across = eye_to_eye - _quarter_turn(eye_to_mouth)
    length = float(np.hypot(*across))
    if length < 1e-6:
        raise FaceError("the eyes and the mouth lie in one place; find the face again")
    half = max(2.0 * float(np.hypot(*eye_to_eye)), 1.8 * float(np.hypot(*eye_to_mouth)))
    half_x = across / length * half  # from the square's centre to the middle of its right side
    half_y = _quarter_turn(half_x)  # and of its bottom
    centre = eyes + 0.1 * eye_to_mouth
    columns = np.column_stack([half_x, half_y]) * (2 / size)  # one crop pixel right, down
    # the square's corners are the outer corners of the corner pixels, half a pixel out
    origin = centre - half_x - half_y + columns.sum(axis=1) / 2
    return np.column_stack([columns, origin])


def _quarter_turn(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Right becomes down."""
    return np.array([-vector[1], vector[0]])


def _checked_points(points: NDArray[Any]) -> NDArray[np.float64]:
    checked = np.asarray(points, np.float64)
    if checked.ndim != 2 or checked.shape[1] != 2:
        raise PointError(f"points have the shape {checked.shape}; (x, y) in rows are (N, 2)")
    return checked


def overshoot(
    inverse: NDArray[np.float64], size: int, photo_size: tuple[int, int]
) -> NDArray[np.float32]:
    """(size, size): how many crop sides a crop pixel lies outside the photo; 0 inside."""
    corners = np.array([[0, 0, 1], [size - 1, 0, 1], [0, size - 1, 1], [size - 1, size - 1, 1]])
    reached = corners @ inverse.T
    if (reached >= -0.5).all() and (reached <= np.array(photo_size) - 0.5).all():
        return np.zeros((size, size), np.float32)  # no pixel is further out than the corners
    steps = np.arange(size, dtype=np.float64)
    scale = float(np.hypot(inverse[0, 0], inverse[1, 0]))
    outside = np.zeros((size, size))
    for row, length in zip(inverse, photo_size, strict=True):
        place = row[0] * steps[None, :] + row[1] * steps[:, None] + row[2]
        np.maximum(outside, -0.5 - place, out=outside)
        np.maximum(outside, place - (length - 0.5), out=outside)
    return (outside / (scale * size)).astype(np.float32)


def blur_outside(crop: NDArray[np.uint8], outside: NDArray[np.float32]) -> NDArray[np.uint8]:
    """(S, S, 3) uint8 => the same; pixels inside the photo (0 in `outside`) stay as they are."""
    inside = outside <= 0
    if inside.all():
        return crop
    blurred = np.asarray(cv2.GaussianBlur(crop, (0, 0), _BLUR * len(crop)))
    median = np.median(crop[inside] if inside.any() else crop.reshape(-1, 3), axis=0)
    there = ~inside
    distance = outside[there][:, None]
    blur = np.minimum(distance / _FULL_BLUR, 1)
    fade = distance / (distance.max() + _FADE_MARGIN)
    own = crop[there]
    padded = own + (blurred[there].astype(np.float32) - own) * blur
    padded += (median.astype(np.float32) - padded) * fade
    result = crop.copy()
    result[there] = np.rint(padded).clip(0, 255).astype(np.uint8)
    return result
