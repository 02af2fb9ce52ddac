import json
import math
from pathlib import Path

import pytest

from photodrag.errors import OutputError
from photodrag.pipeline.results.report import make_report, write_report


def test_report_says_what_was_done(result, tiny_checkpoint, tmp_path):
    write_report(tmp_path / "report.json", make_report(result, Path("out.png")))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["output"] == "out.png"
    assert (report["photo"]["width"], report["photo"]["height"]) == (384, 384)
    assert report["photo"]["changed_pixels"] == result.changed.sum()
    assert report["photo"]["marked"] is True
    assert report["face"]["number"] == 1
    assert len(report["face"]["box"]) == 4
    assert len(report["face"]["landmarks"]) == 68
    assert report["losses"].keys() == {"pixel", "perceptual"}
    assert report["checkpoint"]["name"] == str(tiny_checkpoint)
    assert report["checkpoint"]["resolution"] == 256
    assert report["device"] == "cpu"
    assert report["seed"] == 0
    assert report["settings"]["drag"]["max_steps"] == 2
    assert {"photodrag", "torch", "numpy", "python"} <= report["versions"].keys()
    assert report["seconds"]["total"] == pytest.approx(sum(result.seconds.values()), abs=0.01)


def test_report_measures_every_point(result):
    report = make_report(result)
    assert report["output"] is None
    assert len(report["points"]) == 2
    for point, drag, reached in zip(report["points"], result.points, result.reached, strict=True):
        assert point["handle"] == pytest.approx(drag.handle, abs=1e-3)
        assert point["target"] == pytest.approx(drag.target, abs=1e-3)
        assert point["reached"] == pytest.approx(reached, abs=1e-3)
        left = math.dist(reached, drag.target)
        assert point["remaining"] == pytest.approx(left, abs=1e-3)
        percent = 100 * left / result.crop.face.eye_distance
        assert point["remaining_percent_of_eye_distance"] == pytest.approx(percent, abs=1e-3)


def test_report_tells_of_a_mark_that_is_left_out(result):
    assert make_report(result, mark=False)["photo"]["marked"] is False


def test_missing_folder_is_refused(tmp_path):
    with pytest.raises(OutputError):
        write_report(tmp_path / "none" / "a.json", {})
    assert list(tmp_path.iterdir()) == []
