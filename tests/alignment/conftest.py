"""The example portrait, read and searched once; noise; ICC profiles with known answers."""

import struct
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import ImageCms

from photodrag.alignment import Face, Photo, find_faces, open_photo

PORTRAIT = Path(__file__).resolve().parents[2] / "examples" / "portrait.jpg"


@pytest.fixture(scope="session")
def portrait() -> Photo:
    return open_photo(PORTRAIT)


@pytest.fixture(scope="session")
def face(portrait: Photo) -> Face:
    (found,) = find_faces(portrait)
    return found


@pytest.fixture
def noise() -> Callable[..., NDArray[np.generic]]:
    """Random pixels of a type and a shape, the same in every run."""

    def make(dtype: str, *shape: int) -> NDArray[np.generic]:
        values = np.random.default_rng(7).integers(0, np.iinfo(dtype).max + 1, shape)
        return values.astype(dtype)

    return make


@pytest.fixture(scope="session")
def srgb_profile() -> bytes:
    """The usual one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


@pytest.fixture(scope="session")
def red_is_green_profile(srgb_profile: bytes) -> bytes:
    """sRGB with the primaries of red and green exchanged."""
    profile = bytearray(srgb_profile)
    count = struct.unpack_from(">I", profile, 128)[0]
    names = {b"rXYZ": b"gXYZ", b"gXYZ": b"rXYZ"}
    for place in range(132, 132 + 12 * count, 12):
        name = bytes(profile[place : place + 4])
        profile[place : place + 4] = names.get(name, name)
    return bytes(profile)


@pytest.fixture(scope="session")
def linear_grey_profile() -> bytes:
    """A grey monitor with gamma 1."""
    white = struct.pack(">4sIiii", b"XYZ ", 0, 63190, 65536, 54061)  # D50
    curve = struct.pack(">4sII", b"curv", 0, 0)  # no entries: the identity
    text = b"grey\0"
    description = struct.pack(">4sII", b"desc", 0, len(text)) + text + bytes(78)
    description += bytes(-len(description) % 4)
    right = struct.pack(">4sI", b"text", 0) + b"none\0\0\0\0"
    parts = {b"desc": description, b"cprt": right, b"wtpt": white, b"kTRC": curve}
    start = 128 + 4 + 12 * len(parts)
    table, body = struct.pack(">I", len(parts)), b""
    for name, data in parts.items():
        table += struct.pack(">4sII", name, start + len(body), len(data))
        body += data
    header = struct.pack(
        ">I4sI4s4s4s", start + len(body), b"lcms", 0x02400000, b"mntr", b"GRAY", b"XYZ "
    )
    header += struct.pack(">6H4s4s", 2020, 1, 1, 0, 0, 0, b"acsp", b"\0\0\0\0")
    header += bytes(68 - len(header)) + struct.pack(">iii", 63190, 65536, 54061)
    return header + bytes(128 - len(header)) + table + body
