"""ICC profiles, version 4, made of primaries and a curve."""

from __future__ import annotations

import struct

import numpy as np
from numpy.typing import NDArray

D65 = 0.3127, 0.3290
SRGB_PRIMARIES = (0.640, 0.330, 0.300, 0.600, 0.150, 0.060)
"""x and y of red, green, blue."""
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
"""ICC's parametric curve 3: gamma, a, b, c, d."""
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)


def curve_of(gamma: float, *numbers: float) -> bytes:
    """ICC's parametric curve 0, a gamma, or with four numbers more curve 3."""
    kind = 3 if numbers else 0
    values = [_fixed(value) for value in (gamma, *numbers)]
    return struct.pack(f">4sIHH{len(values)}i", b"para", 0, kind, 0, *values)


def colour_profile(
    name: str, primaries: tuple[float, ...], curve: bytes, white: tuple[float, float] = D65
) -> bytes:
    """Of red, green and blue. LinAlgError for primaries on one line."""
    columns = _to_d50(primaries, white)
    return _profile(
        b"RGB ",
        {
            b"desc": _text(name),
            b"cprt": _text("none"),
            b"wtpt": _xyz(_D50),
            **{name: _xyz(columns[:, i]) for i, name in enumerate((b"rXYZ", b"gXYZ", b"bXYZ"))},
            **dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve),
        },
    )


def grey_profile(name: str, curve: bytes) -> bytes:
    """Of a grey photo."""
    parts = {b"desc": _text(name), b"cprt": _text("none"), b"wtpt": _xyz(_D50), b"kTRC": curve}
    return _profile(b"GRAY", parts)


def _profile(space: bytes, parts: dict[bytes, bytes]) -> bytes:
    start = 128 + 4 + 12 * len(parts)
    table, body = struct.pack(">I", len(parts)), b""
    for name, content in parts.items():
        table += struct.pack(">4sII", name, start + len(body), len(content))
        body += content
    head = struct.pack(">I4xI4s4s4s", start + len(body), 0x04300000, b"mntr", space, b"XYZ ")
    head += struct.pack(">6H4s", 2026, 1, 1, 0, 0, 0, b"acsp") + bytes(28)
    head += struct.pack(">3i", *map(_fixed, _D50))
    return head + bytes(128 - len(head)) + table + body


def _to_d50(primaries: tuple[float, ...], place: tuple[float, float]) -> NDArray[np.float64]:
    """(3, 3): linear red, green, blue => XYZ, the white adapted to D50 (Bradford)."""
    x, y = np.array(primaries[::2]), np.array(primaries[1::2])
    shape = np.stack([x / y, np.ones(3), (1 - x - y) / y])
    white = np.array([place[0] / place[1], 1, (1 - sum(place)) / place[1]])
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
