import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation.finders import KINDS, main, measure, portraits
from photodrag.alignment import find_faces, open_photo


@pytest.fixture(scope="module")
def folder(small_portrait, tmp_path_factory):
    """One portrait, and a picture without a face."""
    path = tmp_path_factory.mktemp("portraits")
    shutil.copy(small_portrait, path / "one.jpg")
    Image.new("RGB", (90, 80)).save(path / "none.jpg")
    return path


@pytest.fixture(scope="module")
def portrait(folder):
    (found,) = portraits(folder)
    return found


def test_portraits_come_at_one_size(portrait, small_portrait):
    assert max(portrait.picture.shape) == 900
    photo = open_photo(small_portrait)
    (face,) = find_faces(photo)
    expected = (face.landmarks + 0.5) * 900 / photo.width - 0.5
    assert portrait.landmarks == pytest.approx(expected)


@pytest.mark.parametrize("kind", KINDS)
def test_copies_differ_and_know_where_the_face_is(portrait, kind):
    before = portrait.picture.copy()
    made = KINDS[kind](portrait)
    assert made.picture.dtype == np.uint8
    assert (portrait.picture == before).all()
    if kind.startswith("none"):
        assert not made.landmarks.any()
        return
    assert kind == "plain" or not np.array_equal(made.picture, before)
    if kind != "eyes 9 px apart":  # so few pixels move the landmarks
        row = measure(kind, [made])
        assert (row.asked, row.found, row.false) == (1, 1, 0)
    else:
        assert made.eye_distance == pytest.approx(9)


def test_a_face_elsewhere_is_a_false_one(portrait):
    lost = portrait._replace(landmarks=portrait.landmarks + 200)
    row = measure("plain", [lost])
    assert (row.found, row.false, len(row.seconds)) == (0, 1, 1)


def test_the_table_has_a_row_for_each_kind(monkeypatch, folder):
    few = {"plain": KINDS["plain"], "squeezed": KINDS["squeezed to 55 %"]}
    monkeypatch.setattr("evaluation.finders.KINDS", few)
    done = CliRunner().invoke(main, [str(folder)], catch_exceptions=False)
    assert "none.jpg has 0 faces: left out" in done.stderr
    rows = done.stdout.splitlines()
    assert [row.split("|")[1:3] for row in rows[2:]] == [
        [" plain ", " 1 of 1 "],
        [" squeezed ", " 1 of 1 "],
    ]
