import struct

import pytest
from PIL import Image

from photodrag.alignment.photos.metadata.blocks import read_resolution, with_resolution
from photodrag.alignment.photos.metadata.exif import PREFIX


def _exif(**tags):
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif.get_ifd(0x8769)[0x927C] = b"maker note"
    for tag, value in tags.items():
        exif[int(tag[1:])] = value
    return PREFIX + exif.tobytes().removeprefix(PREFIX)


@pytest.mark.parametrize("exif", [None, _exif(), _exif(_282=72.0, _283=72.0, _296=2)])
def test_a_resolution_is_told_and_nothing_moves(exif):
    block = with_resolution(exif, (300, 240.5))
    assert read_resolution(block) == (300, 240.5)
    assert with_resolution(block, (300, 240.5)) == block
    kept = Image.Exif()
    kept.load(block)
    assert (kept[282], kept[283], kept[296]) == (300, 240.5, 2)
    if exif is not None:
        assert kept[0x010F] == "maker"
        assert block.index(b"maker note") == exif.index(b"maker note")


def test_centimetres_are_understood():
    assert read_resolution(_exif(_282=100.0, _283=50.0, _296=3)) == (254, 127)


@pytest.mark.parametrize("unit", [1, 9])
def test_other_units_and_half_a_resolution_are_none(unit):
    assert read_resolution(_exif(_282=100.0, _283=50.0, _296=unit)) is None
    assert read_resolution(_exif(_282=100.0)) is None


def test_a_broken_block_is_a_value_error():
    with pytest.raises(ValueError, match="TIFF block"):
        with_resolution(b"nonsense", (72, 72))
    cut = PREFIX + b"II*\0" + struct.pack("<IHHHII", 8, 1, 0x011A, 5, 1, 9999)
    with pytest.raises(ValueError, match="points to"):
        read_resolution(cut)
