import json

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.drag_step import main, make_case
from benchmarks.reference_synthesis import ReferenceSynthesis

SMALL = ["--channel-base", "1024", "--channel-max", "16", "--rounds", "2", "--repeats", "1"]
KEYS = {
    "generator",
    "resolution",
    "points",
    "mask",
    "variant",
    "seconds",
    "seconds_least",
    "seconds_most",
    "repeats",
    "memory",
    "memory_process",
    "load",
}


@pytest.mark.slow
def test_it_prints_a_table_and_writes_json(tmp_path):
    path = tmp_path / "drag_step.json"
    args = ["--size", "32", "--size", "64", "--points", "2", "--mask", "both", "--json", str(path)]
    done = CliRunner().invoke(main, [*args, *SMALL, "--return-memory"])
    assert done.exit_code == 0, done.output
    assert "stylegan2-64" in done.output
    result = json.loads(path.read_text())
    assert result["benchmark"] == "drag_step"
    assert result["environment"]["kept_memory"] is False
    rows = result["rows"]
    assert [(row["resolution"], row["mask"], row["variant"]) for row in rows] == [
        (size, mask, variant)
        for size in (32, 64)
        for mask in (False, True)
        for variant in ("reference", "default", "official")
    ]
    for row in rows:
        assert row.keys() >= KEYS
        assert 0 < row["seconds_least"] <= row["seconds"] <= row["seconds_most"]
        assert row["repeats"] == 2
        if row["variant"] != "reference":
            assert row["ratio_least"] <= row["ratio_most"]


def test_json_can_go_to_the_standard_output():
    args = ["--size", "32", "--preset", "official", "--json", "-", "--return-memory"]
    done = CliRunner().invoke(main, [*args, *SMALL])
    assert done.exit_code == 0, done.output
    variants = [row["variant"] for row in json.loads(done.stdout)["rows"]]
    assert variants == ["reference", "official"]
    assert "official" in done.stderr


@pytest.mark.parametrize("count", [1, 4, 16, 68])
def test_points_and_targets_lie_in_the_image_and_in_the_mask(any_generator, count):
    case = make_case(any_generator, ReferenceSynthesis(any_generator), count, mask=True)
    size = any_generator.resolution
    assert len({point.handle for point in case.points}) == count
    for point in case.points:
        for place in (point.handle, point.target):
            column, row = (int(value) for value in np.round(place))
            assert 0 <= min(column, row) <= max(column, row) < size
            assert case.mask[row, column]


def test_a_drag_that_ends_begins_anew(any_generator):
    case = make_case(any_generator, ReferenceSynthesis(any_generator), 1, mask=False)
    step = case.stepper("default")
    indices = [step().index for _ in range(3)]
    assert indices[0] == 1
