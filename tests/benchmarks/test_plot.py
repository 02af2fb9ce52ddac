import json
import sys

import pytest
from click.testing import CliRunner

from plot import main

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
    paths = []
    for name, rows in (("drag_step", drag), ("end_to_end", edits)):
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
    assert made.keys() == {"drag-resolution.svg", "drag-points.svg", "photo-size.svg"}
    for path in made.values():
        assert "<svg" in path.read_text("utf-8")


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
