"""Colour spaces told by numbers (CICP, ITU-T H.273) instead of an ICC profile.

AVIF and HEIC, and PNG since its third edition, may do so. A profile is made of the numbers, so that
nothing shifts when the photo is saved in another format.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

_HEAD = 65_536  # bytes in which a file's description stands
_PRIMARIES = {  # x and y of red, green, blue; the white of all is D65
    1: (0.640, 0.330, 0.300, 0.600, 0.150, 0.060),  # BT.709, sRGB
    9: (0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
    12: (0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
}
_WHITE = 0.3127, 0.3290
_NAMES = {1: "BT.709", 9: "BT.2020", 12: "Display P3"}
# ICC's parametric curve 3: gamma, a, b, c, d
_SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_VIDEO_CURVE = (1 / 0.45, 1 / 1.099, 0.099 / 1.099, 1 / 4.5, 0.081)
_CURVES = {13: _SRGB_CURVE, 1: _VIDEO_CURVE, 6: _VIDEO_CURVE, 14: _VIDEO_CURVE, 15: _VIDEO_CURVE}
_HDR = {16: "PQ", 18: "HLG"}
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


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
    place = 8
    while (name := data[place + 4 : place + 8]) and name not in (b"IDAT", b"IEND"):
        if name == b"cICP" and place + 10 <= len(data):
            return Cicp(data[place + 8], data[place + 9])
        place += 12 + int.from_bytes(data[place : place + 4], "big")
    return None


def profile_of(cicp: Cicp) -> bytes | None:
    """An ICC profile, version 4; None for sRGB itself and for what no such profile can tell."""
    if cicp in {(1, 13), (1, 1), (1, 6)} or cicp.transfer not in _CURVES:
        return None  # photos told as BT.709's curve are meant and shown as sRGB
    if cicp.primaries not in _PRIMARIES:
        return None
    columns = _to_d50(_PRIMARIES[cicp.primaries])
    curve = struct.pack(">4sIHH5i", b"para", 0, 3, 0, *map(_fixed, _CURVES[cicp.transfer]))
    parts = {
        b"desc": _text(_NAMES[cicp.primaries]),
        b"cprt": _text("none"),
        b"wtpt": _xyz(_D50),
        **{name: _xyz(columns[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
        **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
    }
    start = 128 + 4 + 12 * len(parts)
    table, body = struct.pack(">I", len(parts)), b""
    for name, content in parts.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content
    head = struct.pack(">I4xI4s4s4s", start + len(body), 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">3i", *map(_fixed, _D50))
    return head + bytes(128 - len(head)) + table + body


def _read(data: bytes, place: int) -> Cicp | None:
    if place + 4 > len(data):
        return None
    return Cicp(*struct.unpack_from(">HH", data, place))


def _to_d50(primaries: tuple[float, ...]) -> NDArray[np.float64]:
    """(3, 3): linear red, green, blue => XYZ, the white adapted from D65 to D50 (Bradford)."""
    x, y = np.array(primaries[::2]), np.array(primaries[1::2])
    shape = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    white = np.array([_WHITE[0] / _WHITE[1], 1, (1 - sum(_WHITE)) / _WHITE[1]])
    to_xyz = shape * np.linalg.solve(shape, white)
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
    return np.asarray(np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ to_xyz)


def _fixed(value: float) -> int:
    return round(value * 65536)


def _xyz(values: NDArray[np.float64]) -> bytes:
    return struct.pack(">4sI3i", b"XYZ ", 0, *map(_fixed, values))


def _text(text: str) -> bytes:
    words = text.encode("utf-16-be")
    entry = struct.pack(">4sIII4sII", b"mluc", 0, 1, 12, b"enUS", len(words), 28) + words
    return entry + bytes(-len(entry) % 4)
