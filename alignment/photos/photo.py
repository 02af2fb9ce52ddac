"""A photo: opened from a file, an image or an array, and saved again with nothing lost."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, fields
from io import BytesIO
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from photodrag.errors import PhotoError, PhotoWarning

from .colour import to_eight_bit
from .raster import Raster
from .reading import MAX_PIXELS, raster_of_image, read_file, read_raster
from .writing import check_saves, save_photo

_SHOWN = 512  # px: the longest side of what a notebook shows


@dataclass(frozen=True, eq=False, repr=False)
class Photo(Raster):
    """A photo, upright, in its file's own colour space. Arrays inside cannot be written to.

    `open_photo` reads one from a file; `from_image`, `from_array` and `from_bytes` make one of
    what a program holds. Two photos are equal only if they are the same object.

    >>> photo = Photo.from_array(np.zeros((600, 400, 3), np.uint8))
    >>> photo
    <Photo 400x600 8 bit PNG>
    >>> photo.to_image().size
    (400, 600)
    """

    @classmethod
    def from_bytes(cls, data: bytes, *, max_pixels: int = MAX_PIXELS) -> Self:
        """Read a whole file that is held in memory, in any format that `open_photo` reads.

        Raises as `open_photo` does; a PhotoWarning says what was converted or left out.
        """
        raster, notes = read_raster(bytes(data), "the photo", max_pixels)
        return cls._noted(raster, notes)

    @classmethod
    def from_image(cls, image: Image.Image) -> Self:
        """A photo of an image that Pillow holds, turned upright as its EXIF block says.

        Its ICC profile, EXIF, XMP and resolution are kept where its `info` has them. PhotoError
        for a mode that no photo holds, such as "F".
        """
        return cls._noted(*raster_of_image(image))

    @classmethod
    def from_array(cls, array: NDArray[Any], *, icc_profile: bytes | None = None) -> Self:
        """A photo of pixels (H, W), (H, W, 1), (H, W, 3) or (H, W, 4), uint8 or uint16.

        Channels are red, green, blue and alpha; without a profile they are sRGB. PhotoError for
        another shape or type.
        """
        array = np.asarray(array)
        if array.ndim == 2:
            array = array[..., None]
        if array.ndim != 3 or array.shape[2] not in (1, 3, 4):
            raise PhotoError(
                f"the array has the shape {array.shape}; a photo needs (height, width), "
                "(height, width, 3), or (height, width, 4) with alpha"
            )
        grey = array.shape[2] == 1
        pixels = np.repeat(array, 3, axis=2) if grey else array[..., :3]
        alpha = array[..., 3] if array.shape[2] == 4 else None
        return cls(pixels=pixels, alpha=alpha, grey=grey, icc_profile=icc_profile)

    def to_image(self) -> Image.Image:
        """The photo as it is seen: a Pillow image in sRGB with 8 bits, "RGBA" where it has alpha.

        `save` keeps more: the photo's own colours, 16 bits, and metadata.
        """
        image = Image.fromarray(np.array(self.srgb()))
        if self.alpha is not None:
            image.putalpha(Image.fromarray(np.ascontiguousarray(to_eight_bit(self.alpha))))
        return image

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        """The pixels (H, W, 3) in the photo's own colour space, as `pixels` has them."""
        return np.array(self.pixels, dtype, copy=copy)

    def __repr__(self) -> str:
        kind = "grey " if self.grey else ""
        end = "" if self.alpha is None else " with alpha"
        return f"<Photo {self.width}x{self.height} {self.bit_depth} bit {kind}{self.format}{end}>"

    def _repr_png_(self) -> bytes:
        """What a notebook shows: the photo, small."""
        image, file = self.to_image(), BytesIO()
        image.thumbnail((_SHOWN, _SHOWN))
        image.save(file, "PNG")
        return file.getvalue()

    @classmethod
    def _noted(cls, raster: Raster, notes: tuple[str, ...]) -> Self:
        for note in notes:
            warnings.warn(note, PhotoWarning, stacklevel=3)
        return cls.of_raster(raster)

    @classmethod
    def of_raster(cls, raster: Raster) -> Self:
        """The photo of that raster."""
        return cls(**{field.name: getattr(raster, field.name) for field in fields(raster)})

    def save(
        self,
        to: str | PathLike[str] | BinaryIO,
        format: str | None = None,  # noqa: A002
        *,
        mark: bool = True,
    ) -> None:
        """Write the photo with its metadata to a path or a binary file.

        At a path the file is there whole or not at all.

        The format is the one given (one of JPEG, PNG, WEBP, TIFF, AVIF, HEIC), or follows from the
        path's extension; in a binary file it is the photo's own.
        PNG and TIFF hold the photo bit for bit; HEIC has 8 or 10 bits, the others 8. A photo from
        a JPEG is written with that file's own quantisation and subsampling, any other with quality
        95 and 4:4:4. WebP is lossless unless the photo came from a lossy WebP. AVIF and HEIC have
        quality 95 and the subsampling of the file the photo came from. A PhotoWarning names the
        metadata that the format cannot hold. OutputError as `check_saves` has it.

        XMP says of an edited photo that it was edited: IPTC's digital source type and an entry in
        its history. Without `mark` it does not.
        """
        save_photo(self, to, format, mark=mark)

    def check_saves(self, path: str | PathLike[str], format: str | None = None) -> None:  # noqa: A002
        """Find out, before long work, that the photo can be saved there; nothing is written.

        OutputError for an unknown extension, a missing folder, a photo that the format cannot
        hold, or HEIC without the package that writes it.
        """
        check_saves(self, path, format)


def open_photo(path: str | PathLike[str], max_pixels: int = MAX_PIXELS) -> Photo:
    """Read a JPEG, PNG, WebP, TIFF, AVIF, HEIC, BMP or GIF file; of several frames, the first.

    PhotoError, one line: no such file, a folder, empty, not an image, damaged or cut short, or
    HEIC without the package that reads it. PhotoTooLargeError, before anything is decoded: more
    than `max_pixels` pixels. CMYK and LAB pixels become sRGB, without a profile. A PhotoWarning
    says what was converted or left out.
    """
    photo, notes = open_with_notes(path, max_pixels)
    for note in notes:
        warnings.warn(note, PhotoWarning, stacklevel=2)
    return photo


def as_photo(image: Any) -> Photo:
    """A photo of whatever holds one.

    A path, a whole file as bytes, an open binary file, an image of Pillow, an array as
    `Photo.from_array` takes it, or a `Photo`, which is returned as it is. PhotoError for anything
    else, and as `open_photo` has it.
    """
    if isinstance(image, Photo):
        return image
    if isinstance(image, str | PathLike):
        return open_photo(image)
    if isinstance(image, bytes | bytearray | memoryview):
        return Photo.from_bytes(bytes(image))
    if isinstance(image, Image.Image):
        return Photo.from_image(image)
    if isinstance(image, np.ndarray):
        return Photo.from_array(image)
    if callable(getattr(image, "read", None)):
        data = image.read()
        if isinstance(data, bytes):
            return Photo.from_bytes(data)
        raise PhotoError(f"the file gives {type(data).__name__}; open it in binary mode")
    raise PhotoError(
        f"the photo is a {type(image).__name__}; give a path, bytes, an open file, an image of "
        "Pillow or an array (height, width, 3)"
    )


def open_with_notes(
    path: str | PathLike[str], max_pixels: int = MAX_PIXELS
) -> tuple[Photo, tuple[str, ...]]:
    """The same, and what `open_photo` would warn of."""
    path = Path(path)
    raster, notes = read_raster(read_file(path, max_pixels), str(path), max_pixels)
    return Photo.of_raster(raster), notes
