import json
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation import inversion_quality, inversion_settings
from evaluation.inversion_quality import Judge
from evaluation.inversion_settings import SETTINGS, main, tabulate
from photodrag.alignment import Photo, find_faces
from photodrag.checkpoints import load_generator
from photodrag.inversion import Inversion, Losses, load_perceptual
from photodrag.pipeline import InversionCache, InvertRun
from photodrag.pipeline.settings import DEFAULTS

SHORT = ["--pivot-steps", "2", "--tune-steps", "1"]


@pytest.fixture(autouse=True)
def few_drag_steps(monkeypatch):
    """Every setting with a short drag."""
    short = {
        name: replace(settings, drag=replace(settings.drag, max_steps=2))
        for name, settings in SETTINGS.items()
    }
    monkeypatch.setattr(inversion_settings, "SETTINGS", short)


@pytest.fixture(autouse=True)
def no_painted_face(monkeypatch, small_portrait):
    """A random generator paints no face; dlib need not look for one, which takes it long."""
    size = Photo(pixels=np.asarray(Image.open(small_portrait))).size

    def find(photo):
        return find_faces(photo) if photo.size == size else ()

    monkeypatch.setattr(inversion_quality, "find_faces", find)


def run(small_portrait, tiny_checkpoint, path, *names, options=()):
    args = [str(small_portrait), "--checkpoint", str(tiny_checkpoint), "--json", str(path), *SHORT]
    args += options
    for name in names:
        args += ["--setting", name]
    done = CliRunner().invoke(main, args)
    assert done.exit_code == 0, done.output
    return done, json.loads(path.read_text())


class _QuickJudge:
    """Numbers without a drag."""

    def __init__(self, *_):
        pass

    def nearness(self, inversion):
        return dict.fromkeys(inversion_settings._NUMBERS, inversion.losses.pixel)

    def editability(self, *_):
        return {}, None


def test_a_stopped_run_goes_on(small_portrait, tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(inversion_settings, "Judge", _QuickJudge)
    path = tmp_path / "settings.json"
    _, first = run(small_portrait, tiny_checkpoint, path, "default")
    done, both = run(small_portrait, tiny_checkpoint, path, "default", "no tuning")
    assert "no tuning: done" in done.output
    assert "default: done" not in done.output
    assert both["rows"][0] == first["rows"][0]
    assert [row["setting"] for row in both["rows"]] == ["default", "no tuning"]
    assert [row["settings"]["tune"]["steps"] for row in both["rows"]] == [1, 0]
    # Other settings of the same name are measured anew, and replace the row.
    other = replace(SETTINGS["no tuning"], loss=replace(DEFAULTS.loss, background=0.5))
    monkeypatch.setitem(
        inversion_settings.SETTINGS,
        "no tuning",
        replace(other, drag=replace(other.drag, max_steps=2)),
    )
    _, again = run(small_portrait, tiny_checkpoint, path, "default", "no tuning")
    assert again["rows"][0] == first["rows"][0]
    assert again["rows"][1]["settings"]["loss"]["background"] == 0.5
    assert len(again["rows"]) == 2


def test_the_users_cache_is_used_and_filled(small_portrait, tiny_checkpoint, tmp_path, monkeypatch):
    cache = InversionCache(tmp_path / "cache")
    monkeypatch.setattr(inversion_settings, "Judge", _QuickJudge)
    monkeypatch.setattr(inversion_settings, "users_cache", lambda: cache)
    rows = []
    for name, options in (("none", ()), ("first", ["--cached"]), ("second", ["--cached"])):
        _, result = run(
            small_portrait, tiny_checkpoint, tmp_path / name, "default", options=options
        )
        rows += result["rows"]
        assert len(cache.entries()) == len(options)
    made, kept, again = rows
    assert made["seconds"] > 0
    assert kept["seconds"] > 0
    assert again["seconds"] is None
    assert again["l2_full"] == kept["l2_full"]


def test_a_face_that_is_not_found_has_no_numbers(small_portrait, tiny_checkpoint, tmp_path):
    done, result = run(small_portrait, tiny_checkpoint, tmp_path / "settings.json", "no tuning")
    (row,) = result["rows"]
    assert row["identity"] is row["landmarks"] is row["drag_error"] is row["drag_identity"] is None
    assert row["photo_error"] >= 0
    assert row["photo_identity"] >= 0
    assert row["l2_full"] > 0
    assert row["sharpness"] > 0
    assert "no face" in done.output


@pytest.fixture(scope="module")
def inverted(small_portrait, tiny_checkpoint):
    generator = load_generator(str(tiny_checkpoint))
    settings = replace(
        DEFAULTS,
        checkpoint=str(tiny_checkpoint),
        tune=replace(DEFAULTS.tune, steps=0),
        drag=replace(DEFAULTS.drag, max_steps=2),
    )
    crop = InvertRun(small_portrait, settings, generator=generator).crop
    judge = Judge(small_portrait, crop, generator, load_perceptual("st-alex"))
    latent = generator.mean_latent()
    return judge, Inversion(latent, generator, Losses(0.0, 0.0), tuned=False), settings


def test_landmarks_are_measured_in_percent_of_the_eye_distance(inverted, monkeypatch):
    judge, inversion, settings = inverted
    left, right = (judge.landmarks[a:b].mean(axis=0) for a, b in ((36, 42), (42, 48)))
    aside = np.array([0.1 * np.hypot(*(right - left)), 0.0])
    monkeypatch.setattr(judge, "_find", lambda painted: judge.landmarks + aside)
    assert judge.nearness(inversion)["landmarks"] == pytest.approx(10.0)
    # The face that is found lies beside the photo's, and does not move with the drag.
    numbers, _ = judge.editability(inversion, settings, percent=5.0)
    assert numbers["drag_own_error"] == pytest.approx(5.0, rel=1e-3)
    way = np.array([[10 + 4, 3], [10 - 4, 3]])  # drags of 5 %: 4 out and 3 up
    assert numbers["drag_error"] == pytest.approx(np.hypot(*way.T).mean(), rel=1e-2)
    assert numbers["drag_identity"] is not None


def test_a_picture_of_the_photo_itself_is_near_and_sharp(inverted):
    judge, _, _ = inverted
    same = judge._distances(judge.target.full)
    assert all(value == pytest.approx(0.0, abs=1e-6) for value in same.values())
    assert judge._sharpness(judge.pixels) > 0


def test_the_table_has_medians_in_the_order_of_the_settings():
    numbers = dict.fromkeys(inversion_settings._NUMBERS, 0.5)
    rows = [
        {"photo": f"photo {i}", "setting": setting, **numbers, "core_seconds": seconds * i}
        for setting, seconds in (("W+", 100.0), ("default", 10.0))
        for i in (1, 2, 9)
    ]
    rows[0]["identity"] = None
    table = tabulate(rows)
    default, plus = table.cells
    assert default[:3] == ("default", "3", "20 s")
    assert plus[:3] == ("W+", "3", "200 s")
    assert plus[5] == "0.500"
