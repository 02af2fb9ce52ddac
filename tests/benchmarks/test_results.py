import json

import click
import pytest
from click.testing import CliRunner

from benchmarks.drag_step import main as drag_step
from benchmarks.results import (
    bytes_text,
    make_result,
    ratio_text,
    read_result,
    seconds_text,
    spread_text,
)
from scripts.fill_docs import as_markdown, fill, page_of
from scripts.fill_docs import main as fill_docs

ENVIRONMENT = {
    "cores": 2,
    "processor": "Abacus",
    "threads": 2,
    "gpu": None,
    "python": "3.11",
    "versions": {"torch": "2.6", "photodrag": None},
    "commit": "abc1234",
    "load": 0.5,
}
ROW = {
    "generator": "stylegan2-1024",
    "resolution": 1024,
    "points": 1,
    "mask": False,
    "variant": "official",
    "seconds": 0.25,
    "seconds_least": 0.2,
    "seconds_most": 0.3,
    "repeats": 3,
    "ratio": 31.26,
    "memory": 2_000_000,
    "memory_process": None,
    "load": 0.5,
}


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "not measured"),
        (0.01234, "12.3 ms"),
        (0.9999, "1 s"),
        (12.345, "12.3 s"),
        (2943.4, "2943 s"),
    ],
)
def test_seconds_are_short(seconds, text):
    assert seconds_text(seconds) == text


def test_other_texts():
    assert spread_text(ROW) == "250 ms (200 ms to 300 ms)"
    assert spread_text({**ROW, "repeats": 1}) == "250 ms"
    assert bytes_text(1_234_567) == "1 MB"
    assert bytes_text(None) == "not measured"
    assert ratio_text(31.26) == "31.3x"
    assert ratio_text(None) == ""


def test_a_place_that_cannot_be_written_is_refused_before_the_work(tmp_path):
    place = str(tmp_path / "missing" / "result.json")
    done = CliRunner().invoke(drag_step, ["--json", place])
    assert done.exit_code == 2
    assert "cannot be written" in done.output


def test_a_page_gets_its_table(tmp_path):
    result = tmp_path / "drag_step.json"
    result.write_text(json.dumps(make_result("drag_step", ENVIRONMENT, [ROW])))
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- table: drag_step -->\nold\n<!-- end -->\nafter\n")
    for _ in range(2):  # filling it again changes nothing
        done = CliRunner().invoke(fill_docs, [str(result), "--page", str(page)])
        assert done.exit_code == 0, done.output
        text = page.read_text()
        assert text.startswith("before\n<!-- table: drag_step -->\n| generator |")
        assert text.endswith("<!-- end -->\nafter\n")
        assert "old" not in text
        assert "| 31.3x |" in text
        assert "2 cores of Abacus, threads: 2, Python 3.11, torch 2.6, commit abc1234" in text


def test_what_was_skipped_stands_below_the_table():
    environment = {**ENVIRONMENT, "skipped": {"FID": "no weights"}}
    text = as_markdown(make_result("drag_step", environment, [ROW]))
    assert text.endswith("load 0.5 at the start.\nFID: skipped, no weights.")


def test_a_page_without_the_mark_is_refused():
    with pytest.raises(click.ClickException, match=r"no place for drag_step\.json"):
        fill("text", "drag_step", "| a |")


def test_a_result_goes_to_the_page_with_its_mark(tmp_path):
    (tmp_path / "a.md").write_text("<!-- table: drag_points -->\n<!-- end -->\n")
    (tmp_path / "b.md").write_text("<!-- table: drag_step -->\n<!-- end -->\n")
    assert page_of("drag_step", tmp_path).name == "b.md"
    with pytest.raises(click.ClickException, match=r"no page .* has a place for other\.json"):
        page_of("other", tmp_path)


def test_a_file_that_is_no_result_is_refused(tmp_path):
    path = tmp_path / "other.json"
    path.write_text("[]")
    with path.open() as file, pytest.raises(click.ClickException, match=r"other\.json"):
        read_result(file)
