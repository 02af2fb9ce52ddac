import numpy as np
import pytest
from PIL import Image

from photodrag.errors import MaskError
from photodrag.pipeline.request.masks import read_mask

HALF = np.zeros((6, 8), np.uint8)
HALF[:, 4:] = 255
EXPECTED = HALF > 0


def saved(tmp_path, image, name="mask.png"):
    image.save(tmp_path / name)
    return tmp_path / name


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "LA", "RGBA", "I;16"])
def test_any_mode_is_read(tmp_path, mode):
    if mode == "I;16":
        image = Image.fromarray(HALF.astype(np.uint16) * 257)
    else:
        image = Image.fromarray(HALF).convert(mode)
    mask = read_mask(saved(tmp_path, image), (8, 6))
    assert mask.dtype == np.bool_
    np.testing.assert_array_equal(mask, EXPECTED)
    assert not mask.flags.writeable


def test_transparent_counts_as_black(tmp_path):
    image = Image.new("RGB", (8, 6), "white")
    image.putalpha(Image.fromarray(HALF))
    np.testing.assert_array_equal(read_mask(saved(tmp_path, image), (8, 6)), EXPECTED)


def test_threshold_is_at_half(tmp_path):
    image = Image.fromarray(np.array([[127, 128]], np.uint8))
    assert read_mask(saved(tmp_path, image), (2, 1)).tolist() == [[False, True]]


def test_another_size_is_refused(tmp_path):
    with pytest.raises(MaskError, match="8x6 pixels and the photo 6x8"):
        read_mask(saved(tmp_path, Image.fromarray(HALF)), (6, 8))


def test_all_black_is_refused(tmp_path):
    with pytest.raises(MaskError, match="all black"):
        read_mask(saved(tmp_path, Image.new("L", (8, 6))), (8, 6))


def test_no_picture_is_refused(tmp_path):
    (tmp_path / "mask.png").write_text("white")
    with pytest.raises(MaskError, match="not an image"):
        read_mask(tmp_path / "mask.png", (8, 6))
    with pytest.raises(MaskError, match="no such file"):
        read_mask(tmp_path / "none.png", (8, 6))
