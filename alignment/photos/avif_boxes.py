"""What the boxes of an AVIF file say of its pictures, compared with the pictures themselves.

libavif scales a decoded picture to the size that a box says: two kilobytes could become as many
pixels as they like.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .av1_size import av1_size

_AV1 = b"av01"
_HEAD = 1024  # bytes of a picture's stream that are looked at
_MOST = 4096  # boxes of a box, items, associations: a photo has a dozen


class Box(NamedTuple):
    """Name, and where the content begins and ends."""

    name: bytes
    begin: int
    end: int


def check_avif_sizes(data: bytes) -> None:
    """ValueError where a picture of an AVIF file has another size than the file says of it."""
    for box in boxes(data, 0, len(data)):
        if box.name == b"meta":
            pictures = _items(data, box)
        elif box.name == b"moov":
            pictures = _tracks(data, box)
        else:
            continue
        for sizes, begin, end in pictures:
            found = av1_size(data[begin : min(end, begin + _HEAD)])
            wrong = None if found is None else next((told for told in sizes if told != found), None)
            if found is not None and wrong is not None:
                raise ValueError(
                    f"it says {wrong[0]}x{wrong[1]} pixels of a picture that has "
                    f"{found[0]}x{found[1]}"
                )


def boxes(data: bytes, begin: int, end: int) -> Iterator[Box]:
    """The boxes between two places, up to the end or to damage."""
    for _ in range(_MOST):
        if begin + 8 > end:
            return
        length, content = _number(data, begin, 4), begin + 8
        if length == 1:
            length, content = _number(data, begin + 8, 8), begin + 16
        stop = end if length == 0 else begin + length
        if stop < content or stop > end:
            return
        yield Box(data[begin + 4 : begin + 8], content, stop)
        begin = stop


_Picture = tuple[set[tuple[int, int]], int, int]
"""The sizes that are told, and where the picture's stream begins and ends."""


def _items(data: bytes, meta: Box) -> Iterator[_Picture]:
    inner = _by_name(data, meta.begin + 4, meta.end)
    if not {b"iloc", b"iinf", b"iprp"} <= set(inner):
        return
    properties = _by_name(data, inner[b"iprp"].begin, inner[b"iprp"].end)
    if not {b"ipco", b"ipma"} <= set(properties):
        return
    all_properties = list(boxes(data, properties[b"ipco"].begin, properties[b"ipco"].end))
    used = _associations(data, properties[b"ipma"])
    pictures = _av1_items(data, inner[b"iinf"])
    for item, begin, end in _places(data, inner[b"iloc"], inner.get(b"idat")):
        if item in pictures:
            own = [
                all_properties[i - 1] for i in used.get(item, ()) if 0 < i <= len(all_properties)
            ]
            places = {box.begin + 4 for box in own if box.name == b"ispe"}
            told = {(_number(data, place, 4), _number(data, place + 4, 4)) for place in places}
            yield told, begin, end


def _av1_items(data: bytes, box: Box) -> set[int]:
    """The numbers of the items that are AV1 pictures (iinf, infe)."""
    found = set()
    wide = _number(data, box.begin, 1) != 0
    for entry in boxes(data, box.begin + (8 if wide else 6), box.end):
        version = _number(data, entry.begin, 1)
        size = 4 if version >= 3 else 2
        if version >= 2 and data[entry.begin + 6 + size : entry.begin + 10 + size] == _AV1:
            found.add(_number(data, entry.begin + 4, size))
    return found


def _associations(data: bytes, box: Box) -> dict[int, list[int]]:
    """Which properties, counted from 1, each item has (ipma)."""
    item_size = 2 if _number(data, box.begin, 1) == 0 else 4
    size = 2 if _number(data, box.begin + 3, 1) & 1 else 1
    place, found = box.begin + 8, {}
    for _ in range(min(_number(data, box.begin + 4, 4), _MOST)):
        if place >= box.end:
            break
        item, count = _number(data, place, item_size), _number(data, place + item_size, 1)
        place += item_size + 1
        most = (1 << 8 * size - 1) - 1  # the highest bit says that it matters
        found[item] = [_number(data, place + i * size, size) & most for i in range(count)]
        place += count * size
    return found


def _places(data: bytes, box: Box, own: Box | None) -> Iterator[tuple[int, int, int]]:
    """Each item's number, and where its first piece begins and ends (iloc)."""
    version, sizes = _number(data, box.begin, 1), _number(data, box.begin + 4, 2)
    offset_size, length_size, base_size = sizes >> 12, sizes >> 8 & 15, sizes >> 4 & 15
    index_size = sizes & 15 if version else 0
    wide = 4 if version >= 2 else 2
    count, place = _number(data, box.begin + 6, wide), box.begin + 6 + wide
    for _ in range(min(count, _MOST)):
        if place >= box.end:
            return
        item, place = _number(data, place, wide), place + wide
        method = 0
        if version:
            method, place = _number(data, place, 2) & 15, place + 2
        base, place = _number(data, place + 2, base_size), place + 2 + base_size
        pieces, place = _number(data, place, 2), place + 2
        first = place + index_size
        begin = base + _number(data, first, offset_size)
        length = _number(data, first + offset_size, length_size) or len(data)
        place += pieces * (index_size + offset_size + length_size)
        if method == 1 and own is not None:
            begin += own.begin
        if method <= 1 and pieces:
            yield item, begin, begin + length


def _tracks(data: bytes, moov: Box) -> Iterator[_Picture]:
    """The first picture of each track of an animation."""
    for track in boxes(data, moov.begin, moov.end):
        if track.name != b"trak":
            continue
        head = _within(data, track, [b"tkhd"])
        table = _within(data, track, [b"mdia", b"minf", b"stbl"])
        if head is None or table is None:
            continue
        parts = _by_name(data, table.begin, table.end)
        kind, width = parts.get(b"stsd"), 4 if b"stco" in parts else 8
        where = parts.get(b"stco") or parts.get(b"co64")
        if kind is None or where is None or data[kind.begin + 12 : kind.begin + 16] != _AV1:
            continue
        told = _number(data, head.end - 8, 4) >> 16, _number(data, head.end - 4, 4) >> 16
        begin = _number(data, where.begin + 8, width)
        yield {told}, begin, len(data)


def _within(data: bytes, box: Box, path: list[bytes]) -> Box | None:
    found: Box | None = box
    for name in path:
        found = None if found is None else _by_name(data, found.begin, found.end).get(name)
    return found


def _by_name(data: bytes, begin: int, end: int) -> dict[bytes, Box]:
    found: dict[bytes, Box] = {}
    for box in boxes(data, begin, end):
        found.setdefault(box.name, box)
    return found


def _number(data: bytes, place: int, size: int) -> int:
    return int.from_bytes(data[place : place + size], "big")
