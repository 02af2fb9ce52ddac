"""The parts of a JPEG file: its segments, where its picture ends, and what stands behind that."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from .jpeg_walk import END, FRAMES, SCAN, segments

END_BYTES = bytes((0xFF, END))
_APP2, _APP11 = 0xE2, 0xEB
_PADDING = re.compile(rb"\0*")
_GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0"
_PICTURES = b"MPF\0"
_ENTRIES = 0xB002  # MPF's tag: 16 bytes for each picture
_KIND, _PRIMARY, _PREVIEWS = 0xFFFFFF, 0x030000, 0x010000
_VIDEO = (b"MotionPhoto_Data", b"ftyp")


class JpegParts(NamedTuple):
    """What a file has in front of its pixels, and where the picture ends."""

    segments: tuple[tuple[int, bytes], ...]
    """Marker and content of each segment before the pixels that tells of more than the pixels."""
    end: int | None
    """Where what follows begins; None for a picture without an end."""

    @property
    def has_gain_map(self) -> bool:
        """Whether it says so as ISO 21496-1 does."""
        return any(kind == _APP2 and part.startswith(_GAIN_MAP) for kind, part in self.segments)

    @property
    def has_credentials(self) -> bool:
        """Whether there is a manifest of C2PA."""
        return any(
            kind == _APP11 and part.startswith(b"JP") and b"c2pa" in part[:256]
            for kind, part in self.segments
        )

    @property
    def other_pictures(self) -> int:
        """How many pictures the file lists (MPF) that are no larger previews of the first."""
        block = next((part[4:] for kind, part in self.segments if part.startswith(_PICTURES)), b"")
        return sum(kind & 0xFF0000 != _PREVIEWS for kind in _kinds(block) if kind != _PRIMARY)


def jpeg_parts(data: bytes, start: int = 0) -> JpegParts | None:
    """The parts of the JPEG that starts there; None for what is none or is damaged."""
    if data[start : start + 2] != b"\xff\xd8":
        return None
    kept: list[tuple[int, bytes]] = []
    place = start + 2
    for one in segments(data, start):
        if one.start != place:
            return None  # what stands between the two is none of a JPEG
        if one.marker == END:
            return JpegParts(tuple(kept), one.stop)
        if one.marker in (_APP2, _APP11):
            kept.append((one.marker, data[one.content : one.stop]))
        if one.marker == SCAN:
            return JpegParts(tuple(kept), _end_of_scans(data, one.stop, start))
        place = one.stop
    return None if place < len(data) else JpegParts(tuple(kept), None)


def _end_of_scans(data: bytes, place: int, start: int) -> int | None:
    if not start and data.endswith(END_BYTES):  # no video: what else is behind is JPEG, too
        return len(data)
    end = data.find(END_BYTES, place)  # inside of a scan no such pair of bytes stands
    return None if end < 0 else end + len(END_BYTES)


def jpeg_precision(data: bytes) -> int | None:
    """How many bits each sample of a JPEG file has; None where it does not say."""
    for one in segments(data):
        if one.marker == SCAN:
            break
        if one.marker in FRAMES:
            return data[one.content] if one.content < len(data) else None
    return None


def video_behind(data: bytes, end: int) -> bytes | None:
    """What follows the pictures that begin at `end`, if a motion photo's video is in it."""
    place = end
    while True:
        padded = _PADDING.match(data, place)
        begin = padded.end() if padded else place
        parts = jpeg_parts(data, begin)
        if parts is None:
            break
        if parts.end is None:
            return None
        place = parts.end
    rest = data[place:]
    is_video = rest[4:8] == _VIDEO[1] or _VIDEO[0] in rest
    return rest if is_video else None


def _kinds(block: bytes) -> list[int]:
    if block[:2] not in (b"II", b"MM"):
        return []
    order: Literal["little", "big"] = "little" if block.startswith(b"II") else "big"

    def number(place: int, size: int) -> int:
        return int.from_bytes(block[place : place + size], order)

    directory = number(4, 4)
    for index in range(min(number(directory, 2), 64)):
        place = directory + 2 + 12 * index
        if number(place, 2) == _ENTRIES:
            begin, length = number(place + 8, 4), number(place + 4, 4)
            piece = block[begin : begin + length]
            return [number(begin + 16 * i, 4) & _KIND for i in range(len(piece) // 16)]
    return []
