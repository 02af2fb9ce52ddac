import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.plot import FIGURES, main

ENVIRONMENT = {
    "cores": 2,
    "processor": "Abacus",
    "threads": 2,
    "gpu": None,
    "python": "3.11",
    "versions": {"torch": "2.6"},
    "commit": None,
    "load": None,
}


@pytest.fixture
def results(tmp_path):
    drag = [
        {
            "generator": f"stylegan2-{size}",
            "resolution": size,
            "points": points,
            "mask": False,
            "variant": variant,
            "seconds": seconds * size,
            "memory": None if variant == "default" else 1000 * size,
        }
        for size, points in ((256, 1), (512, 1), (512, 4))
        for variant, seconds in (("reference", 0.01), ("default", 0.001))
    ]
    edits = [
        {"edit": edit, "megapixels": size, "seconds": size * factor}
        for size in (1, 12)
        for edit, factor in (("first edit", 2.0), ("second edit", 0.1))
    ]
    score = {"landmarks": 1.0, "lpips": 0.1, "identity": 0.2, "sharpness": 1.0}
    pairs = [
        {"system": system, "pairs": count, **score, "each": {str(i): score for i in range(count)}}
        for system, count in (("no edit", 3), ("photodrag", 3), ("tried on one", 1))
    ]
    points = [
        {"method": "ours", "points": count, "distance": 2.0, "distance_error": error}
        for count, error in ((5, 0.1), (1, None))
    ]
    points.append({"method": "other random faces", "points": None})
    paths = []
    for name, rows in (
        *(("drag_step", drag), ("end_to_end", edits)),
        *(("truth_pairs", pairs), ("paper_points", points)),
    ):
        path = tmp_path / f"{name}.json"
        values = {"benchmark": name, "format": 1, "environment": ENVIRONMENT, "rows": rows}
        path.write_text(json.dumps(values))
        paths.append(str(path))
    return paths


def test_every_picture_is_drawn(results, tmp_path):
    pytest.importorskip("matplotlib", reason="an extra: pip install 'photodrag[benchmarks]'")
    done = CliRunner().invoke(main, [*results, "--into", str(tmp_path / "images")])
    assert done.exit_code == 0, done.output
    made = {path.name: path for path in (tmp_path / "images").iterdir()}
    costs = {"drag-resolution.svg", "drag-points.svg", "photo-size.svg"}
    assert made.keys() == {*costs, "truth-pairs.svg", "paper-points.svg"}
    for path in made.values():
        assert "<svg" in path.read_text("utf-8")


@pytest.mark.parametrize("picture", ["truth-pairs", "paper-points"])
def test_a_picture_names_what_it_shows(results, tmp_path, monkeypatch, picture):
    """Systems that were tried on fewer pairs than others are left out."""
    figures = pytest.importorskip("matplotlib.figure")
    kept = []
    monkeypatch.setattr(figures.Figure, "savefig", lambda figure, *_, **__: kept.append(figure))
    read = [json.loads(Path(path).read_text("utf-8")) for path in results]
    assert FIGURES[picture](read, tmp_path / "picture.svg")
    axis = kept[0].axes[0]
    if picture == "truth-pairs":
        assert [label.get_text() for label in axis.get_yticklabels()] == ["photodrag", "no edit"]
        assert len(kept[0].axes) == 4
        assert sorted(len(line.get_xdata()) for line in axis.lines) == [2, 2, 3, 3]
    else:
        names = [text.get_text() for text in axis.get_legend().get_texts()]
        assert "DragGAN (published)" in names
        assert "ours" in names
        assert [label.get_text() for label in axis.get_xticklabels()] == ["1", "5", "68"]


def test_pictures_of_other_results_are_left_out(results, tmp_path):
    read = [json.loads(Path(results[0]).read_text("utf-8"))]
    assert not FIGURES["truth-pairs"](read, tmp_path / "picture.svg")
    assert not FIGURES["paper-points"](read, tmp_path / "picture.svg")


def test_a_picture_of_one_place_is_left_out(results, tmp_path):
    pytest.importorskip("matplotlib", reason="an extra: pip install 'photodrag[benchmarks]'")
    into = tmp_path / "images"
    done = CliRunner().invoke(main, [results[1], "--into", str(into), "--format", "png"])
    assert done.exit_code == 0, done.output
    assert [path.name for path in into.iterdir()] == ["photo-size.png"]


def test_without_matplotlib_it_says_what_to_install(results, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    done = CliRunner().invoke(main, [*results, "--into", str(tmp_path)])
    assert done.exit_code == 1
    assert "photodrag[benchmarks]" in done.output
