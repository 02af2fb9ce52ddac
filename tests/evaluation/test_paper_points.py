import json

import click
import numpy as np
import pytest
from click.testing import CliRunner

from evaluation import faces
from evaluation.faces import (
    LANDMARK_SETS,
    GeneratedFace,
    drag_points,
    mean_distance,
    random_faces,
    see_again,
)
from evaluation.paper_points import choose_landmarks, main, tabulate
from photodrag.alignment import Face
from photodrag.checkpoints import load_generator

SHORT = ["--setting", "max_steps=2", "--pairs", "2", "--seed", "3"]


@pytest.fixture
def seen(monkeypatch):
    """A face in every image, elsewhere each time: random generators paint none."""
    draw = np.random.default_rng(0)

    def find(photo):
        landmarks = draw.uniform(0.2, 0.8, (68, 2)) * photo.size[0]
        return (Face(1, (0.0, 0.0, 10.0, 10.0), landmarks, 1.0),)

    monkeypatch.setattr(faces, "find_faces", find)


def run(*arguments):
    done = CliRunner().invoke(main, [*SHORT, *map(str, arguments)])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.usefixtures("seen")
def test_it_writes_rows_and_sheets(tiny_checkpoint, tmp_path):
    path, sheets = tmp_path / "paper_points.json", tmp_path / "sheets"
    output = run("--checkpoint", tiny_checkpoint, "--json", path, "--sheets", sheets)
    assert "DragGAN" in output
    result = json.loads(path.read_text())
    assert result["benchmark"] == "paper_points"
    rows = {(row["method"], row["points"]): row for row in result["rows"]}
    variant = "photodrag, default, max_steps=2"
    for count in (1, 5, 68):
        row = rows[variant, count]
        assert row["distance"] == pytest.approx(np.mean(row["distances"]), abs=1e-3)
        assert row["distance_error"] > 0
        assert row["steps"] == 2
        assert row["face_not_found"] == 0
        assert row["frechet_st_alex"] > 0
        assert rows["no edit", count]["distance"] > 0
    assert [path.name for path in sheets.iterdir()] == ["pair-01.jpg"]


@pytest.mark.usefixtures("seen")
def test_it_ends_with_the_pairs_done_when_the_time_is_up(tiny_checkpoint, tmp_path):
    path = tmp_path / "paper_points.json"
    run("--checkpoint", tiny_checkpoint, "--points", 1, "--minutes", 0, "--json", path)
    row = json.loads(path.read_text())["rows"][-1]
    assert len(row["distances"]) == 1
    assert row["distance_error"] is None
    assert row["frechet_st_alex"] is None


@pytest.mark.usefixtures("seen")
def test_a_seed_gives_the_same_faces(tiny_checkpoint):
    generator = load_generator(str(tiny_checkpoint))
    first, again, other = (
        next(random_faces(generator, seed)).latent.w.numpy() for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 0


def test_a_generator_of_no_faces_is_refused(tiny_checkpoint, monkeypatch):
    monkeypatch.setattr(faces, "find_faces", lambda photo: ())
    with pytest.raises(click.ClickException, match="generator of faces"):
        next(random_faces(load_generator(str(tiny_checkpoint)), 0))


def test_points_are_dragged_to_the_same_landmarks_of_the_other(tiny_checkpoint):
    generator = load_generator(str(tiny_checkpoint))  # of 256 px
    handles, targets = np.full((68, 2), 4.5), np.full((68, 2), 8.5)
    targets[30] = (-3.0, 900.0)
    nose, chin = drag_points(handles, targets, (30, 8), generator)
    assert nose.handle == (2.0, 2.0)
    assert nose.target == (0.0, 255.0)  # kept in the image
    assert chin.target == (4.0, 4.0)


def test_distances_are_the_mean_of_the_chosen_landmarks():
    a, b = np.zeros((68, 2)), np.zeros((68, 2))
    b[30] = (3.0, 4.0)
    assert mean_distance(a, b, (30, 8)) == pytest.approx(2.5)


@pytest.mark.usefixtures("seen")
def test_landmarks_are_in_pixels_of_512(tiny_checkpoint, monkeypatch):
    generator = load_generator(str(tiny_checkpoint))
    positions = np.full((68, 2), 127.5)
    found = (Face(1, (0.0, 0.0, 255.0, 255.0), positions, 1.0),)
    monkeypatch.setattr(faces, "find_faces", lambda photo: found)
    face = next(random_faces(generator, 0))
    assert face.pixels.shape == (256, 256, 3)
    assert (face.landmarks == 255.5).all()
    assert (see_again(face.pixels, face).landmarks == 255.5).all()


def test_a_lost_face_is_looked_for_where_it_should_be(monkeypatch):
    monkeypatch.setattr(faces, "find_faces", lambda photo: ())
    boxes = []

    def predict(pixels, box):
        boxes.append(box)
        return np.full((68, 2), 63.5)

    monkeypatch.setattr(faces, "landmarks_in", predict)
    expected = GeneratedFace(None, None, (-0.5, -0.5, 511.5, 255.5), np.zeros((68, 2)))
    seen = see_again(np.zeros((128, 128, 3), np.uint8), expected)
    assert boxes == [(-0.5, -0.5, 127.5, 63.5)]
    assert not seen.found
    assert (seen.landmarks == 255.5).all()


def test_landmarks_can_be_chosen():
    assert choose_landmarks((), 8) == {**LANDMARK_SETS, 1: (8,)}
    assert choose_landmarks((5,), 30) == {5: LANDMARK_SETS[5]}
    for counts, single in (((2,), 30), ((), 68)):
        with pytest.raises(click.BadParameter):
            choose_landmarks(counts, single)


def test_published_rows_and_ours_share_a_line_for_each_method():
    rows = [
        {
            "method": "photodrag, default",
            "faces": "few",
            "points": count,
            "distance": 2.0,
            "distance_error": 0.25,
            "seconds": float(count),
            "processor_seconds": 0.5,
            "frechet_st_alex": 0.5,
        }
        for count in (1, 5)
    ]
    table = tabulate(rows)
    lines = {cells[0]: cells for cells in table.cells}
    assert table.titles[2:5] == ("1 point", "5 points", "seconds")
    assert lines["DragGAN (published)"][2:7] == ("2.44", "3.18", "2 s", "", "9.28")
    assert lines["photodrag, default"][2:] == (
        "2.00 ± 0.25",
        "2.00 ± 0.25",
        "1 s / 5 s",
        "500 ms",
        "",
        "0.5000",
    )


@pytest.mark.weights
@pytest.mark.slow
def test_the_default_generator_brings_landmarks_nearer(tmp_path):
    path = tmp_path / "paper_points.json"
    arguments = ["--pairs", "1", "--points", "5", "--seed", "100", "--json", str(path)]
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0, done.output
    rows = json.loads(path.read_text())["rows"]
    before, after = (
        next(row["distance"] for row in rows if row["method"] == method)
        for method in ("no edit", "photodrag, default")
    )
    assert after < before / 2
