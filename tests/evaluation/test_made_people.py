"""Pairs cut out of sheets of expressions: a sheet of grey pictures in white frames."""

import io
import zipfile

import click
import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from evaluation import made_people
from photodrag.alignment import Face

GREY, SIDE, FRAME = 90, 120, 3
CORNERS = [(20, 30), (170, 32), (20, 190), (170, 188)]  # left, top of the pictures in the frames


def face_at(x, y, index=1):
    box = (x + 40, y + 40, x + 80, y + 80)
    return Face(index, box, np.random.default_rng(0).uniform(box[0], box[2], (68, 2)), 1.0)


@pytest.fixture
def sheet():
    """Every picture has its number as red, and a white shirt at its bottom."""
    pixels = np.full((340, 320, 3), 60, np.uint8)
    for number, (x, y) in enumerate(CORNERS):
        pixels[y - FRAME : y + SIDE + FRAME, x - FRAME : x + SIDE + FRAME] = 255
        pixels[y : y + SIDE, x : x + SIDE] = (number, GREY, GREY)
        pixels[y + 100 : y + SIDE, x + 30 : x + 90] = 250
    return pixels


def test_faces_are_read_as_a_page_is():
    faces = [face_at(x, y) for x, y in CORNERS]
    mixed = [faces[number] for number in (3, 1, 0, 2)]
    assert made_people.in_reading_order(mixed) == faces


@pytest.mark.parametrize("number", range(4))
def test_a_picture_ends_within_its_frame(sheet, number):
    picture = made_people.picture_of(face_at(*CORNERS[number]), sheet)
    inside = SIDE - 2 * FRAME - 4
    assert inside <= picture.shape[0] <= SIDE
    assert inside <= picture.shape[1] <= SIDE
    assert set(np.unique(picture[..., 0])) == {number, 250}


def test_without_a_frame_a_picture_reaches_to_the_sheets_edge():
    picture = made_people.picture_of(face_at(0, 0), np.zeros((130, 130, 3), np.uint8))
    assert min(picture.shape[:2]) > 100


@pytest.fixture
def package(tmp_path, sheet):
    """Two people's sheets, and files that are none."""
    coded = io.BytesIO()
    Image.fromarray(sheet).save(coded, "jpeg", quality=95)
    place = tmp_path / "people.whl"
    with zipfile.ZipFile(place, "w") as wheel:
        for person in ("P002", "P001"):
            wheel.writestr(f"some/data/{person}/assets/emotions_sheet.jpg", coded.getvalue())
        wheel.writestr("some/data/P001/assets/studio_portrait.jpg", b"")
        wheel.writestr("some/io.py", "raise SystemExit")
    return place


def find(monkeypatch, faces):
    monkeypatch.setattr(made_people, "find_faces", lambda photo: faces)


@pytest.mark.parametrize(("second", "red"), [(2, 1), (4, 3)])
def test_pairs_are_written(monkeypatch, package, tmp_path, second, red):
    find(monkeypatch, [face_at(x, y) for x, y in CORNERS])
    made = tmp_path / "pairs"
    arguments = [str(package), str(made), "--second", str(second)]
    result = CliRunner().invoke(made_people.main, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    names = {f"{person}_{what}.png" for person in ("P001", "P002") for what in made_people.NAMES}
    assert {path.name for path in made.iterdir()} == names
    shown = [np.asarray(Image.open(made / f"P001_{what}.png")) for what in made_people.NAMES]
    assert [round(float(np.median(picture[..., 0]))) for picture in shown] == pytest.approx(
        [0, red], abs=2
    )


def test_a_sheet_without_such_a_face_is_refused(monkeypatch, package, tmp_path):
    find(monkeypatch, [face_at(*CORNERS[0])])
    with pytest.raises(click.ClickException, match="P001: 1 face"):
        made_people.main([str(package), str(tmp_path / "pairs")], standalone_mode=False)


def test_a_package_without_sheets_is_refused(tmp_path):
    place = tmp_path / "other.whl"
    with zipfile.ZipFile(place, "w") as wheel:
        wheel.writestr("other/io.py", "")
    with pytest.raises(click.ClickException, match=r"other\.whl"):
        made_people.main([str(place), str(tmp_path / "pairs")], standalone_mode=False)
