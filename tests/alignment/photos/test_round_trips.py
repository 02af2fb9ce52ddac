"""What each format keeps of a photo; docs/files.md is the table of it."""

import dataclasses
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, IptcImagePlugin

from photodrag.alignment import JpegCoding, Photo, open_photo
from photodrag.errors import PhotoWarning

XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">\xc3\xa4</x:xmpmeta>'
IPTC = b"\x1c\x02\x78\0\x07caption\x1c\x02\x19\0\x04word"
FORMATS = ("jpg", "png", "tif", "webp", "avif", "heic")
LOSSLESS = ("png", "tif", "webp")
DEEP = ("png", "tif")
HOLD_IPTC = ("jpg", "png", "tif")


def _fields(block):
    """Every tag of the directories that describe a photo."""
    exif = Image.Exif()
    exif.load(block)
    parts = {"first": dict(exif)}
    for name, tag in (("exif", 0x8769), ("gps", 0x8825)):
        parts[name] = dict(exif.get_ifd(tag))
    ours = {0x8769, 0x8825, 0x0112}  # places, and the orientation that some leave out
    told = {n: {k: v for k, v in p.items() if k not in ours} for n, p in parts.items()}
    first = told["first"]
    resolution = [first.pop(tag, None) for tag in (282, 283, 296)]  # `dpi` holds it
    return told, resolution


def _exif():
    exif = Image.Exif()
    for tag, value in {0x010E: "title", 0x010F: "maker", 0x0112: 1, 0x0132: "2026:01:02"}.items():
        exif[tag] = value
    exif.get_ifd(0x8769).update({0x829A: 0.5, 0x927C: b"maker note", 0x9003: "2026:01:02"})
    exif.get_ifd(0x8825).update({1: "N", 2: (52.0, 30.0, 0.25)})
    return b"Exif\0\0" + exif.tobytes().removeprefix(b"Exif\0\0")


@pytest.fixture
def photo(noise, srgb_profile):
    return Photo(
        noise("uint8", 40, 56, 3),
        icc_profile=srgb_profile,
        exif=_exif(),
        xmp=XMP,
        iptc=IPTC,
        dpi=(300, 240),
        texts=(("Comment", "gr\xfc\xdfe"), ("Author", "\u4e2d")),
    )


def _save(photo, path):
    """Save, and give back what the warning says was left out, if there was one."""
    if path.suffix == ".heic":
        pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", PhotoWarning)
        photo.save(path)
    return " ".join(str(one.message) for one in caught)


@pytest.mark.parametrize("extension", FORMATS)
def test_metadata_is_equal_field_by_field(tmp_path, photo, extension):
    said = _save(photo, tmp_path / f"a.{extension}")
    back = open_photo(tmp_path / f"a.{extension}")
    assert back.icc_profile == photo.icc_profile
    assert back.xmp == XMP
    assert _fields(back.exif)[0] == _fields(photo.exif)[0]
    assert back.dpi == pytest.approx(photo.dpi, abs=0.02)
    assert back.iptc == (IPTC if extension in HOLD_IPTC else None)
    assert ("IPTC" in said) == (extension not in HOLD_IPTC)
    kept = {"png": 2, "jpg": 1}.get(extension, 0)
    assert sorted(back.texts) == sorted(photo.texts[:kept])
    assert ("Author" in said) == (kept < 2)
    assert ("Comment" in said) == (kept < 1)


@pytest.mark.parametrize("source", FORMATS)
@pytest.mark.parametrize("target", FORMATS)
def test_another_format_keeps_what_it_can_hold(tmp_path, photo, source, target):
    _save(photo, tmp_path / f"a.{source}")
    first = open_photo(tmp_path / f"a.{source}")
    _save(first, tmp_path / f"b.{target}")
    back = open_photo(tmp_path / f"b.{target}")
    assert (back.icc_profile, back.xmp) == (photo.icc_profile, XMP)
    assert _fields(back.exif)[0] == _fields(photo.exif)[0]
    assert back.dpi == pytest.approx(photo.dpi, abs=0.02)
    assert back.iptc == (IPTC if source in HOLD_IPTC and target in HOLD_IPTC else None)


@pytest.mark.parametrize("extension", HOLD_IPTC[::2])
def test_another_reader_finds_the_iptc_records(tmp_path, photo, extension):
    _save(photo, tmp_path / f"a.{extension}")
    with Image.open(tmp_path / f"a.{extension}") as image:
        assert IptcImagePlugin.getiptcinfo(image)[2, 120] == b"caption"


@pytest.mark.parametrize("extension", LOSSLESS)
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("grey", [False, True])
@pytest.mark.parametrize("has_alpha", [False, True])
def test_pixels_outside_a_change_stay_equal(tmp_path, noise, extension, dtype, grey, has_alpha):
    if dtype == "uint16" and extension not in DEEP:
        pytest.skip("the format has 8 bits")
    pixels = noise(dtype, 30, 40, 3)
    if grey:
        pixels[...] = pixels[..., :1]
    alpha = noise(dtype, 30, 40) if has_alpha else None
    Photo(pixels, alpha=alpha, grey=grey).save(tmp_path / f"a.{extension}")
    photo = open_photo(tmp_path / f"a.{extension}")
    changed = np.zeros((30, 40), np.bool_)
    changed[10:20, 5:15] = True
    edited = photo.pixels.copy()
    edited[changed] //= 2
    photo.with_pixels(edited).save(tmp_path / f"b.{extension}")
    back = open_photo(tmp_path / f"b.{extension}")
    assert back.bit_depth == photo.bit_depth == pixels.dtype.itemsize * 8
    np.testing.assert_array_equal(back.pixels[~changed], pixels[~changed])
    np.testing.assert_array_equal(back.pixels[changed], pixels[changed] // 2)
    if has_alpha:
        np.testing.assert_array_equal(back.alpha, alpha)
    if extension != "webp" and (extension, dtype, has_alpha) != ("tif", "uint16", True):
        assert back.grey == grey


@pytest.mark.parametrize("extension", FORMATS)
def test_grey_stays_grey(tmp_path, extension):
    row = np.arange(64, dtype=np.uint8)[None, :, None] * 3
    photo = Photo(np.broadcast_to(row, (64, 64, 3)).copy(), grey=True)
    _save(photo, tmp_path / f"a.{extension}")
    back = open_photo(tmp_path / f"a.{extension}")
    assert np.abs(back.pixels.astype(int) - photo.pixels).max() <= 3
    assert (back.pixels == back.pixels[..., :1]).all()
    assert back.grey == (extension != "webp")  # which has no grey


@pytest.mark.parametrize("subsampling", [0, 1, 2])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_keeps_its_coding(tmp_path, noise, subsampling, progressive):
    Image.fromarray(noise("uint8", 40, 56, 3)).save(
        tmp_path / "a.jpg", quality=71, subsampling=subsampling, progressive=progressive
    )
    photo = open_photo(tmp_path / "a.jpg")
    photo.save(tmp_path / "b.jpg")
    with Image.open(tmp_path / "a.jpg") as before, Image.open(tmp_path / "b.jpg") as after:
        assert after.quantization == before.quantization
        assert after.layer == before.layer
        assert bool(after.info.get("progressive")) == progressive
    assert open_photo(tmp_path / "b.jpg").jpeg == photo.jpeg


def test_three_tables_stay_with_their_components(tmp_path, noise):
    tables = tuple(tuple([1 + i] * 64) for i in range(3))
    coded = JpegCoding(tables, subsampling=0)
    Photo(noise("uint8", 16, 16, 3), jpeg=coded).save(tmp_path / "a.jpg")
    assert open_photo(tmp_path / "a.jpg").jpeg == coded


def test_dots_per_centimetre_stay_whole(tmp_path, noise):
    Image.fromarray(noise("uint8", 8, 8, 3)).save(tmp_path / "a.jpg", dpi=(72, 72))
    data = bytearray((tmp_path / "a.jpg").read_bytes())
    data[13:18] = struct.pack(">BHH", 2, 118, 118)
    (tmp_path / "a.jpg").write_bytes(data)
    open_photo(tmp_path / "a.jpg").save(tmp_path / "b.jpg")
    assert (tmp_path / "b.jpg").read_bytes()[13:18] == data[13:18]


@pytest.mark.parametrize("chroma", ["4:4:4", "4:2:2", "4:2:0"])
@pytest.mark.parametrize("extension", ["avif", "heic"])
def test_boxed_formats_keep_their_subsampling(tmp_path, noise, extension, chroma):
    photo = Photo(noise("uint8", 64, 64, 3), chroma=chroma)
    _save(photo, tmp_path / f"a.{extension}")
    back = open_photo(tmp_path / f"a.{extension}")
    assert (back.chroma, back.format) == (chroma, extension.upper())


def test_what_is_too_long_for_a_jpeg_is_left_out_and_named(tmp_path, photo):
    long = dataclasses.replace(
        photo, exif=_exif() + bytes(66_000), xmp=XMP + b" " * 66_000, iptc=IPTC * 9000, texts=()
    )
    assert {"EXIF data", "XMP data", "IPTC records"} <= set(
        _save(long, tmp_path / "a.jpg").split("photo's ")[1].split("; ")[0].split(", ")
    )
    back = open_photo(tmp_path / "a.jpg")
    assert (back.exif, back.xmp, back.iptc) == (None, None, None)
    assert back.icc_profile == photo.icc_profile


def test_a_long_profile_is_kept_in_a_jpeg(tmp_path, noise):
    profile = noise("uint8", 200_000).tobytes()
    Photo(noise("uint8", 8, 8, 3), icc_profile=profile).save(tmp_path / "a.jpg")
    assert open_photo(tmp_path / "a.jpg").icc_profile == profile
