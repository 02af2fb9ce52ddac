"""What the page says."""

from types import SimpleNamespace

import pytest

from photodrag.pipeline import ADJUSTMENTS, MASKS
from photodrag.pipeline.studio.page.draft import Draft, DraftPoint
from photodrag.pipeline.studio.page.texts import (
    change_words,
    label_words,
    privacy_words,
    rest_words,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("mouth_left->-15.2345%,-13.01%", "mouth left → 15.2% left, 13.0% up"),
        ("chin->+0.0%,+8.5%, smile=0.5", "chin → 0.0% right, 8.5% down, smile=0.5"),
        ("10,20->30,40", "10,20 → 30,40"),
    ],
)
def test_a_change_is_told_by_sides(text, words):
    assert change_words(text) == words


@pytest.mark.parametrize(
    ("arrived", "mask", "words"),
    [
        (True, True, "Done."),
        (False, False, "Done, but not all the way."),
        (False, True, "Done, but not all the way. The mask may be too small."),
    ],
)
def test_an_adjustment_that_fell_short_is_told(arrived, mask, words):
    edit = SimpleNamespace(points=(), arrived=arrived, mask=mask)
    state = SimpleNamespace(photo=1, faces=(1,), face=1, edits=(edit,), position=1)
    draft = Draft((DraftPoint(1, (1.0, 2.0), (3.0, 4.0)),), {"yaw": 4.0})
    controller = SimpleNamespace(workspace=SimpleNamespace(state=state), draft=draft, is_done=True)
    assert rest_words(controller) == words


def test_only_a_page_on_this_machine_says_that_nothing_is_sent():
    assert "nothing is sent" in privacy_words("127.0.0.1")
    assert "not encrypted" in privacy_words("192.168.1.7")


def test_every_name_has_a_label_of_its_own_that_a_person_can_read():
    labels = {name: label_words(name) for name in (*ADJUSTMENTS, *MASKS)}
    assert len(set(labels.values())) == len(labels)
    assert labels["gaze_x"] == "Gaze sideways"
    assert labels["mouth_open"] == "Mouth open"
    assert all(text[0].isupper() and "_" not in text for text in labels.values())
