"""What stands beside the picture: kept, or told; and metadata that is true of what is saved."""

import io
import struct
import warnings

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo
from photodrag.errors import PhotoError, PhotoWarning

VIDEO = b"\0\0\0\x18ftypmp42" + bytes(range(256)) * 4
GAIN_MAP = b"urn:iso:std:iso:ts:21496:-1\0\0\0\0\0"


def _jpeg(size=(32, 24), **more):
    file = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(file, "JPEG", **more)
    return file.getvalue()


def _motion(make_xmp, *others):
    items = [("image/jpeg", "Primary", 0), *others, ("video/mp4", "MotionPhoto", len(VIDEO))]
    listed = "".join(
        f'<rdf:li rdf:parseType="Resource"><Container:Item Item:Mime="{mime}" '
        f'Item:Semantic="{what}" Item:Length="{length}"/></rdf:li>'
        for mime, what, length in items
    )
    return make_xmp(
        f'GCamera:MotionPhoto="1" GCamera:MicroVideoOffset="{len(VIDEO)}" dc:format="image/jpeg"',
        f"<Container:Directory><rdf:Seq>{listed}</rdf:Seq></Container:Directory>",
    )


def _saved(photo, name):
    file = io.BytesIO()
    photo.save(file, name)
    return file.getvalue()


def test_a_motion_photo_keeps_its_video(make_xmp):
    xmp = _motion(make_xmp)
    photo = Photo.from_bytes(_jpeg(xmp=xmp) + VIDEO)
    assert photo.xmp == xmp
    again = _saved(photo, "JPEG")
    assert again.endswith(b"\xff\xd9" + VIDEO)  # MicroVideoOffset counts from the file's end
    assert Photo.from_bytes(again).video == VIDEO


def test_a_samsung_trailer_is_kept_as_it_is():
    trailer = struct.pack("<HHI", 0, 0x0A30, 16) + b"MotionPhoto_Data" + VIDEO + b"SEFH.....SEFT"
    photo = Photo.from_bytes(_jpeg() + trailer)
    assert _saved(photo, "JPEG").endswith(b"\xff\xd9" + trailer)


@pytest.mark.parametrize("name", ["PNG", "TIFF", "WEBP", "AVIF", "HEIC"])
def test_other_formats_do_not_speak_of_the_video(make_xmp, name):
    photo = Photo.from_bytes(_jpeg(xmp=_motion(make_xmp)) + VIDEO)
    with pytest.warns(PhotoWarning, match="cannot hold.*motion photo's video"):
        again = Photo.from_bytes(_saved(photo, name))
    assert b"MotionPhoto" not in again.xmp
    assert b"MicroVideo" not in again.xmp
    assert b"Directory" not in again.xmp
    assert b'dc:format="image/jpeg"' in again.xmp


def test_the_video_of_a_heic_is_told():
    data = _saved(Photo.from_bytes(_jpeg()), "HEIC")
    with pytest.warns(PhotoWarning, match="motion photo's video is left out"):
        Photo.from_bytes(data + struct.pack(">I", 8 + len(VIDEO)) + b"mpvd" + VIDEO)


def test_metadata_of_a_video_that_is_not_there_goes(make_xmp):
    photo = Photo.from_bytes(_jpeg(xmp=_motion(make_xmp)))
    assert photo.video is None
    assert b"MotionPhoto" not in photo.xmp


def test_of_gain_map_and_video_the_video_is_kept(make_xmp, with_segment):
    small = _jpeg((8, 6))
    xmp = _motion(make_xmp, ("image/jpeg", "GainMap", len(small)))
    xmp = xmp.replace(b"GCamera:MotionPhoto=", b'hdrgm:Version="1.0" GCamera:MotionPhoto=')
    with pytest.warns(PhotoWarning, match="gain map is left out"):
        photo = Photo.from_bytes(_jpeg(xmp=xmp) + small + VIDEO)
    assert photo.video == VIDEO
    assert b"hdrgm:Version" not in photo.xmp
    assert b"GainMap" not in photo.xmp
    assert b'Item:Semantic="MotionPhoto"' in photo.xmp


def test_a_gain_map_told_as_iso_does_is_noted(with_segment):
    data = with_segment(_jpeg(), 0xE2, GAIN_MAP) + _jpeg((8, 6))
    with pytest.warns(PhotoWarning, match="gain map is left out"):
        assert Photo.from_bytes(data).video is None


@pytest.mark.parametrize(("kind", "told"), [(0x010001, False), (0x020002, True), (0, True)])
def test_pictures_that_are_no_previews_are_told(with_segment, kind, told):
    entries = struct.pack("<IIIHH", 0x030000, 1, 0, 0, 0) + struct.pack("<IIIHH", kind, 1, 1, 0, 0)
    block = b"MPF\0II*\0" + struct.pack("<IHHHIII", 8, 1, 0xB002, 7, len(entries), 26, 0) + entries
    data = with_segment(_jpeg(), 0xE2, block)
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always")
        Photo.from_bytes(data)
    assert [str(note.message) for note in notes] == (
        ["the file's other pictures (1: views, depth, HDR gain map) are left out"] if told else []
    )


def test_credentials_are_told(with_segment, make_png, make_tiff, noise):
    pixels = noise("uint16", 6, 7, 3)
    manifest = b"JP\0\1\0\0\0\1\0\0\0\x28jumb\0\0\0\x20jumdc2pa" + bytes(16)
    webp = io.BytesIO()
    Image.new("RGB", (8, 8)).save(webp, "WEBP")
    chunk = b"C2PA" + struct.pack("<I", 4) + b"jumb"
    box = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
    avif = io.BytesIO()
    Image.new("RGB", (8, 8)).save(avif, "AVIF")
    files = [
        with_segment(_jpeg(), 0xEB, manifest),
        make_png(pixels, [(b"caBX", b"jumb")]),
        make_tiff(pixels, {52545: b"jumb"}),
        webp.getvalue() + chunk,
        avif.getvalue() + struct.pack(">I", 24) + b"uuid" + box,
    ]
    for data in files:
        with pytest.warns(PhotoWarning, match="content credentials"):
            Photo.from_bytes(data)


def test_layers_are_told(make_tiff, noise):
    data = make_tiff(noise("uint8", 6, 7, 3), {37724: b"Adobe Photoshop Document Data Block\0"})
    with pytest.warns(PhotoWarning, match="layers are left out"):
        Photo.from_bytes(data)


def test_metadata_of_a_panorama_is_kept(make_xmp):
    xmp = make_xmp('GPano:ProjectionType="equirectangular" GPano:FullPanoWidthPixels="64"')
    photo = Photo.from_bytes(_jpeg(xmp=xmp))
    for name in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF", "HEIC"):
        assert Photo.from_bytes(_saved(photo, name)).xmp == xmp


def test_a_jpeg_without_its_end_is_opened_with_a_remark():
    whole = _jpeg(quality=90)
    for cut in (1, 2):
        with pytest.warns(PhotoWarning, match="its picture is whole"):
            photo = Photo.from_bytes(whole[:-cut])
        np.testing.assert_array_equal(photo.pixels, Photo.from_bytes(whole).pixels)


def test_a_progressive_jpeg_without_its_end_is_opened():
    whole = _jpeg(progressive=True)
    with pytest.warns(PhotoWarning, match="its picture is whole"):
        photo = Photo.from_bytes(whole[:-2])
    np.testing.assert_array_equal(photo.pixels, Photo.from_bytes(whole).pixels)


@pytest.mark.parametrize("cut", [6, 20, 200])
@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_whose_rows_are_missing_is_refused(cut, progressive):
    with pytest.raises(PhotoError, match="cut short"):
        Photo.from_bytes(_jpeg(progressive=progressive)[:-cut])


def test_a_jpeg_of_red_green_and_blue_is_written_well():
    file = io.BytesIO()
    y, x = np.mgrid[:64, :64]
    smooth = np.stack([x * 4, y * 4, 255 - x * 4], axis=2).astype(np.uint8)
    Image.fromarray(smooth).save(file, "JPEG", keep_rgb=True, quality=95)
    photo = Photo.from_bytes(file.getvalue())
    assert photo.jpeg is None  # tables for red, green and blue do not serve YCbCr
    off = np.abs(Photo.from_bytes(_saved(photo, "JPEG")).pixels.astype(int) - photo.pixels)
    assert off.mean() < 1


@pytest.mark.parametrize("extension", [".jfif", ".jpe", ".JFIF"])
def test_other_names_of_jpeg_are_written(tmp_path, extension):
    Photo.from_bytes(_jpeg()).save(tmp_path / f"a{extension}")
    assert (tmp_path / f"a{extension}").read_bytes().startswith(b"\xff\xd8")


def test_exif_of_a_bigtiff_is_kept_in_every_format(make_tiff, noise):
    dpi = {282: (300,), 283: (300,), 296: (2,)}
    data = make_tiff(noise("uint8", 6, 7, 3), {271: b"Maker\0", **dpi}, big=True)
    photo = Photo.from_bytes(data)
    for name in ("JPEG", "PNG", "TIFF", "WEBP", "AVIF"):
        again = Photo.from_bytes(_saved(photo, name))
        exif = Image.Exif()
        exif.load(again.exif)
        assert exif[271].startswith("Maker")


def test_an_empty_gps_directory_becomes_no_dangling_pointer():
    """II*, one directory: Make, GPSInfo that points to a directory of no tags."""
    entries = struct.pack("<HHI4s", 0x010F, 2, 4, b"Me\0\0")
    entries += struct.pack("<HHII", 0x8825, 4, 1, 752)
    block = b"II*\0" + struct.pack("<IH", 8, 2) + entries + bytes(4)
    block = block.ljust(752, b"\0") + bytes(6)
    photo = Photo.from_bytes(_jpeg(exif=b"Exif\0\0" + block))
    again = Photo.from_bytes(_saved(photo, "TIFF"))
    exif = Image.Exif()
    exif.load(again.exif)
    assert exif[0x010F].rstrip("\0") == "Me"
    assert 0x8825 not in exif
