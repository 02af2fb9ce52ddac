import io
import struct

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo

SRGB = (31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)


def _chunks(gamma=None, places=None):
    chunks = [] if gamma is None else [(b"gAMA", struct.pack(">I", gamma))]
    return chunks + ([] if places is None else [(b"cHRM", struct.pack(">8I", *places))])


@pytest.fixture
def ramp():
    return np.repeat(np.linspace(0, 65535, 50).astype(np.uint16)[None, :, None], 3, 2)


@pytest.mark.parametrize("grey", [False, True])
def test_a_linear_png_looks_as_it_should(make_png, ramp, grey):
    data = make_png(ramp[..., :1] if grey else ramp, _chunks(100_000))
    photo = Photo.from_bytes(data)
    np.testing.assert_array_equal(photo.pixels, ramp)
    light = ramp[0, :, 0] / 65535
    expected = np.where(light < 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)
    # 8 bits of linear light are coarse in the dark
    off = np.abs(photo.srgb()[0, :, 0] - expected * 255)
    assert off[10:].max() < 3


@pytest.mark.parametrize("name", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF"])
def test_every_format_keeps_the_look(make_png, ramp, name):
    photo, file = Photo.from_bytes(make_png(ramp, _chunks(100_000))), io.BytesIO()
    photo.save(file, name)
    off = np.abs(Photo.from_bytes(file.getvalue()).srgb().astype(int) - photo.srgb())
    assert off[:, 10:].max() < 9


def test_primaries_become_a_profile(make_png, ramp):
    red = ramp * np.array([1, 0, 0], np.uint16)
    photo = Photo.from_bytes(make_png(red, _chunks(None, P3)))
    seen = Image.fromarray(photo.srgb()).getpixel((25, 0))
    assert seen[0] > photo.pixels[0, 25, 0] >> 8  # a P3 red is more than sRGB's


@pytest.mark.parametrize(
    "chunks",
    [
        _chunks(45455),
        _chunks(45455, SRGB),
        _chunks(None, SRGB),
        _chunks(0),
        _chunks(None, (0,) * 8),
        _chunks(None, (30000,) * 8),
        [(b"sRGB", b"\0"), *_chunks(100_000)],
    ],
)
def test_srgb_and_damage_make_no_profile(make_png, ramp, chunks):
    assert Photo.from_bytes(make_png(ramp, chunks)).icc_profile is None


@pytest.mark.parametrize("chunks", [_chunks(100_000), _chunks(45_455), _chunks(None, P3)])
@pytest.mark.parametrize("more", [[], [(b"sRGB", b"\0")]])
@pytest.mark.parametrize("grey", [False, True])
def test_an_image_that_pillow_holds_has_the_same_profile(make_png, ramp, chunks, more, grey):
    data = make_png(ramp[..., :1] if grey else ramp, [*more, *chunks])
    with Image.open(io.BytesIO(data)) as image:
        assert Photo.from_image(image).icc_profile == Photo.from_bytes(data).icc_profile
