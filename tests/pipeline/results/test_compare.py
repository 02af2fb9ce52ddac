import numpy as np

from photodrag.pipeline.results.compare import compare_picture, face_region


def test_both_halves_show_the_same_place(result):
    sheet = compare_picture(result, height=300)
    assert sheet.dtype == np.uint8
    assert sheet.shape[0] == 300
    half = (sheet.shape[1] - 4) // 2
    before, after = sheet[:, :half].astype(int), sheet[:, -half:].astype(int)
    assert np.median(abs(before - after)) <= 2
    assert sheet[:, half : half + 4].min() == 255


def test_drags_are_drawn_on_the_first_half_only(result):
    sheet = compare_picture(result, height=600).astype(int)
    half = sheet.shape[1] // 2
    red = (sheet[..., 0] > 220) & (abs(sheet[..., 1] - 59) < 12) & (abs(sheet[..., 2] - 48) < 12)
    assert red[:, :half].sum() > 10
    assert red[:, half:].sum() == 0


def test_a_small_face_is_enlarged_at_most_twice(result):
    _, top, _, bottom = face_region(result.crop, result.source.size)
    sheet = compare_picture(result, height=100_000)
    assert sheet.shape[0] == 2 * (bottom - top)


def test_region_stays_in_the_photo(result):
    left, top, right, bottom = face_region(result.crop, result.source.size)
    assert 0 <= left < right <= result.source.width
    assert 0 <= top < bottom <= result.source.height
    assert face_region(result.crop, (200, 150))[2:] == (200, 150)
