"""A photo as arrays: its pixels, and everything else of the file that an edit must not lose."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from photodrag.errors import PhotoError

from .arrays import read_only
from .coding import JpegCoding
from .colour import from_srgb, to_srgb

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIC")
"""The formats that a photo can be written in."""

_ROWS_AT_ONCE = 256


@dataclass(frozen=True, eq=False)
class Raster:
    """A photo's pixels and the rest of its file, upright, in the file's own colour space.

    Arrays inside cannot be written to. `Photo` is a raster that can be opened and saved.
    """

    pixels: NDArray[Any]
    """(H, W, 3) uint8 or uint16, red green blue; three equal channels where `grey`."""
    alpha: NDArray[Any] | None = None
    """(H, W), of the pixels' type; None where the file has no transparency."""
    grey: bool = False
    """The file holds one channel; a file saved from this photo holds one too."""
    icc_profile: bytes | None = None
    exif: bytes | None = None
    """The EXIF block with "Exif" and two zero bytes in front; orientation 1. Where it has a
    thumbnail, that is made anew when the photo is saved."""
    xmp: bytes | None = None
    iptc: bytes | None = None
    """IPTC records (IIM), as they are."""
    dpi: tuple[float, float] | None = None
    """Dots per inch, along x and along y."""
    texts: tuple[tuple[str, str], ...] = ()
    """(keyword, text) of a PNG; the comment of a JPEG or GIF has the keyword "Comment"."""
    format: str = "PNG"
    """The file's format, or PNG where it is none of those that can be written."""
    jpeg: JpegCoding | None = None
    """Set where the file was a JPEG."""
    lossy_webp: bool = False
    """The file was a WebP compressed with loss."""
    chroma: str | None = None
    """Subsampling of colour, like "4:2:0", where the file was AVIF or HEIC."""
    video: bytes | None = None
    """What stands behind the picture of a motion photo (JPEG), as it is."""
    edited: bool = False
    """Its pixels were edited with photodrag since it was read; a file saved of it says so."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "pixels", read_only(self.pixels))
        shape, dtype = self.pixels.shape, self.pixels.dtype
        if dtype not in (np.uint8, np.uint16):
            raise PhotoError(f"pixels are {dtype}; a photo needs uint8 or uint16")
        if len(shape) != 3 or shape[2] != 3 or 0 in shape:
            raise PhotoError(f"pixels have the shape {shape}; a photo needs (height, width, 3)")
        if self.format not in FORMATS:
            raise PhotoError(f"format is {self.format!r}; choose one of {', '.join(FORMATS)}")
        if self.alpha is not None:
            object.__setattr__(self, "alpha", read_only(self.alpha))
            if self.alpha.shape != shape[:2] or self.alpha.dtype != dtype:
                raise PhotoError(
                    f"alpha is {self.alpha.dtype} of shape {self.alpha.shape}; "
                    f"these pixels need {dtype} of shape {shape[:2]}"
                )
        if self.grey and not _is_grey(self.pixels):
            raise PhotoError(
                "a grey photo got pixels in colour; `from_srgb` makes colours grey again"
            )

    @property
    def width(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """In pixels."""
        return int(self.pixels.shape[0])

    @property
    def size(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width, self.height

    @property
    def bit_depth(self) -> int:
        """8 or 16 bits per channel."""
        return int(self.pixels.dtype.itemsize) * 8

    def srgb(self) -> NDArray[np.uint8]:
        """The photo as (H, W, 3) uint8 in sRGB, its ICC profile applied; not writeable.

        A profile that cannot be used is left aside with a PhotoWarning, here and in `from_srgb`.
        """
        return self.to_srgb(self.pixels)

    def to_srgb(self, pixels: NDArray[Any]) -> NDArray[np.uint8]:
        """Some pixels (h, w, 3) uint8 or uint16 in the photo's colour space => uint8 in sRGB."""
        return read_only(to_srgb(pixels, self.icc_profile, self.grey))

    def from_srgb(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """(h, w, 3) uint8 in sRGB => the same shape, uint8, in the photo's colour space.

        For a grey photo the three channels come back equal.
        """
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] != 3:
            raise PhotoError(
                f"the image is {image.dtype} of shape {image.shape}; "
                "from_srgb needs uint8 of shape (height, width, 3)"
            )
        return read_only(from_srgb(image, self.icc_profile, self.grey))

    def with_pixels(self, pixels: NDArray[Any], *, edited: bool = False) -> Self:
        """The same photo with other pixels, (H, W, 3) of the same size and type.

        `edited` where a model had a part in them: a file that is saved of it says so.
        """
        if pixels.shape != self.pixels.shape or pixels.dtype != self.pixels.dtype:
            raise PhotoError(
                f"the new pixels are {pixels.dtype} of shape {pixels.shape}; "
                f"this photo needs {self.pixels.dtype} of shape {self.pixels.shape}"
            )
        return replace(self, pixels=pixels, edited=self.edited or edited)


def file_channels(photo: Raster, rows: slice = slice(None)) -> NDArray[Any]:
    """(rows, W, 1 to 4) of the photo's type: grey, grey + alpha, RGB, or RGB + alpha."""
    colours = photo.pixels[rows, :, :1] if photo.grey else photo.pixels[rows]
    if photo.alpha is None:
        return np.ascontiguousarray(colours)
    return np.concatenate([colours, photo.alpha[rows, :, None]], axis=2)


def _is_grey(pixels: NDArray[Any]) -> bool:
    for top in range(0, len(pixels), _ROWS_AT_ONCE):
        red, green, blue = np.moveaxis(pixels[top : top + _ROWS_AT_ONCE], 2, 0)
        if not (np.array_equal(red, green) and np.array_equal(red, blue)):
            return False
    return True
