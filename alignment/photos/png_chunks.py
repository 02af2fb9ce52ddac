"""The chunks of a PNG file: its pixels, its colours, its credentials."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

_SIGNATURE = 8
_PIXELS = b"IDAT"
_CREDENTIALS = b"caBX"
_GAMMA, _CHROMATICITIES, _SRGB = b"gAMA", b"cHRM", b"sRGB"


class Chunk(NamedTuple):
    """A chunk's name, and where it starts, its content starts, and it stops."""

    name: bytes
    start: int
    content: int
    stop: int


def chunks(data: bytes) -> Iterator[Chunk]:
    """All chunks up to the end or to damage."""
    place = _SIGNATURE
    while place + 8 <= len(data):
        name = data[place + 4 : place + 8]
        stop = place + 12 + int.from_bytes(data[place : place + 4], "big")
        yield Chunk(name, place, place + 8, stop)
        if name == b"IEND":
            return
        place = stop


def pixel_stream(data: bytes) -> bytes:
    """The compressed pixels of the file's picture, which stand in several chunks."""
    return b"".join(data[one.content : one.stop - 4] for one in chunks(data) if one.name == _PIXELS)


def has_credentials(data: bytes) -> bool:
    """Whether there is a manifest of C2PA."""
    return any(chunk.name == _CREDENTIALS for chunk in chunks(data))


def told_colours(data: bytes) -> tuple[int | None, tuple[int, ...] | None]:
    """The numbers of gAMA and of cHRM, in hundred thousandths; None where sRGB overrules them."""
    gamma: int | None = None
    places: tuple[int, ...] | None = None
    for name, _, content, stop in chunks(data):
        piece = data[content : min(stop - 4, content + 32)]
        if name == _SRGB:
            return None, None
        if name == _GAMMA and len(piece) == 4:
            gamma = int.from_bytes(piece, "big")
        elif name == _CHROMATICITIES and len(piece) == 32:
            places = tuple(int.from_bytes(piece[i : i + 4], "big") for i in range(0, 32, 4))
        elif name == _PIXELS:
            break
    return gamma, places
