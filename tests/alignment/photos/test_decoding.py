"""Pixels of unusual files: depths, planes, channels, colours."""

import io
import struct

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo
from photodrag.alignment.photos import deep_tiff
from photodrag.errors import PhotoError, PhotoWarning

from .conftest import png_rows


@pytest.fixture
def deep(noise):
    return noise("uint16", 21, 30, 4)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("channels", [3, 4])
def test_planes_of_16_bits_are_one_picture(make_tiff, deep, order, channels):
    extra = {338: (2,)} if channels == 4 else {}
    data = make_tiff(deep[..., :channels], extra, order=order, planar=True)
    photo = Photo.from_bytes(data)
    np.testing.assert_array_equal(photo.pixels, deep[..., :3])
    if channels == 4:
        np.testing.assert_array_equal(photo.alpha, deep[..., 3])


def test_planes_lie_as_the_file_says(make_tiff, deep):
    data = make_tiff(deep[..., :3], {274: (6,)}, planar=True)
    np.testing.assert_array_equal(Photo.from_bytes(data).pixels, np.rot90(deep[..., :3], -1))


def test_16_bits_that_the_readers_see_differently_are_refused(make_tiff, deep, monkeypatch):
    data = make_tiff(deep[..., :3])
    assert Photo.from_bytes(data).bit_depth == 16
    real = deep_tiff.cv2.imdecode
    monkeypatch.setattr(deep_tiff.cv2, "imdecode", lambda *given: real(*given)[::-1].copy())
    with pytest.raises(PhotoError, match="two readers see different pictures"):
        Photo.from_bytes(data)


def test_16_bits_of_a_bigtiff_are_read(make_tiff, deep):
    photo = Photo.from_bytes(make_tiff(deep[..., :3], {274: (3,)}, big=True))
    np.testing.assert_array_equal(photo.pixels, deep[::-1, ::-1, :3])


@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_colours_multiplied_with_alpha_are_divided(make_tiff, kind):
    most = np.iinfo(kind).max
    alpha = np.array([[most, most // 2, most // 5, 0]], kind)
    stored = np.stack([alpha // 2, alpha // 4, alpha, alpha], axis=2).astype(kind)
    stored[0, 3, :3] = 7  # under no alpha there is nothing to divide by
    photo = Photo.from_bytes(make_tiff(stored, {338: (1,)}))
    np.testing.assert_array_equal(photo.alpha, alpha)
    expected = np.array([most / 2, most / 4, most])
    off = np.abs(photo.pixels[0, :3].astype(float) - expected)
    assert off.max() <= (4 if kind is np.uint16 else 12)
    again = io.BytesIO()
    photo.save(again, "TIFF")
    np.testing.assert_array_equal(Photo.from_bytes(again.getvalue()).pixels, photo.pixels)


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_a_channel_that_is_no_alpha_is_told(make_tiff, noise, kind):
    pixels = noise(kind, 9, 8, 4)
    with pytest.warns(PhotoWarning, match="no transparency are left out: 1"):
        photo = Photo.from_bytes(make_tiff(pixels, {338: (0,)}))
    assert photo.alpha is None
    np.testing.assert_array_equal(photo.pixels, pixels[..., :3])


def test_twelve_bits_of_grey_are_stretched(make_tiff):
    grey = np.array([[0, 1, 2048, 4095]], np.uint16)
    bits = "".join(f"{value:012b}" for value in grey[0])
    packed = int(bits, 2).to_bytes(6, "big")
    photo = Photo.from_bytes(make_tiff(grey[..., None], bits=12, packed=packed))
    assert (photo.grey, photo.bit_depth) == (True, 16)
    assert photo.pixels[0, :, 0].tolist() == [0, 16, 32776, 65535]


def test_of_an_animated_16_bit_png_the_still_picture_is_read(make_png, deep):
    still, other = deep[..., :3], deep[::-1, :, :3]
    frame = struct.pack(">IIIIIHHBB", 0, 30, 21, 0, 0, 1, 10, 0, 0)
    data = make_png(
        still,
        [(b"acTL", struct.pack(">II", 1, 0))],
        [(b"fcTL", frame), (b"fdAT", struct.pack(">I", 1) + png_rows(other))],
    )
    with pytest.warns(PhotoWarning, match="2 pictures"):
        np.testing.assert_array_equal(Photo.from_bytes(data).pixels, still)


@pytest.mark.parametrize("channels", [1, 3])
def test_the_transparent_colour_of_a_16_bit_png_is_kept(make_png, deep, channels):
    pixels = deep[..., :channels]
    clear = pixels[3, 4]
    photo = Photo.from_bytes(make_png(pixels, [(b"tRNS", clear.astype(">u2").tobytes())]))
    assert photo.grey == (channels == 1)
    expected = np.where((pixels == clear).all(axis=2), 0, 65535)
    np.testing.assert_array_equal(photo.alpha, expected)


def test_palettes_with_transparency_and_faxes_are_read():
    picture = Image.new("P", (4, 2), 1)
    picture.putpalette([255, 0, 0, 0, 0, 255])
    picture.putpixel((2, 1), 0)
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=bytes([40]))
    photo = Photo.from_bytes(file.getvalue())
    assert (photo.pixels[1, 2].tolist(), int(photo.alpha[1, 2])) == ([255, 0, 0], 40)
    assert (photo.pixels[0, 0].tolist(), int(photo.alpha[0, 0])) == ([0, 0, 255], 255)

    fax, file = Image.new("1", (40, 8), 1), io.BytesIO()
    fax.putpixel((3, 5), 0)
    fax.save(file, "TIFF", compression="group4")
    photo = Photo.from_bytes(file.getvalue())
    assert photo.grey
    assert np.argwhere(photo.pixels[..., 0] == 0).tolist() == [[5, 3]]


@pytest.mark.parametrize("kind", ["uint8", "uint16"])
def test_white_may_be_zero(make_tiff, noise, kind):
    grey = noise(kind, 5, 7, 1)
    photo = Photo.from_bytes(make_tiff(grey, {262: (0,)}))
    most = np.iinfo(grey.dtype).max
    np.testing.assert_array_equal(photo.pixels[..., 0], most - grey[..., 0])


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_orientation_that_only_xmp_tells_is_applied(make_xmp, noise, name):
    picture, file = Image.fromarray(noise("uint8", 16, 32, 3)), io.BytesIO()
    xmp = make_xmp('tiff:Orientation="6" tiff:ImageWidth="32" tiff:ImageLength="16"')
    if name == "PNG":
        from PIL.PngImagePlugin import PngInfo  # noqa: PLC0415

        texts = PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        picture.save(file, name, pnginfo=texts)
    elif name == "TIFF":
        picture.save(file, name, tiffinfo={700: xmp})
    else:
        picture.save(file, name, xmp=xmp, **({"lossless": True} if name == "WEBP" else {}))
    photo = Photo.from_bytes(file.getvalue())
    assert photo.size == (16, 32)
    assert b'tiff:Orientation="6"' not in photo.xmp
    if name != "TIFF":  # Pillow takes it out there
        assert b'tiff:Orientation="1" tiff:ImageWidth="16" tiff:ImageLength="32"' in photo.xmp
    if name != "JPEG":
        stored = np.asarray(Image.open(io.BytesIO(file.getvalue())).convert("RGB"))
        turned = stored if name == "TIFF" else np.rot90(stored, -1)
        np.testing.assert_array_equal(photo.pixels, turned)


def test_exif_is_believed_before_xmp(make_xmp):
    exif = Image.Exif()
    exif[0x0112] = 1
    file = io.BytesIO()
    Image.new("RGB", (32, 16)).save(file, "JPEG", exif=exif, xmp=make_xmp('tiff:Orientation="6"'))
    assert Photo.from_bytes(file.getvalue()).size == (32, 16)
