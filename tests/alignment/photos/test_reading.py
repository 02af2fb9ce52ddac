import io

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import open_photo
from photodrag.alignment.photos import reading
from photodrag.errors import PhotoError, PhotoTooLargeError, PhotoWarning

EXTENSIONS = {
    "JPEG": "jpg",
    "PNG": "png",
    "WEBP": "webp",
    "TIFF": "tif",
    "BMP": "bmp",
    "GIF": "gif",
    "AVIF": "avif",
}


def _smooth(height=40, width=60):
    """A picture that survives JPEG; red grows to the right, green downwards."""
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 4, y * 6, np.full_like(x, 90)], axis=2).astype(np.uint8)


@pytest.mark.parametrize("name", list(EXTENSIONS))
def test_common_formats_are_read(tmp_path, name):
    path = tmp_path / f"photo.{EXTENSIONS[name]}"
    Image.fromarray(_smooth()).save(path)
    photo = open_photo(path)
    assert (photo.size, photo.bit_depth, photo.alpha) == ((60, 40), 8, None)
    assert photo.format == ("PNG" if name in ("BMP", "GIF") else name)
    assert np.abs(photo.pixels.astype(int) - _smooth()).mean() < 12  # a GIF has 256 colours
    assert (photo.jpeg is not None) == (name == "JPEG")
    assert not photo.pixels.flags.writeable


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_is_applied_and_reset(tmp_path, name, orientation):
    upright = Image.fromarray(_smooth())
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # transpositions that bring each back
    stored = upright.transpose(undo[orientation]) if orientation > 1 else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "maker"
    path = tmp_path / f"photo.{EXTENSIONS[name]}"
    options = {"JPEG": {"quality": 95}, "WEBP": {"lossless": True}, "AVIF": {"quality": 95}}
    stored.save(path, exif=exif, **options.get(name, {}))
    photo = open_photo(path)
    assert photo.size == (60, 40)
    assert np.abs(photo.pixels.astype(int) - _smooth()).mean() < 3
    kept = Image.Exif()
    kept.load(photo.exif)
    assert (kept.get(0x0112, 1), kept[0x010F]) == (1, "maker")


def test_grey_palette_bilevel_and_alpha(tmp_path, noise):
    grey = noise("uint8", 8, 9)
    Image.fromarray(grey).save(tmp_path / "grey.png")
    photo = open_photo(tmp_path / "grey.png")
    assert photo.grey
    np.testing.assert_array_equal(photo.pixels, np.repeat(grey[..., None], 3, 2))

    Image.fromarray(_smooth()).quantize(16).save(tmp_path / "palette.png")
    assert open_photo(tmp_path / "palette.png").pixels.shape == (40, 60, 3)
    Image.fromarray(grey > 127).save(tmp_path / "bilevel.png")
    assert set(np.unique(open_photo(tmp_path / "bilevel.png").pixels)) == {0, 255}

    rgba = noise("uint8", 8, 9, 4)
    Image.fromarray(rgba).save(tmp_path / "alpha.png")
    photo = open_photo(tmp_path / "alpha.png")
    np.testing.assert_array_equal(photo.pixels, rgba[..., :3])
    np.testing.assert_array_equal(photo.alpha, rgba[..., 3])


def test_cmyk_becomes_srgb_without_a_profile(tmp_path):
    Image.new("CMYK", (20, 10), (0, 255, 255, 0)).save(tmp_path / "cmyk.jpg", quality=95)
    with pytest.warns(PhotoWarning, match="CMYK.*sRGB"):
        photo = open_photo(tmp_path / "cmyk.jpg")
    assert (photo.icc_profile, photo.jpeg) == (None, None)
    red, green, _ = photo.pixels[5, 5]
    assert red > 200
    assert green < 60


def test_of_several_frames_the_first_is_read(tmp_path):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("#ff0000", "#00ff00")]
    for name in ("frames.tif", "frames.gif", "frames.webp", "frames.png", "frames.avif"):
        exact = {"lossless": True} if name.endswith("webp") else {}
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:], **exact)
        with pytest.warns(PhotoWarning, match="2 pictures; only the first"):
            photo = open_photo(tmp_path / name)
        assert np.abs(photo.pixels[0, 0].astype(int) - (255, 0, 0)).max() < 8  # AVIF loses some


def test_metadata_is_read(tmp_path, srgb_profile):
    xmp = b'<x:xmpmeta xmlns:x="adobe:ns:meta/" tiff:Orientation="6"/>'
    picture = Image.fromarray(_smooth())
    picture.save(tmp_path / "a.jpg", icc_profile=srgb_profile, xmp=xmp, dpi=(300, 300))
    photo = open_photo(tmp_path / "a.jpg")
    assert photo.icc_profile == srgb_profile
    assert photo.xmp == xmp.replace(b"6", b"1")
    assert photo.dpi == (300, 300)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("missing.jpg", None, "no such file"),
        ("empty.jpg", b"", "empty"),
        ("text.jpg", b"not a photo" * 99, "not an image"),
        ("script.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not an image"),
        ("header.png", b"\x89PNG\r\n\x1a\n", "not an image|damaged"),
    ],
)
def test_what_is_no_photo_is_refused(tmp_path, name, data, message):
    path = tmp_path / name
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(PhotoError, match=message) as caught:
        open_photo(path)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(PhotoError, match="folder"):
        open_photo(tmp_path)


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_a_truncated_photo_is_refused(tmp_path, noise, name, part):
    buffer = io.BytesIO()
    Image.fromarray(noise("uint8", 90, 120, 3)).save(buffer, name)
    path = tmp_path / f"cut.{EXTENSIONS[name]}"
    path.write_bytes(buffer.getvalue()[: int(len(buffer.getvalue()) * part)])
    with pytest.raises(PhotoError, match=r"damaged or cut short|not an image"):
        open_photo(path)


def test_too_many_pixels_are_refused_before_decoding(tmp_path):
    before = Image.MAX_IMAGE_PIXELS
    Image.new("L", (300, 200)).save(tmp_path / "a.png")
    with pytest.raises(PhotoTooLargeError, match=r"300x200 is 60,000 pixels.*50,000"):
        open_photo(tmp_path / "a.png", max_pixels=50_000)
    Image.new("1", (30_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(PhotoTooLargeError, match="make it smaller"):
        open_photo(tmp_path / "bomb.png")
    Image.new("1", (11_000, 10_000)).save(tmp_path / "warned.png")  # Pillow would only warn
    with pytest.raises(PhotoTooLargeError, match="110,000,000"):
        open_photo(tmp_path / "warned.png", max_pixels=100_000_000)
    assert before == Image.MAX_IMAGE_PIXELS


def test_float_pixels_are_refused(tmp_path):
    Image.fromarray(np.zeros((5, 5), np.float32)).save(tmp_path / "float.tif")
    with pytest.raises(PhotoError, match="floats"):
        open_photo(tmp_path / "float.tif")


@pytest.mark.parametrize(
    ("xmp", "message"),
    [
        (b'<x hdrgm:Version="1.0"/>', "gain map"),
        (b'<x xmpNote:HasExtendedXMP="0"/>', "second part"),
    ],
)
def test_what_a_jpeg_loses_is_said(tmp_path, xmp, message):
    Image.fromarray(_smooth()).save(tmp_path / "a.jpg", xmp=xmp)
    with pytest.warns(PhotoWarning, match=message):
        assert open_photo(tmp_path / "a.jpg").xmp == b"<x/>"  # it speaks of what is not kept


def test_ten_bits_of_an_avif_are_read_as_eight_with_a_warning(tmp_path, monkeypatch):
    """Pillow writes only 8 bits; the description of other files is tested in test_coding.py."""
    Image.fromarray(_smooth()).save(tmp_path / "a.avif")
    monkeypatch.setattr(reading, "avif_coding", lambda _: ("4:2:0", 10))
    with pytest.warns(PhotoWarning, match="10 bits"):
        assert open_photo(tmp_path / "a.avif").bit_depth == 8


def test_a_cmyk_profile_that_cannot_be_used_is_said(tmp_path):
    picture = Image.new("CMYK", (20, 10), (0, 255, 255, 0))
    picture.save(tmp_path / "cmyk.tif", icc_profile=b"broken")
    with pytest.warns(PhotoWarning) as caught:
        open_photo(tmp_path / "cmyk.tif")
    assert [str(one.message).split(";")[0] for one in caught] == [
        "the photo's colours are CMYK",
        "the photo's ICC profile cannot be used to convert them",
    ]


def test_damaged_exif_is_left_out_with_a_warning(tmp_path):
    Image.fromarray(_smooth()).save(tmp_path / "a.jpg", exif=b"Exif\0\0II*\0\xff\xff\0\0")
    with pytest.warns(PhotoWarning, match="EXIF"):
        photo = open_photo(tmp_path / "a.jpg")
    assert photo.exif is None


@pytest.mark.parametrize("name", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.filterwarnings("ignore::photodrag.errors.PhotoWarning")
def test_random_damage_is_refused_or_survived(tmp_path, name, srgb_profile):
    buffer = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(_smooth()).save(buffer, name, exif=exif, icc_profile=srgb_profile)
    random = np.random.default_rng(3)
    for _ in range(60):
        data = bytearray(buffer.getvalue())
        for place in random.integers(0, min(len(data), 400), 4):
            data[place] = random.integers(0, 256)
        (tmp_path / "a").write_bytes(data)
        try:
            photo = open_photo(tmp_path / "a", max_pixels=1_000_000)
            photo.srgb()
        except PhotoError:
            continue
        photo.save(tmp_path / "b.png")
        np.testing.assert_array_equal(open_photo(tmp_path / "b.png").pixels, photo.pixels)
