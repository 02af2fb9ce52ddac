import pytest

from photodrag.alignment.photos.coding import avif_coding


@pytest.mark.parametrize(
    ("flags", "coding"),
    [
        (0x00, ("4:4:4", 8)),
        (0x08, ("4:2:2", 8)),
        (0x0C, ("4:2:0", 8)),
        (0x1C, ("4:0:0", 8)),
        (0x4C, ("4:2:0", 10)),
        (0x60, ("4:4:4", 12)),
    ],
)
def test_an_avif_tells_subsampling_and_bits(flags, coding):
    assert avif_coding(b"....av1C\x81\x20" + bytes([flags, 0])) == coding


@pytest.mark.parametrize("data", [b"", b"av1C\x81\x20", b"no such box"])
def test_where_nothing_is_told_eight_bits_are_taken(data):
    assert avif_coding(data) == (None, 8)
