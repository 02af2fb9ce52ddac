"""Files changed as damage and malice change them."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0x80000000)
_LONGEST = 2**20


def mutated(data: bytes, random: Random, others: Sequence[bytes] = ()) -> bytes:
    """The data with one to eight changes; `others` are files of the kind, to take parts of."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 3, 8))):
        if changed:
            random.choice(_CHANGES)(changed, random)
    if others and random.random() < 0.1:
        other = random.choice(others)
        cut = random.randrange(len(changed) + 1)
        changed[cut:] = other[random.randrange(len(other) + 1) :]
    return bytes(changed[:_LONGEST])


def _flip(data: bytearray, random: Random) -> None:
    data[_place(data, random)] ^= 1 << random.randrange(8)


def _byte(data: bytearray, random: Random) -> None:
    data[_place(data, random)] = random.randrange(256)


def _number(data: bytearray, random: Random) -> None:
    size = random.choice((1, 2, 4, 8))
    value = random.choice((*_NUMBERS, random.getrandbits(63))) % 2 ** (8 * size)
    place = _place(data, random)
    data[place : place + size] = value.to_bytes(size, random.choice(("little", "big")))


def _cut(data: bytearray, random: Random) -> None:
    del data[random.randrange(len(data)) :]


def _remove(data: bytearray, random: Random) -> None:
    place = _place(data, random)
    del data[place : place + random.choice((1, 4, 16, 300))]


def _repeat(data: bytearray, random: Random) -> None:
    place, length = _place(data, random), random.choice((1, 4, 12, 64, 1000))
    data[place:place] = data[place : place + length] * random.choice((1, 2, 20))


def _insert(data: bytearray, random: Random) -> None:
    place = _place(data, random)
    data[place:place] = random.randbytes(random.choice((1, 2, 4, 30)))


def _fill(data: bytearray, random: Random) -> None:
    place, length = _place(data, random), random.choice((2, 8, 100))
    length = len(data[place : place + length])
    data[place : place + length] = bytes([random.choice((0, 255, 32, 47))]) * length


_CHANGES = (_flip, _byte, _number, _number, _cut, _remove, _repeat, _insert, _fill)


def _place(data: bytearray, random: Random) -> int:
    """Headers are hit more often than what follows."""
    if random.random() < 0.5:
        return random.randrange(min(len(data), 400))
    return random.randrange(len(data))
