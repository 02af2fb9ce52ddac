import dataclasses
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import JpegCoding, Photo, open_photo
from photodrag.errors import OutputError, PhotoWarning

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">\xc3\xa4</x:xmpmeta>'


def _exif():
    exif = Image.Exif()
    exif[0x010F] = "maker"
    exif[0x0112] = 1
    exif.get_ifd(0x8769)[0x829A] = 0.5  # exposure time
    exif.get_ifd(0x8825)[1] = "N"  # hemisphere
    return b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")


def _fields(block):
    exif = Image.Exif()
    exif.load(block)
    return (exif.get(0x010F), float(exif.get_ifd(0x8769)[0x829A]), exif.get_ifd(0x8825)[1])


@pytest.mark.parametrize("extension", ["png", "tif", "TIFF"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_lossless_formats_keep_every_bit(tmp_path, noise, extension, dtype, channels):
    pixels = noise(dtype, 300, 41, 3)
    if channels < 3:
        pixels[...] = pixels[..., :1]
    alpha = noise(dtype, 300, 41) if channels in (2, 4) else None
    path = tmp_path / f"photo.{extension}"
    Photo(pixels, alpha=alpha, grey=channels < 3).save(path)
    back = open_photo(path)
    assert back.pixels.dtype == dtype
    np.testing.assert_array_equal(back.pixels, pixels)
    if alpha is None:
        assert back.alpha is None
    else:
        np.testing.assert_array_equal(back.alpha, alpha)
    if (extension, dtype, channels) not in [("tif", "uint16", 2), ("TIFF", "uint16", 2)]:
        assert back.grey == (channels < 3)


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_another_reader_sees_the_same(tmp_path, noise, name, dtype):
    pixels = noise(dtype, 300, 41, 3)
    Photo(pixels).save(tmp_path / name)
    seen = cv2.imread(str(tmp_path / name), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(seen[..., ::-1], pixels)


@pytest.mark.parametrize("orientation", [1, 3, 6])
def test_a_turned_sixteen_bit_tiff_is_upright(tmp_path, noise, orientation):
    upright = noise("uint16", 20, 30, 3)
    stored = {1: upright, 3: upright[::-1, ::-1], 6: np.rot90(upright)}[orientation]
    Photo(np.ascontiguousarray(stored)).save(tmp_path / "a.tif")
    marked = _with_orientation((tmp_path / "a.tif").read_bytes(), orientation)
    (tmp_path / "b.tif").write_bytes(marked)
    np.testing.assert_array_equal(open_photo(tmp_path / "b.tif").pixels, upright)


def _with_orientation(data, orientation):
    """The same TIFF with one more tag: its directory copied to the end of the file."""
    start = int.from_bytes(data[4:8], "little")
    count = int.from_bytes(data[start : start + 2], "little")
    tags = [data[start + 2 + 12 * i : start + 14 + 12 * i] for i in range(count)]
    tag = b"\x12\x01\x03\0\x01\0\0\0" + orientation.to_bytes(4, "little")
    tags = sorted([*tags, tag], key=lambda entry: int.from_bytes(entry[:2], "little"))
    data += b"\0" * (len(data) % 2)
    directory = (count + 1).to_bytes(2, "little") + b"".join(tags) + bytes(4)
    return data[:4] + len(data).to_bytes(4, "little") + data[8:] + directory


@pytest.mark.parametrize("extension", ["jpg", "png", "webp", "tif"])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_metadata_is_kept(tmp_path, noise, srgb_profile, extension, dtype):
    photo = Photo(
        noise(dtype, 9, 8, 3), icc_profile=srgb_profile, exif=_exif(), xmp=XMP, dpi=(300, 240)
    )
    path = tmp_path / f"photo.{extension}"
    photo.save(path)
    back = open_photo(path)
    assert back.icc_profile == photo.icc_profile
    assert back.xmp == XMP
    assert _fields(back.exif) == ("maker", 0.5, "N")
    if extension not in ("tif", "webp"):  # WebP gets the resolution in EXIF
        assert back.exif == photo.exif  # byte for byte
    assert back.dpi == pytest.approx((300, 240), abs=0.02)
    again = tmp_path / f"again.{extension}"
    back.save(again)
    assert _fields(open_photo(again).exif) == ("maker", 0.5, "N")


def test_a_damaged_exif_tag_does_not_stop_a_tiff(tmp_path, noise):
    broken = _exif().replace(b"\x0f\x01\x02\x00", b"\x0f\x01\x0a\x00")  # text as fractions
    broken = broken.replace(b"\x01\x0f\x00\x02", b"\x01\x0f\x00\x0a")
    assert broken != _exif()
    photo = Photo(noise("uint8", 4, 4, 3), exif=broken)
    with pytest.warns(PhotoWarning, match="1 damaged EXIF tag"):
        photo.save(tmp_path / "a.tif")
    np.testing.assert_array_equal(open_photo(tmp_path / "a.tif").pixels, photo.pixels)


def test_webp_is_lossless_unless_it_came_lossy(tmp_path, noise):
    pixels = noise("uint8", 30, 40, 3)
    photo = Photo(pixels, alpha=noise("uint8", 30, 40))
    photo.save(tmp_path / "a.webp")
    back = open_photo(tmp_path / "a.webp")
    np.testing.assert_array_equal(back.pixels, pixels)
    np.testing.assert_array_equal(back.alpha, photo.alpha)
    assert not back.lossy_webp
    Image.fromarray(pixels).save(tmp_path / "b.webp", quality=80)
    lossy = open_photo(tmp_path / "b.webp")
    assert lossy.lossy_webp
    lossy.save(tmp_path / "c.webp")
    assert open_photo(tmp_path / "c.webp").lossy_webp


def test_a_jpeg_keeps_its_tables_and_subsampling(tmp_path, portrait):
    small = Image.fromarray(portrait.pixels[::8, ::8])
    small.save(tmp_path / "a.jpg", quality=83, subsampling=1)
    photo = open_photo(tmp_path / "a.jpg")
    photo.save(tmp_path / "b.jpg")
    back = open_photo(tmp_path / "b.jpg")
    assert back.jpeg == photo.jpeg
    assert photo.jpeg.subsampling == 1
    assert np.abs(back.pixels.astype(int) - photo.pixels).mean() < 0.5


def test_another_photo_becomes_a_fine_jpeg(tmp_path, noise):
    Photo(noise("uint16", 9, 8, 3)).save(tmp_path / "a.jpg")
    assert open_photo(tmp_path / "a.jpg").jpeg.subsampling == 0
    grey = Photo(np.full((9, 8, 3), 7, np.uint8), grey=True, jpeg=JpegCoding(((1,) * 64,), 0))
    grey.save(tmp_path / "grey.jpg")
    assert open_photo(tmp_path / "grey.jpg").grey


def test_the_format_may_be_given(tmp_path, noise):
    Photo(noise("uint8", 4, 4, 3)).save(tmp_path / "file.out", format="png")
    assert open_photo(tmp_path / "file.out").format == "PNG"


@pytest.mark.parametrize(
    ("name", "message"),
    [("a.xyz", "'.xyz'"), ("a", "extension"), ("no/such/a.png", "does not exist"), ("", "folder")],
)
def test_a_bad_place_is_refused(tmp_path, noise, name, message):
    with pytest.raises(OutputError, match=message):
        Photo(noise("uint8", 4, 4, 3)).save(tmp_path / name, "png" if name == "" else None)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_format_is_refused(tmp_path, noise):
    with pytest.raises(OutputError, match="GIF"):
        Photo(noise("uint8", 4, 4, 3)).save(tmp_path / "a.png", "GIF")


def test_transparency_does_not_vanish_in_a_jpeg(tmp_path, noise):
    photo = Photo(noise("uint8", 4, 4, 3), alpha=np.full((4, 4), 254, np.uint8))
    with pytest.raises(OutputError, match=r"transparen.*\.png"):
        photo.save(tmp_path / "a.jpg")
    opaque = dataclasses.replace(photo, alpha=np.full((4, 4), 255, np.uint8))
    opaque.save(tmp_path / "a.jpg")


def test_what_a_format_cannot_hold_is_refused(tmp_path):
    with pytest.raises(OutputError, match="16383"):
        Photo(np.zeros((1, 16_384, 3), np.uint8)).save(tmp_path / "a.webp")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("failure", [KeyboardInterrupt, OSError("disk full")])
def test_an_interrupt_leaves_the_old_file_and_nothing_else(tmp_path, noise, monkeypatch, failure):
    path = tmp_path / "a.png"
    photo = Photo(noise("uint8", 4, 4, 3))
    photo.save(path)
    before = path.read_bytes()

    def interrupted(*_):
        raise failure

    monkeypatch.setattr(Path, "replace", interrupted)
    expected = KeyboardInterrupt if failure is KeyboardInterrupt else OutputError
    with pytest.raises(expected):
        photo.with_pixels(np.zeros((4, 4, 3), np.uint8)).save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
