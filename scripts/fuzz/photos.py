"""Photos: each format that is read, mutated, and files made to be much work."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from photodrag.alignment import Photo
from photodrag.alignment.photos.photo import open_with_notes
from photodrag.alignment.photos.writing import EXTENSIONS
from photodrag.errors import OutputError

from .children import Case
from .mutating import mutated

_SEEDS: list[tuple[bytes, str]] = []
_XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><a tiff:Orientation="6"><xmp:Thumbnails>x'
_XMP += b"</xmp:Thumbnails></a></x:xmpmeta>"


def prepare(_folder: Path) -> None:
    """Make the files that are mutated."""
    if _SEEDS:
        return
    y, x = np.mgrid[:47, :61]
    colours = np.stack([x * 4, y * 5, (x * y) % 256, 255 - x], axis=2).astype(np.uint8)
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x011A], exif[0x011B] = 6, "maker", 72.0, 72.0
    exif.get_ifd(0x8769)[0xA002] = 61
    for name, mode, options in _WRITTEN:
        picture = Image.fromarray(colours, "RGBA").convert(mode)
        file = io.BytesIO()
        told = {"exif": exif.tobytes(), "icc_profile": profile, "xmp": _XMP}
        kept = told if name in ("JPEG", "PNG", "WEBP", "AVIF") else {}
        if name == "TIFF":  # libtiff's own writer takes no EXIF
            kept = told if not options else {"icc_profile": profile}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            picture.save(file, name, **kept, **options)
        _SEEDS.append((file.getvalue(), f".{name.lower()}"))
    deep = np.repeat(colours[..., :3].astype(np.uint16) * 257, 1, axis=2)
    for name in ("PNG", "TIFF", "HEIC"):
        for photo in (Photo.from_array(deep), Photo.from_array(deep[..., 0])):
            file = io.BytesIO()
            try:
                photo.save(file, name)
            except OutputError:  # without the extra
                continue
            _SEEDS.append((file.getvalue(), f".{name.lower()}"))


_WRITTEN: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("JPEG", "RGB", {}),
    ("JPEG", "RGB", {"progressive": True}),
    ("JPEG", "CMYK", {}),
    ("JPEG", "L", {"comment": b"words"}),
    ("PNG", "RGBA", {}),
    ("PNG", "P", {}),
    ("PNG", "1", {}),
    ("PNG", "LA", {"dpi": (72, 72)}),
    ("WEBP", "RGBA", {}),
    ("WEBP", "RGB", {"lossless": True}),
    ("TIFF", "RGB", {"compression": "tiff_lzw"}),
    ("TIFF", "RGBA", {"compression": "tiff_deflate"}),
    ("TIFF", "CMYK", {}),
    ("TIFF", "L", {}),
    ("AVIF", "RGB", {}),
    ("GIF", "P", {}),
    ("BMP", "RGB", {}),
    ("MPO", "RGB", {}),
)


def make(random: Random) -> Case:
    """A mutated file, or one of those made by hand."""
    if random.random() < 0.1:
        data = random.choice(_MADE)(random)
        return Case(data, random.choice((".jpg", ".png", ".tif")))
    data, suffix = random.choice(_SEEDS)
    return Case(mutated(data, random, [seed for seed, _ in _SEEDS]), suffix)


def run(file: Path, folder: Path) -> None:
    """Read it, find its colours, write it in its own format and in another, and read that."""
    photo, _ = open_with_notes(file)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        photo.srgb()
        own = next(end for end, name in EXTENSIONS.items() if name == photo.format)
        endings = tuple(EXTENSIONS)
        other = endings[sum(file.read_bytes()[:64]) % len(endings)]
        for ending in {own, other}:
            path = folder / f"saved{ending}"
            try:
                photo.save(path)
            except OutputError:
                assert not path.exists(), "a refused file is there"
                continue
            again, _ = open_with_notes(path)
            assert again.size == photo.size, "another size was read back"


def chunk(name: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _png(random: Random, *chunks: bytes, size: tuple[int, int] = (4, 4), rows: int = 4) -> bytes:
    head = struct.pack(">IIBBBBB", *size, 8, 2, 0, 0, random.choice((0, 0, 1)))
    pixels = zlib.compress((b"\0" + bytes(3 * size[0])) * rows)
    return b"".join(
        (b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *chunks, chunk(b"IDAT", pixels))
    ) + chunk(b"IEND", b"")


def _endless_xmp(random: Random) -> bytes:
    text = random.choice((b"<xmp:Thumbnails>", b"<xmp:Thumbnails ", b"tiff:Orientation "))
    packet = text * random.randrange(1000, 55_000)
    return _png(random, chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + packet))


def _pointers(random: Random) -> bytes:
    count = random.randrange(100, 60_000)
    tag = random.choice((0x8769, 0x8825, 0xA005, 0x014A))
    entries = struct.pack("<HHII", tag, 4, 1, 8) * count
    return _png(random, chunk(b"eXIf", b"II*\0" + struct.pack("<IH", 8, count) + entries))


def _huge(random: Random) -> bytes:
    size = random.choice(((1, 2**20), (2**16, 2**10), (13_000, 13_000), (2**30, 1), (9000, 5000)))
    rows = min(random.choice((0, 1, 47, size[1])), 20_000_000 // size[0])
    return _png(random, size=size, rows=rows)


def _scans(random: Random) -> bytes:
    file = io.BytesIO()
    side = random.choice((64, 2000, 6000))
    Image.new("RGB", (side, side), (90, 20, 30)).save(file, "JPEG", progressive=True)
    data = file.getvalue()
    begin = data.rindex(b"\xff\xda")
    scan = data[begin:-2]
    return data[:begin] + scan * min(random.randrange(2, 6000), 900_000 // len(scan)) + data[-2:]


def _pages(random: Random) -> bytes:
    """Directories of a TIFF, one after the other, or in a circle."""
    count = random.randrange(2, 8000)
    data = bytearray(b"II*\0" + struct.pack("<I", 8))
    for number in range(count):
        tags = [(256, 3, 1, 2), (257, 3, 1, 2), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
        tags += [(273, 4, 1, 0), (277, 3, 1, 1), (278, 3, 1, 2), (279, 4, 1, 4)]
        body = b"".join(struct.pack("<HHII", *tag) for tag in tags)
        after = len(data) + 2 + len(body) + 4
        last = number == count - 1
        link = random.choice((0, 8)) if last else after
        data += struct.pack("<H", len(tags)) + body + struct.pack("<I", link)
    return bytes(data)


_MADE: tuple[Callable[[Random], bytes], ...] = (_endless_xmp, _pointers, _huge, _scans, _pages)
