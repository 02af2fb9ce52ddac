import struct

import pytest
from PIL import Image
from PIL.TiffImagePlugin import ImageFileDirectory_v2

from photodrag.alignment import open_photo
from photodrag.alignment.photos.metadata.iptc import (
    as_raw_profile,
    as_resource,
    from_resources,
    raw_profile,
)

IPTC = b"\x1c\x02\x78\0\x07caption\x1c\x02\x19\0\x04word"


def _resource(number, data, name=b""):
    head = b"8BIM" + struct.pack(">H", number) + bytes([len(name)]) + name
    return head + bytes(len(head) % 2) + struct.pack(">I", len(data)) + data + bytes(len(data) % 2)


def test_records_are_found_among_other_resources():
    block = _resource(1036, b"thumbnail", b"name") + as_resource(IPTC) + _resource(1005, b"1234")
    assert from_resources(block) == IPTC


@pytest.mark.parametrize(
    "block", [b"", b"8BIM", _resource(1036, b"x"), as_resource(IPTC)[:-8], b"8BIM" * 9, bytes(99)]
)
def test_where_there_are_none_or_damaged_ones_nothing_is_found(block):
    assert from_resources(block) is None


def test_a_raw_profile_comes_back():
    assert from_resources(raw_profile(as_raw_profile(IPTC * 20))) == IPTC * 20
    assert raw_profile("no digits\n\n\nhere") is None
    assert raw_profile(None) is None


@pytest.mark.parametrize("kind", [1, 4, 7])
def test_a_tiff_may_hold_them_as_bytes_or_as_whole_numbers(tmp_path, kind):
    records = IPTC + bytes(-len(IPTC) % 4)
    tags = ImageFileDirectory_v2()
    tags.tagtype[33723] = 7
    tags[33723] = records
    Image.new("RGB", (4, 4)).save(tmp_path / "a.tif", tiffinfo=tags)
    data = (tmp_path / "a.tif").read_bytes()
    count = len(records) // (4 if kind == 4 else 1)
    tag = struct.pack("<HHI", 33723, 7, len(records))
    assert data.count(tag) == 1
    (tmp_path / "a.tif").write_bytes(data.replace(tag, struct.pack("<HHI", 33723, kind, count)))
    assert open_photo(tmp_path / "a.tif").iptc == records


def test_a_tiff_may_hold_them_among_photoshops_resources(tmp_path):
    tags = ImageFileDirectory_v2()
    tags.tagtype[34377] = 7
    tags[34377] = _resource(1036, b"thumbnail") + as_resource(IPTC)
    Image.new("RGB", (4, 4)).save(tmp_path / "a.tif", tiffinfo=tags)
    assert open_photo(tmp_path / "a.tif").iptc == IPTC
