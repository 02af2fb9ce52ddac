import struct
import sys

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import Photo, open_photo
from photodrag.alignment.photos.formats.heif import is_heic
from photodrag.errors import OutputError, PhotoError, PhotoTooLargeError


def _brands(major, *others):
    names = b"".join(name.encode() for name in others)
    return struct.pack(">I", 16 + len(names)) + b"ftyp" + major.encode() + bytes(4) + names


@pytest.mark.parametrize(
    ("head", "heic"),
    [
        (_brands("heic", "mif1"), True),
        (_brands("mif1", "mif1", "heic"), True),
        (_brands("mif1", "mif1"), True),
        (_brands("mif1", "mif1", "avif"), False),
        (_brands("avif", "mif1"), False),
        (b"\xff\xd8\xff", False),
        (b"", False),
    ],
)
def test_the_first_box_tells_the_kind(head, heic):
    assert is_heic(head) == heic


def test_without_the_extra_the_error_names_it(tmp_path, noise, monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    (tmp_path / "a.heic").write_bytes(_brands("heic", "mif1") + bytes(99))
    with pytest.raises(PhotoError, match=r"a\.heic.*photodrag\[heic\]"):
        open_photo(tmp_path / "a.heic")
    photo = Photo(noise("uint8", 8, 8, 3))
    for save in (photo.save, photo.check_saves):
        with pytest.raises(OutputError, match=r"photodrag\[heic\]"):
            save(tmp_path / "b.heic")
    assert [path.name for path in tmp_path.iterdir()] == ["a.heic"]


@pytest.fixture
def heic(noise, tmp_path):
    """A path, and the pixels of the file there, without loss."""
    heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")

    def make(mode, kind, **options):
        channels = {"L": 1, "RGB": 3, "RGBA": 4}[mode.split(";")[0]]
        pixels = noise(kind, 64, 48, channels)
        file = heif.from_bytes(mode, (48, 64), pixels.tobytes())
        exact = {"matrix_coefficients": 0} if channels > 1 else {}
        file.save(tmp_path / "a.heic", quality=-1, chroma="444", **exact, **options)
        return tmp_path / "a.heic", pixels

    return make


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_pixels_are_read(heic, mode):
    path, pixels = heic(mode, "uint8")
    photo = open_photo(path)
    assert (photo.format, photo.size, photo.grey) == ("HEIC", (48, 64), mode == "L")
    np.testing.assert_array_equal(photo.pixels[..., : pixels.shape[2]], pixels[..., :3])
    if mode == "RGBA":
        np.testing.assert_array_equal(photo.alpha, pixels[..., 3])


@pytest.mark.parametrize("bits", [10, 12])
def test_ten_and_twelve_bits_fill_sixteen(heic, bits):
    path, pixels = heic("RGB;16", "uint16", bit_depth=bits)
    photo = open_photo(path)
    top = pixels >> (16 - bits)
    assert photo.bit_depth == 16
    np.testing.assert_array_equal(photo.pixels >> (16 - bits), top)
    assert photo.pixels[top == 2**bits - 1].min() == 65535


def test_ten_bits_are_written(tmp_path):
    pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    ramp = np.linspace(0, 65535, 256).astype(np.uint16)
    photo = Photo(np.broadcast_to(ramp[None, :, None], (64, 256, 3)).copy())
    photo.save(tmp_path / "a.heic")
    back = open_photo(tmp_path / "a.heic")
    assert back.bit_depth == 16
    assert np.abs(back.pixels.astype(int) - photo.pixels).max() < 65535 / 100


@pytest.mark.parametrize("orientation", [3, 6, 7])
def test_it_is_upright_once(tmp_path, orientation):
    heif = pytest.importorskip("pillow_heif", reason="the extra heic is not installed")
    y, x = np.mgrid[:40, :64]
    pixels = np.stack([x * 4, y * 6, np.full_like(x, 90)], axis=2).astype(np.uint8)
    exif = Image.Exif()
    exif[0x0112] = orientation
    file = heif.from_bytes("RGB", (64, 40), pixels.tobytes())
    file.save(tmp_path / "a.heic", quality=95, chroma="444", exif=exif.tobytes())
    photo = open_photo(tmp_path / "a.heic")
    shown = {
        3: pixels[::-1, ::-1],
        6: np.rot90(pixels, -1),
        7: np.rot90(pixels, 2).swapaxes(0, 1),
    }[orientation]
    assert np.abs(photo.pixels.astype(int) - shown).mean() < 3
    kept = Image.Exif()
    kept.load(photo.exif)
    assert kept.get(0x0112, 1) == 1


def test_damage_is_refused(heic):
    path, _ = heic("RGB", "uint8")
    data = path.read_bytes()
    for part in (0.02, 0.3, 0.9):
        path.write_bytes(data[: int(len(data) * part)])
        with pytest.raises(PhotoError, match=r"damaged or cut short|not an image"):
            open_photo(path)


def test_too_many_pixels_are_refused(heic):
    path, _ = heic("RGB", "uint8")
    with pytest.raises(PhotoTooLargeError, match="48x64"):
        open_photo(path, max_pixels=1000)
