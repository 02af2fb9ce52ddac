"""Values of JSON: taken as what they should be, or refused with their place."""

from dataclasses import dataclass

import pytest

from photodrag.errors import ContentError
from photodrag.json_values import JsonValue, parse_json, read_json


@dataclass(frozen=True)
class Record:
    name: str
    count: int = 0
    part: float | None = None
    on: bool = False
    notes: tuple[str, ...] = ()


VALUE = JsonValue(
    {
        "text": "ä",
        "empty": "",
        "whole": 3,
        "half": 0.5,
        "huge": 10**400,
        "yes": True,
        "none": None,
        "edits": [{"points": [[1, 2.5], [3, 4]]}, {}],
    }
)


def test_values_come_back():
    assert VALUE["text"].text() == "ä"
    assert VALUE["whole"].whole() == 3
    assert (VALUE["whole"].number(), VALUE["half"].number()) == (3.0, 0.5)
    assert isinstance(VALUE["whole"].number(), float)
    assert VALUE["yes"].flag() is True
    assert VALUE.get("none").value is None is VALUE.get("other").value
    assert VALUE.get("other", []).items() == []
    first, _ = VALUE["edits"].items()
    assert first["points"].pairs() == ((1.0, 2.5), (3.0, 4.0))
    assert first["points"].of_type(tuple[tuple[int, float], ...]) == ((1, 2.5), (3, 4.0))
    assert list(first.members()) == ["points"]


@pytest.mark.parametrize(
    ("take", "seen"),
    [
        (lambda v: v["other"], "^other is missing$"),
        (lambda v: v["edits"].items()[1]["points"], r"^edits\[1\]\.points is missing$"),
        (lambda v: v["text"]["a"], "text is 'ä'; it must be an object"),
        (lambda v: v["empty"].text("a name"), "empty is ''; it must be a name"),
        (lambda v: v["whole"].text(), "whole is 3; it must be a text"),
        (lambda v: v["half"].whole(), "half is 0.5; it must be a whole number"),
        (lambda v: v["yes"].whole(), "yes is True; it must be a whole number"),
        (lambda v: v["yes"].number(), "yes is True; it must be a finite number"),
        (lambda v: v["huge"].number(), "huge is 1000.*; it must be a finite number"),
        (lambda v: v["whole"].flag(), "whole is 3; it must be true or false"),
        (lambda v: v["text"].items("a list of edits"), "text is 'ä'; it must be a list of edits"),
        (lambda v: v["edits"].items(count=3), "it must be a list of 3$"),
        (lambda v: v["edits"].pairs(), r"edits\[0\] is .*; it must be two finite numbers, x and y"),
        (lambda v: v["half"].of_type(int | None), "half is 0.5"),
        (lambda v: v.only(["txet"]), "^it has no 'text'; did you mean 'txet'"),
        (lambda v: v["edits"].items()[0].only(["a", "b"]), r"edits\[0\] has no 'points'; known"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(take, seen):
    with pytest.raises(ContentError, match=seen):
        take(VALUE)


@pytest.mark.parametrize("place", [[1], [1, 2, 3], "12", [1, "2"], [1, True], [1, float("nan")]])
def test_only_two_numbers_are_a_pair(place):
    with pytest.raises(ContentError, match="two finite numbers"):
        JsonValue(place).pair()


def test_a_record_comes_back():
    values = {"name": "", "part": 1, "notes": ["a", "b"]}
    assert JsonValue(values).record(Record) == Record("", part=1.0, notes=("a", "b"))
    assert JsonValue({"name": "x", "part": None}).record(Record) == Record("x")


@pytest.mark.parametrize(
    ("values", "seen"),
    [
        ({}, r"^it\.name is missing"),
        ({"name": "x", "cuont": 1}, "it has no 'cuont'; did you mean 'count'"),
        ({"name": None}, r"it\.name is None; it must be a text"),
        ({"name": "x", "part": "1"}, r"it\.part is '1'; it must be a finite number"),
        ({"name": "x", "notes": "ab"}, r"it\.notes is 'ab'; it must be a list"),
        ({"name": "x", "notes": [1]}, r"it\.notes\[0\] is 1; it must be a text"),
        ([], r"it is \[\]; it must be an object"),
    ],
)
def test_what_is_no_record_is_refused(values, seen):
    with pytest.raises(ContentError, match=seen):
        JsonValue(values, "it").record(Record)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(content, tmp_path):
    with pytest.raises(ContentError, match=r"^not JSON \("):
        parse_json(content)
    (tmp_path / "a.json").write_bytes(content)
    with pytest.raises(ContentError, match=r"not a JSON file \(.*\); write a recipe"):
        read_json(tmp_path / "a.json", "a recipe")


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(ContentError, match="cannot be read"):
            read_json(path, "a recipe")
