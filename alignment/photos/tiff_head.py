"""The first directory of a TIFF file, classic or BigTIFF: read, changed, and asked for planes."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NamedTuple

SUBFILE, BITS, PHOTOMETRIC, ORIENTATION, CHANNELS = 254, 258, 262, 274, 277
PLANAR, SUB_DIRECTORIES, EXTRA_SAMPLES, SAMPLE_FORMAT = 284, 330, 338, 339
LAYERS, DNG_VERSION, CREDENTIALS = 37724, 50706, 52545
_PLACES = ((273, 279), (324, 325))  # of strips, of tiles: where they are, how long
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
_SIZES |= {16: 8, 17: 8, 18: 8}
_NUMBERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_MOST_TAGS = 4096  # of a directory


class Tag(NamedTuple):
    """One tag: struct's sign of its numbers, how many, and where its values and itself stand."""

    kind: int
    many: int
    values: int
    place: int


@dataclass(frozen=True)
class TiffHead:
    """The head of a file and its first directory."""

    data: bytes
    order: str
    """The sign for struct: < or >."""
    is_big: bool
    """BigTIFF: eight bytes for a place instead of four."""
    tags: dict[int, Tag]
    next: int = 0
    """Where the second directory is; 0 where there is none."""

    def numbers(self, tag: int, default: tuple[int, ...] = ()) -> tuple[int, ...]:
        """A tag's whole numbers; the default where it has none, or they are cut off."""
        found = self.tags.get(tag)
        if found is None or found.kind not in _NUMBERS:
            return default
        size = _SIZES[found.kind] * found.many
        piece = self.data[found.values : found.values + size]
        if len(piece) < size:
            return default
        return struct.unpack(f"{self.order}{found.many}{_NUMBERS[found.kind]}", piece)

    def value(self, tag: int) -> bytes | None:
        """A tag's value as it is stored; None where it has none."""
        found = self.tags.get(tag)
        if found is None:
            return None
        return self.data[found.values : found.values + _SIZES.get(found.kind, 1) * found.many]

    def number(self, tag: int, default: int) -> int:
        """The first of them."""
        return (self.numbers(tag) or (default,))[0]

    def with_number(self, tag: int, number: int) -> bytes:
        """The file with another number in a tag that has one; without it, as it is."""
        found = self.tags.get(tag)
        if found is None or found.kind not in _NUMBERS or found.many != 1:
            return self.data
        new = struct.pack(self.order + _NUMBERS[found.kind], number)
        return self.data[: found.values] + new + self.data[found.values + len(new) :]

    def plane(self, index: int) -> bytes:
        """A grey file of one of the planes of a file with PlanarConfiguration 2.

        ValueError where strips or tiles do not go up in planes.
        """
        channels = self.number(CHANNELS, 1)
        changed: dict[int, tuple[int, ...]] = {
            **{BITS: self.numbers(BITS)[:1], PHOTOMETRIC: (1,), CHANNELS: (1,), PLANAR: (1,)},
            **{ORIENTATION: (1,), SAMPLE_FORMAT: (1,)},
        }
        for tags in _PLACES:
            for tag in tags:
                values = self.numbers(tag)
                if len(values) % channels:
                    raise ValueError(f"it has {len(values)} strips for {channels} planes")
                each = len(values) // channels
                if each:
                    changed[tag] = values[index * each : (index + 1) * each]
        return self._with_directory(changed, without=(EXTRA_SAMPLES,))

    def _with_directory(
        self, changed: dict[int, tuple[int, ...]], without: tuple[int, ...]
    ) -> bytes:
        """The file with another first directory behind its end."""
        word, count = ("Q", "Q") if self.is_big else ("I", "H")
        room = 8 if self.is_big else 4
        length = 12 + 2 * (room - 4)
        start = len(self.data) + len(self.data) % 2
        tags = sorted((set(self.tags) | set(changed)) - set(without))
        behind = start + struct.calcsize("<" + count) + length * len(tags) + room
        entries, values = [], b""
        for tag in tags:
            if tag not in changed:
                place = self.tags[tag].place
                entries.append(self.data[place : place + length])
                continue
            kind = "Q" if self.is_big else "I"
            packed = struct.pack(f"{self.order}{len(changed[tag])}{kind}", *changed[tag])
            head = struct.pack(
                f"{self.order}HH{word}", tag, 16 if self.is_big else 4, len(changed[tag])
            )
            if len(packed) <= room:
                entries.append(head + packed.ljust(room, b"\0"))
            else:
                entries.append(head + struct.pack(self.order + word, behind + len(values)))
                values += packed
        where = struct.pack(self.order + word, start)
        place = 8 if self.is_big else 4
        head = self.data[:place] + where + self.data[place + len(where) :]
        directory = struct.pack(self.order + count, len(tags)) + b"".join(entries) + bytes(room)
        return head + bytes(len(head) % 2) + directory + values


def read_head(data: bytes) -> TiffHead | None:
    """None for what is no TIFF file, or has a damaged first directory."""
    order = {b"II": "<", b"MM": ">"}.get(data[:2])
    if order is None or len(data) < 16:
        return None
    version = struct.unpack_from(order + "H", data, 2)[0]
    if version not in (42, 43):
        return None
    big = version == 43
    word, count_kind, length = ("Q", "Q", 20) if big else ("I", "H", 12)
    room = 8 if big else 4
    tags: dict[int, Tag] = {}
    try:
        start = struct.unpack_from(order + word, data, 8 if big else 4)[0]
        count = struct.unpack_from(order + count_kind, data, start)[0]
        if count > _MOST_TAGS:
            return None
        for index in range(count):
            place = start + struct.calcsize("<" + count_kind) + index * length
            tag, kind, many = struct.unpack_from(f"{order}HH{word}", data, place)
            values = place + length - room
            if _SIZES.get(kind, 1) * many > room:
                values = struct.unpack_from(order + word, data, values)[0]
            tags.setdefault(tag, Tag(kind, many, values, place))
        link = start + struct.calcsize("<" + count_kind) + count * length
        behind = struct.unpack_from(order + word, data, link)[0] if link + room <= len(data) else 0
    except struct.error:
        return None
    return TiffHead(data, order, big, tags, behind)
