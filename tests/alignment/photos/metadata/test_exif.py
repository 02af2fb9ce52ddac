import struct

import pytest
from PIL import Image

from photodrag.alignment.photos.metadata.exif import (
    PREFIX,
    orientation,
    upright,
    upright_xmp,
    without_orientation,
)


def _block(order):
    """A directory with an orientation and one within it with the picture's size, then text."""
    mark = {"<": b"II*\0", ">": b"MM\0*"}[order]
    second = 8 + 2 + 2 * 12 + 4
    first = struct.pack(order + "HHHIHHHHII", 2, 0x0112, 3, 1, 6, 0, 0x8769, 4, 1, second) + bytes(
        4
    )
    inner = struct.pack(order + "HHHIIHHIHHI", 2, 0xA002, 4, 1, 4000, 0xA003, 3, 1, 3000, 0, 0)
    return PREFIX + mark + struct.pack(order + "I", 8) + first + inner + b"maker note"


def _changes(one, other):
    return sum(a != b for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("order", ["<", ">"])
def test_orientation_is_reset_and_nothing_else_is_touched(order):
    block = _block(order)
    assert orientation(block) == 6
    assert orientation(upright(block)) == 1
    assert _changes(block, upright(block)) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_size_is_turned_with_the_photo_and_only_where_it_was_told_otherwise(order):
    turned = upright(_block(order), (3000, 4000))
    exif = Image.Exif()
    exif.load(turned)
    assert (exif.get_ifd(0x8769)[0xA002], exif.get_ifd(0x8769)[0xA003]) == (3000, 4000)
    assert upright(_block(order), (4000, 3000)) == upright(_block(order), (30, 40))
    assert _changes(_block(order), upright(_block(order), (30, 40))) == 1


@pytest.mark.parametrize("order", ["<", ">"])
def test_the_orientation_can_be_taken_out_without_moving_anything(order):
    block = _block(order)
    without = without_orientation(block)
    exif = Image.Exif()
    exif.load(without)
    assert 0x0112 not in exif
    assert exif.get_ifd(0x8769)[0xA002] == 4000
    assert len(without) == len(block)
    assert without.index(b"maker") == block.index(b"maker")
    assert without_orientation(without) == without


@pytest.mark.parametrize(
    "block", [b"", b"Exif\0\0", b"Exif\0\0II*\0", b"nonsense", _block("<")[:25]]
)
def test_a_broken_block_is_a_value_error(block):
    with pytest.raises(ValueError, match="TIFF block"):
        upright(block)


def test_xmp_orientation_is_reset():
    assert upright_xmp(b'<a tiff:Orientation="8" b="8">') == b'<a tiff:Orientation="1" b="8">'
    assert upright_xmp(b"<tiff:Orientation>3</x>") == b"<tiff:Orientation>1</x>"


def test_thumbnails_in_xmp_are_taken_out():
    xmp = b"<a><xmp:Thumbnails>\n<rdf:Alt>/9j/4A</rdf:Alt></xmp:Thumbnails><b/></a>"
    assert upright_xmp(xmp) == b"<a><b/></a>"
