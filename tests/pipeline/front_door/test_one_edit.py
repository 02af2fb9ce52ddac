"""`photodrag.edit`: what goes in, what comes out, what is refused."""

import io

import numpy as np
import pytest
from PIL import Image

import photodrag
from photodrag.errors import MaskError, PhotoError, PointError, SettingsError
from photodrag.pipeline.front_door import choices

DRAGS = ["mouth_left->-5%,-4%", "mouth_right->+5%,-4%"]


@pytest.fixture(scope="module")
def given(quick_settings, tmp_path_factory):
    """What every edit here is given: quick settings, and one inversion for all."""
    folder = tmp_path_factory.mktemp("cache")
    return {"preset": quick_settings, "device": "cpu", "cache": folder}


@pytest.fixture(scope="module")
def done(small_portrait, given):
    return photodrag.edit(small_portrait, DRAGS, **given)


def test_an_edited_photo_comes_out(done, small_portrait):
    with Image.open(small_portrait) as image:
        before = np.asarray(image.convert("RGB"))
    after = np.asarray(done.image)
    assert after.shape == before.shape
    assert done.changed.shape == before.shape[:2]
    assert done.changed.any()
    np.testing.assert_array_equal(after[~done.changed], before[~done.changed])
    assert (after != before).any()


def test_it_says_in_short_what_it_is(done):
    assert repr(done).startswith("<EditedPhoto <Photo 384x384 8 bit PNG> 2 points, ")
    assert len(repr(done)) < 120
    assert Image.open(io.BytesIO(done._repr_png_())).size == (384, 384)


def test_what_is_saved_says_that_it_was_edited(done, small_portrait, tmp_path):
    assert done.report()["photo"]["marked"] is True
    done.save(tmp_path / "marked.png")
    done.save(tmp_path / "plain.png", mark=False)
    done.photo.save(tmp_path / "photo.webp")
    marked, plain, photo = (
        photodrag.open_photo(tmp_path / name) for name in ("marked.png", "plain.png", "photo.webp")
    )
    for one in (marked, photo):
        assert b"/compositeWithTrainedAlgorithmicMedia" in one.xmp
        assert one.xmp.count(b"<stEvt:action>edited<") == 1
    assert plain.xmp is None
    np.testing.assert_array_equal(marked.pixels, plain.pixels)
    again = photodrag.open_photo(small_portrait)
    again.save(tmp_path / "again.png")
    assert photodrag.open_photo(tmp_path / "again.png").xmp is None


def test_it_reports_compares_and_is_saved(done, tmp_path):
    assert done.report()["photo"]["width"] == 384
    assert done.compare(64).height == 64
    done.save(tmp_path / "out.png")
    file = io.BytesIO()
    done.save(file)
    assert file.getvalue() == (tmp_path / "out.png").read_bytes()


@pytest.mark.parametrize("form", ["path", "bytes", "file", "image", "array", "photo"])
def test_a_photo_may_be_given_in_any_form(form, done, small_portrait, given):
    data = small_portrait.read_bytes()
    with Image.open(small_portrait) as image:
        forms = {
            "path": str(small_portrait),
            "bytes": data,
            "file": io.BytesIO(data),
            "image": image,
            "array": np.asarray(image.convert("RGB")),
            "photo": photodrag.open_photo(small_portrait),
        }
        again = photodrag.edit(forms[form], DRAGS, **given)
    np.testing.assert_array_equal(np.asarray(again.photo), np.asarray(done.photo))


@pytest.mark.parametrize("form", ["bool", "uint8", "image", "file"])
def test_a_mask_may_be_given_in_any_form(form, small_portrait, given, tmp_path):
    mask = np.zeros((384, 384), bool)
    mask[230:300, 100:300] = True
    white = mask.astype(np.uint8) * 255
    Image.fromarray(white).save(tmp_path / "mask.png")
    masks = {
        "bool": mask,
        "uint8": white,
        "image": Image.fromarray(white),
        "file": str(tmp_path / "mask.png"),
    }
    done = photodrag.edit(small_portrait, DRAGS, mask=masks[form], **given)
    np.testing.assert_array_equal(done.result.mask, mask)
    assert not (done.changed & ~mask).any()


def test_drags_may_be_given_in_any_form():
    wanted = ((150.0, 260.0), (140.0, 255.0))
    drags = [
        "150,260->140,255",
        wanted,
        np.array(wanted),
        {"handle": [150, 260], "target": [140, 255]},
    ]
    for drag in drags:
        (point,) = photodrag.EditRequest([drag]).points
        assert (point.handle, point.target) == wanted


def test_adjustments_may_be_a_mapping(small_portrait, given):
    done = photodrag.edit(small_portrait, adjust={"smile": 0.5}, **given)
    assert done.result.adjust == (("smile", 0.5),)


def test_progress_is_told_as_a_fraction(small_portrait, given):
    told = []
    photodrag.edit(small_portrait, DRAGS, progress=told.append, **given)
    assert told == sorted(told)
    assert 0 < told[0] < 1
    assert told[-1] == 1


@pytest.mark.parametrize(
    ("change", "error", "problem"),
    [
        ({"drags": "mouth_left->-5%,-4%"}, PointError, "give a list of drags"),
        ({"drags": [(1, 2, 3, 4)]}, PointError, "is not a pair of handle and target"),
        ({"adjust": "smile"}, PointError, r'\{"smile": 0.6\}'),
        ({"adjust": {"smirk": 1}}, PointError, "did you mean 'smile'"),
        ({"mask": np.zeros((384, 384))}, MaskError, "float64"),
        ({"mask": "mouht"}, MaskError, "did you mean 'mouth'"),
        ({"preset": "fast"}, SettingsError, "quick"),
        ({"image": 3}, PhotoError, "a int; give a path"),
        ({"image": io.StringIO("x")}, PhotoError, "binary mode"),
        ({"image": np.zeros((4, 4, 2), np.uint8)}, PhotoError, r"\(4, 4, 2\)"),
    ],
)
def test_what_cannot_be_used_is_refused_by_name(change, error, problem, small_portrait, given):
    with pytest.raises(error, match=problem):
        photodrag.edit(**{"image": small_portrait, "drags": DRAGS, **given, **change})


def test_presets_are_settings_by_name():
    assert choices.choose_settings("auto") == photodrag.EditSettings()
    assert choices.choose_settings("default") == photodrag.EditSettings(depth="set")
    assert choices.choose_settings("quick").tune.steps < photodrag.EditSettings().tune.steps
    assert choices.choose_settings("official").drag.method == "official"
    assert choices.choose_settings("official").guide.steps == 0


def test_caches_are_said_in_a_word(tmp_path):
    assert choices.choose_cache(None) is choices.choose_cache(False) is None
    assert choices.choose_cache(str(tmp_path)).folder == tmp_path
    assert choices.choose_cache(True, "me.jpg").label == "me.jpg"
