"""HEIC, as phones take photos: read and written by pillow-heif, the optional extra `heic`."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..bands import Band, row_slices
from ..decoding import Decoded, upright
from ..raster import Raster, file_channels

MISSING = "HEIC needs the package pillow-heif; get it with: pip install 'photodrag[heic]'"
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"}
_ANY_CODEC = {b"mif1", b"msf1"}
_AVIF = {b"avif", b"avis"}
_CHANNELS = {"L": [0, 0, 0], "LA": [0, 0, 0, 1], "RGB": [0, 1, 2], "RGBA": [0, 1, 2, 3]}
_CHANNELS["I"] = _CHANNELS["L"]  # pillow-heif's name of grey with 16 bits


class HeifPicture(NamedTuple):
    """The main picture of a file, not decoded yet; `image` is pillow-heif's."""

    image: Any
    others: int
    """How many further pictures the file holds: views, depths, gain maps."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height), upright."""
        width, height = self.image.size
        return int(width), int(height)

    @property
    def info(self) -> dict[str, Any]:
        """What pillow-heif tells of the picture."""
        return dict(self.image.info)


def is_heic(data: bytes) -> bool:
    """Whether a file's first box names HEVC's brands, or no codec and not AVIF's either."""
    if data[4:8] != b"ftyp":
        return False
    box = data[8 : min(int.from_bytes(data[:4], "big"), 256)]
    brands = {box[i : i + 4] for i in range(0, len(box), 4) if i != 4}  # there is the version
    return bool(brands & _HEIC) or bool(brands & _ANY_CODEC and not brands & _AVIF)


def can_write_heic() -> bool:
    """Whether pillow-heif is there, with its encoder."""
    try:
        import pillow_heif  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError:
        return False
    return bool(pillow_heif.libheif_info()["HEIF"])


def open_heif(data: bytes) -> HeifPicture:
    """Read what the file says of its main picture.

    ModuleNotFoundError without pillow-heif; whatever that raises for damage, here and below.
    """
    import pillow_heif  # noqa: PLC0415 - an optional extra

    file = pillow_heif.open_heif(BytesIO(data), convert_hdr_to_8bit=False)
    image = file[file.primary_index]
    others = sum(len(names) for names in (image.info.get("aux") or {}).values())
    others += len(image.info.get("depth_images") or ())
    return HeifPicture(image, len(file) - 1 + others)


def decode_heif(picture: HeifPicture) -> Decoded:
    """Its pixels; 10 and 12 bits are stretched to 16. ValueError for other kinds of pixels."""
    mode, depth = picture.image.mode.partition(";")[0], int(picture.info["bit_depth"])
    if mode not in _CHANNELS:
        raise ValueError(f"its pixels are {picture.image.mode}, which cannot be read")
    stored = np.asarray(picture.image)
    stored = stored.reshape(*stored.shape[:2], -1)[:, : picture.size[0]]
    order = _CHANNELS[mode]
    bands = _stretched(stored, order, depth)
    size = stored.shape[1], stored.shape[0]
    pixels, alpha = upright(bands, size, 1, stored.dtype, has_alpha=len(order) == 4)
    return Decoded(pixels, alpha, grey=mode in ("L", "I", "LA"))


def _stretched(stored: NDArray[Any], order: list[int], depth: int) -> Iterator[Band]:
    """Bits are at the top of 16 already; below them go the topmost again, so that white is full."""
    for rows in row_slices(len(stored)):
        band = stored[rows][..., order]
        yield rows, band | (band >> depth) if depth > 8 else band


def encode_heif(photo: Raster, quality: int, metadata: dict[str, Any]) -> bytes:
    """The whole file: 8 bits, or 10 where the photo has 16. ModuleNotFoundError as above."""
    import pillow_heif  # noqa: PLC0415 - an optional extra

    samples = file_channels(photo)
    mode = {1: "L", 2: "LA", 3: "RGB", 4: "RGBA"}[samples.shape[2]]
    mode += ";16" if photo.bit_depth == 16 else ""
    file = pillow_heif.from_bytes(mode, photo.size, samples.tobytes())
    chroma = (photo.chroma or "4:4:4").replace(":", "")
    buffer = BytesIO()
    file.save(buffer, quality=quality, chroma=chroma, **metadata)
    return buffer.getvalue()
