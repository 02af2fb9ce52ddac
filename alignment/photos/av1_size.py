"""The size of the pictures that an AV1 stream holds, from its sequence header (AV1, 5.5)."""

from __future__ import annotations

_SEQUENCE_HEADER = 1
_MOST_UNITS = 16  # in front of the sequence header there is a delimiter at most
_LONGEST = 512  # bytes; a header with 32 operating points has some 300


def av1_size(stream: bytes) -> tuple[int, int] | None:
    """(width, height); None where a stream does not begin with a whole sequence header."""
    place = 0
    for _ in range(_MOST_UNITS):
        if place >= len(stream):
            return None
        head = stream[place]
        place += 2 if head & 4 else 1  # an extension of one byte
        length = len(stream) - place
        if head & 2:
            length, place = _length(stream, place)
        if head >> 3 & 15 == _SEQUENCE_HEADER:
            return _size(_Bits(stream[place : place + min(length, _LONGEST)]))
        place += length
    return None


class _Bits:
    """Reads bits of bytes, the highest first; behind the end there are zeros."""

    def __init__(self, data: bytes):
        self._number, self._left = int.from_bytes(data, "big"), 8 * len(data)

    @property
    def is_over(self) -> bool:
        """Whether more was taken than there is."""
        return self._left < 0

    def take(self, count: int) -> int:
        """The next so many as a number."""
        self._left -= count
        if self._left < 0:
            return 0
        return self._number >> self._left & (1 << count) - 1

    def take_long(self) -> int:
        """A number that says its own length (AV1's uvlc)."""
        zeros = 0
        while zeros < 32 and self._left > 0 and not self.take(1):
            zeros += 1
        return self.take(zeros)


def _size(bits: _Bits) -> tuple[int, int] | None:
    bits.take(4)  # profile, still picture
    if bits.take(1):  # the short header of a still picture
        bits.take(5)
    else:
        _skip_times(bits)
    wide, high = bits.take(4) + 1, bits.take(4) + 1
    width, height = bits.take(wide) + 1, bits.take(high) + 1
    return None if bits.is_over else (width, height)


def _skip_times(bits: _Bits) -> None:
    """What a film's header has in front of the size."""
    has_model, delay_bits = 0, 0
    if bits.take(1):
        bits.take(64)
        if bits.take(1):
            bits.take_long()
        has_model = bits.take(1)
        if has_model:
            delay_bits = bits.take(5) + 1
            bits.take(42)
    has_delay = bits.take(1)
    for _ in range(bits.take(5) + 1):
        bits.take(12)
        if bits.take(5) > 7:
            bits.take(1)
        if has_model and bits.take(1):
            bits.take(2 * delay_bits + 1)
        if has_delay and bits.take(1):
            bits.take(4)


def _length(stream: bytes, place: int) -> tuple[int, int]:
    """A length in groups of seven bits, and the place behind it."""
    length = 0
    for index, byte in enumerate(stream[place : place + 8]):
        length |= (byte & 127) << 7 * index
        if byte < 128:
            return length, place + index + 1
    return len(stream), place
