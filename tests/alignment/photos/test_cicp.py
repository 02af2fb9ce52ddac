import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo, open_photo
from photodrag.alignment.photos.cicp import Cicp, cicp_of_boxes, cicp_of_png, profile_of
from photodrag.errors import PhotoWarning

P3 = Cicp(12, 13)


def _told(path, cicp):
    """A PNG with that chunk put behind its header."""
    data = path.read_bytes()
    content = bytes([*cicp, 0, 1])
    chunk = b"cICP" + content
    chunk = struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk))
    path.write_bytes(data[:33] + chunk + data[33:])


def test_display_p3_is_told_as_a_profile():
    """The answers are those of the matrices in SMPTE EG 432-1 and IEC 61966-2-1."""
    photo = Photo(
        np.array([[[128, 128, 128], [255, 255, 255], [200, 100, 50]]], np.uint8),
        icc_profile=profile_of(P3),
    )
    srgb = photo.srgb()[0].astype(int)
    assert np.abs(srgb[:2] - [[128] * 3, [255] * 3]).max() <= 1
    assert np.abs(srgb[2] - (215, 93, 31)).max() <= 2
    back = photo.from_srgb(photo.srgb())
    assert np.abs(back.astype(int) - photo.pixels).max() <= 1


def test_srgb_and_what_has_no_profile_get_none():
    assert profile_of(Cicp(1, 13)) is None
    assert profile_of(Cicp(2, 2)) is None
    assert profile_of(Cicp(9, 16)) is None
    assert profile_of(Cicp(9, 14)) is not None


def test_a_png_told_by_numbers_keeps_its_colours(tmp_path, noise):
    Image.fromarray(noise("uint8", 8, 8, 3)).save(tmp_path / "a.png")
    _told(tmp_path / "a.png", P3)
    photo = open_photo(tmp_path / "a.png")
    assert photo.icc_profile == profile_of(P3)
    for name in ("b.jpg", "b.png", "b.avif"):
        photo.save(tmp_path / name)
        assert open_photo(tmp_path / name).icc_profile == profile_of(P3)


def test_an_avif_told_by_numbers_keeps_its_colours(tmp_path):
    Image.new("RGB", (32, 32), "#804020").save(tmp_path / "a.avif")
    data = (tmp_path / "a.avif").read_bytes()
    place = data.index(b"colrnclx") + 8
    (tmp_path / "a.avif").write_bytes(data[:place] + struct.pack(">HH", *P3) + data[place + 4 :])
    assert open_photo(tmp_path / "a.avif").icc_profile == profile_of(P3)


@pytest.mark.parametrize("transfer", [16, 18])
def test_hdr_is_read_with_a_warning(tmp_path, transfer):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    _told(tmp_path / "a.png", Cicp(9, transfer))
    with pytest.warns(PhotoWarning, match="HDR"):
        assert open_photo(tmp_path / "a.png").icc_profile is None


@pytest.mark.parametrize("data", [b"", b"\x89PNG\r\n\x1a\n" + bytes(99), b"colrnclx\0"])
def test_damage_tells_nothing(data):
    assert cicp_of_png(data) is None
    assert cicp_of_boxes(data) is None
