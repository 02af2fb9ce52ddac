import json

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation.images import compare_images
from evaluation.paper_paired import main, make_pair
from photodrag.checkpoints import load_generator
from photodrag.inversion import load_perceptual

SHORT = ["--setting", "max_steps=2", "--preset", "default", "--pairs", "2", "--points", "5"]


def test_it_writes_rows_beside_the_published_ones(tiny_checkpoint, tmp_path):
    path = tmp_path / "paper_paired.json"
    arguments = [*SHORT, "--checkpoint", str(tiny_checkpoint), "--json", str(path)]
    done = CliRunner().invoke(main, [*arguments, "--sheets", str(tmp_path / "sheets")])
    assert done.exit_code == 0, done.output
    assert "DragGAN (published)" in done.output
    result = json.loads(path.read_text())
    assert result["environment"]["strength"] == 0.3
    no_edit, ours = result["rows"]
    assert (no_edit["method"], ours["method"]) == (
        "no edit",
        "photodrag, default, max_steps=2",
    )
    for row in result["rows"]:
        assert row["mse"] > 0
        assert row["lpips"] > 0
        assert row["network"] == "st-alex"
    assert "seconds" not in no_edit
    assert (tmp_path / "sheets" / "paired-01.jpg").is_file()


def test_only_the_rows_that_shape_the_face_are_perturbed(tiny_checkpoint):
    generator = load_generator(str(tiny_checkpoint))
    pair = make_pair(generator, 7, 0.7, 0.5, 4)
    again = make_pair(generator, 7, 0.7, 0.5, 4)
    assert pair.points == again.points
    np.testing.assert_array_equal(pair.wanted, again.wanted)
    assert (pair.before != pair.wanted).any()
    assert len(pair.points) <= 4


def test_nothing_perturbed_is_nothing_to_drag(tiny_checkpoint):
    pair = make_pair(load_generator(str(tiny_checkpoint)), 7, 0.7, 0.0, 4)
    np.testing.assert_array_equal(pair.before, pair.wanted)


def test_images_are_compared_in_one_range():
    black, white = (np.full((64, 64, 3), value, np.uint8) for value in (0, 255))
    distance = load_perceptual("st-alex")
    apart = compare_images(black, white, distance)
    assert apart["mse"] == pytest.approx(4)
    assert compare_images(white, white, distance) == {"mse": 0, "lpips": 0}
