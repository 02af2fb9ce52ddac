"""Colour spaces told by numbers (CICP, ITU-T H.273) instead of an ICC profile.

AVIF and HEIC, and PNG since its third edition, may do so. A profile is made of the numbers, so that
nothing shifts when the photo is saved in another format.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from .png_chunks import chunks
from .profiles import SRGB_CURVE, SRGB_PRIMARIES, colour_profile, curve_of

_HEAD = 65_536  # bytes in which a file's description stands
_PRIMARIES = {  # x and y of red, green, blue; the white of all is D65
    1: SRGB_PRIMARIES,  # BT.709
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_NAMES = {1: "BT.709", 9: "BT.2020", 12: "Display P3"}
_VIDEO_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES = {13: SRGB_CURVE, 1: _VIDEO_CURVE, 6: _VIDEO_CURVE, 14: _VIDEO_CURVE, 15: _VIDEO_CURVE}
_HDR = {16: "PQ", 18: "HLG"}


class Cicp(NamedTuple):
    """Which primaries and which curve; the numbers of the standard."""

    primaries: int
    transfer: int

    @property
    def hdr(self) -> str | None:
        """The name of a curve that reaches beyond white."""
        return _HDR.get(self.transfer)


def cicp_of_boxes(data: bytes) -> Cicp | None:
    """What the first `colr` box of an AVIF file tells, if it tells numbers."""
    place = data.find(b"colrnclx", 0, _HEAD)
    return None if place < 0 else _read(data, place + 8)


def cicp_of_png(data: bytes) -> Cicp | None:
    """What the chunk cICP tells, which stands before the pixels."""
    for name, _, content, _ in chunks(data):
        if name == b"IDAT":
            return None
        if name == b"cICP" and content + 2 <= len(data):
            return Cicp(data[content], data[content + 1])
    return None


def profile_of(cicp: Cicp) -> bytes | None:
    """An ICC profile, version 4; None for sRGB itself and for what no such profile can tell."""
    if cicp in {(1, 13), (1, 1), (1, 6)} or cicp.transfer not in _CURVES:
        return None  # photos told as BT.709's curve are meant and shown as sRGB
    if cicp.primaries not in _PRIMARIES:
        return None
    primaries, curve = _PRIMARIES[cicp.primaries], curve_of(*_CURVES[cicp.transfer])
    return colour_profile(_NAMES[cicp.primaries], primaries, curve)


def _read(data: bytes, place: int) -> Cicp | None:
    if place + 4 > len(data):
        return None
    return Cicp(*struct.unpack_from(">HH", data, place))
