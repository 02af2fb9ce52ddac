import struct

import pytest

from photodrag.alignment.exif import PREFIX, orientation, upright, upright_xmp


def _block(order, thumbnail=b"\xff\xd8small\xff\xd9"):
    """One directory with an orientation, then one with a thumbnail."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    second = 8 + 2 + 12 + 4
    data = second + 2 + 24 + 4
    first = struct.pack(order + "HHHIHHI", 1, 0x0112, 3, 1, 6, 0, second)
    links = struct.pack(
        order + "HHHIIHHIII", 2, 0x0201, 4, 1, data, 0x0202, 4, 1, len(thumbnail), 0
    )
    return PREFIX + mark + struct.pack(order + "I", 8) + first + links + thumbnail


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_reset_and_the_thumbnail_taken_out(order):
    block = _block(order)
    assert orientation(block) == 6
    changed = upright(block)
    assert orientation(changed) == 1
    assert len(changed) == len(block)
    assert b"small" not in changed
    assert sum(a != b for a, b in zip(block, changed, strict=True)) <= 12


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0", b"nonsense", _block("<")[:25]]
)
def test_a_broken_block_is_a_value_error(block):
    with pytest.raises(ValueError, match="TIFF block"):
        upright(block)


def test_xmp_orientation_is_reset():
    assert upright_xmp(b'<a tiff:Orientation="8" b="8">') == b'<a tiff:Orientation="1" b="8">'
    assert upright_xmp(b"<tiff:Orientation>3</x>") == b"<tiff:Orientation>1</x>"
