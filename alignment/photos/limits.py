"""Work bounded by what a file is: nothing is decoded, counted or believed only because it says so.

Each check costs nothing that is seen on an ordinary photo.
"""

from __future__ import annotations

import zlib

from PIL import Image, TiffImagePlugin

from photodrag.errors import PhotoTooLargeError

from .jpeg_walk import SCAN, segments
from .png_chunks import chunks

MOST_FRAMES = 100
"""Pictures of a TIFF file are counted up to here: each costs Pillow more than the one before."""
_UNASKED_PIXELS = 48_000_000  # so many pixels may be said by a file of any length
_PIXELS_PER_BYTE = 64  # above that; an empty JPEG file has some 57
_MOST_SCANS = 100  # of a JPEG; cameras and encoders write 10 or so, mozjpeg at most 64
_START_OF_SCAN = bytes((0xFF, SCAN))
_PIXELS = b"IDAT"  # of a PNG
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of PNG's colour types
# Adam7: first column and row, steps across and down of each pass
_PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2)),
    (0, 1, 1, 2),
)
_PIECE = 2**20


def check_density(name: str, size: tuple[int, int], length: int) -> None:
    """Refuse a (width, height) that `length` bytes of file can only hold as an empty picture."""
    pixels = size[0] * size[1]
    if pixels > max(_UNASKED_PIXELS, _PIXELS_PER_BYTE * length):
        raise PhotoTooLargeError(
            f"{name}: a file of {length:,} bytes says that it holds {size[0]}x{size[1]} pixels; no "
            "photo is as empty as that. Make it smaller first"
        )


def check_scans(data: bytes) -> None:
    """ValueError for a JPEG with so many scans that each byte of the file is much work."""
    if data.count(_START_OF_SCAN) <= _MOST_SCANS:  # of its bytes, some of them no marker
        return
    if sum(one.marker == SCAN for one in segments(data)) > _MOST_SCANS:
        raise ValueError(f"it has more than {_MOST_SCANS} scans, as no camera writes them")


def check_sums(data: bytes) -> None:
    """ValueError for a PNG of whose pixels a checksum is wrong, which Pillow does not look at."""
    for one in chunks(data):
        if one.name == _PIXELS:
            told = int.from_bytes(data[one.stop - 4 : one.stop], "big")
            if zlib.crc32(memoryview(data)[one.start + 4 : one.stop - 4]) != told:
                raise ValueError("the checksum of its pixels is wrong")


def check_rows(image: Image.Image, data: bytes) -> None:
    """ValueError for a PNG, decoded by Pillow, whose data end before its last row.

    What is missing is black there. Only where the last row is, the file is unpacked once more.
    """
    interlaced = data[28] != 0  # the header chunk's last byte
    last = image.height - 1
    if interlaced:
        last -= 1 - last % 2  # the last pass has the odd rows
    if last >= 0 and image.crop((0, last, image.width, last + 1)).getbbox(alpha_only=False):
        return
    needed = _unpacked_length(image.size, data[24] * _CHANNELS[data[25]], interlaced)
    found = 0
    unpack = zlib.decompressobj()
    for part in (data[one.content : one.stop - 4] for one in chunks(data) if one.name == _PIXELS):
        while part and found < needed:
            found += len(unpack.decompress(part, _PIECE))
            part = unpack.unconsumed_tail  # noqa: PLW2901 - what is left of it
    if found < needed:
        raise ValueError(f"its data end after {found:,} of {needed:,} bytes")


def count_frames(image: Image.Image) -> int:
    """How many pictures a file holds; those of a TIFF up to one more than `MOST_FRAMES`.

    Whatever Pillow raises for damage behind the first. The image is at another frame afterwards.
    """
    if not isinstance(image, TiffImagePlugin.TiffImageFile):
        return int(getattr(image, "n_frames", 1))
    for frame in range(1, MOST_FRAMES + 1):
        try:
            image.seek(frame)
        except EOFError:
            return frame
    return MOST_FRAMES + 1


def _unpacked_length(size: tuple[int, int], bits: int, interlaced: bool) -> int:
    """The bytes of all rows, each with its filter's number in front."""
    total = 0
    for left, top, across, down in _PASSES if interlaced else ((0, 0, 1, 1),):
        width, height = -(-(size[0] - left) // across), -(-(size[1] - top) // down)
        if width > 0 and height > 0:
            total += height * (1 + (width * bits + 7) // 8)
    return total
