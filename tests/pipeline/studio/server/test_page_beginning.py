"""The real page while a photo's face is begun: it can be changed from the first moment."""

import json
import re

import pytest
from PIL import Image

from photodrag.alignment import LANDMARK_NAMES

LEFT = LANDMARK_NAMES["mouth_left"]


@pytest.fixture(scope="module")
def studio(serve, tiny_checkpoint):
    """One that takes its time, to be held while a test looks."""
    return serve("--checkpoint", tiny_checkpoint, "--pivot-steps", 60, "--tune-steps", 1)


@pytest.fixture(scope="module")
def pair(small_portrait, tmp_path_factory):
    """A photo of two faces; number 1 is the right one."""
    path = tmp_path_factory.mktemp("photos") / "pair.png"
    with Image.open(small_portrait) as image, Image.new("RGB", (700, 384), "grey") as both:
        both.paste(image.resize((300, 300)), (0, 42))
        both.paste(image, (310, 0))
        both.save(path)
    return path


def hold(tab):
    """Stop the clock while the face is begun."""
    tab.button("Pause").click()
    tab.status("Paused")


def test_what_is_set_while_the_face_is_begun_is_done_when_it_is_ready(studio, look, small_portrait):
    tab = look(studio)
    tab.open(small_portrait)
    hold(tab)
    assert tab.page.locator(".pd-face").count() == 0
    assert not tab.button("Edit this face").is_visible()
    tab.page.get_by_text("You can already drag on the face.").wait_for()
    assert tab.page.locator(".pd-landmark").count() == 68
    plain = tab.pixels()
    tab.tab("Mask")
    tab.button("Mouth").click()
    tab.until(f"document.querySelector('.pd-stage canvas').toDataURL() != {plain!r}", "the mask")
    tab.tab("Adjust")
    tab.page.get_by_role("slider", name=re.compile("^Smile")).press("End")
    tab.tab("Points")
    tab.drag(tab.landmark(LEFT), (-14, -10))
    tab.page.locator(".pd-target").wait_for()
    tab.page.get_by_text("Runs as soon as the face is ready").wait_for()
    tab.button("Continue").click()
    tab.status("Done")
    assert tab.page.locator(".pd-target").count() == 1
    tab.page.get_by_label("Save as").click()
    _, recipe = tab.download(lambda: tab.page.get_by_text("Recipe", exact=True).click())
    edit = json.loads(recipe)
    assert (edit["mask"], edit["adjust"]) == ("mouth", {"smile": 1.0})
    assert [drag.split("->")[0] for drag in edit["drag"]] == ["mouth_left"]


def test_run_is_remembered_and_undo_forgets_it(studio, look, small_portrait):
    tab = look(studio)
    tab.open(small_portrait)
    hold(tab)
    tab.page.get_by_text("Run when I let go").click()
    assert tab.button("Run").is_disabled()
    for _ in range(2):
        tab.drag(tab.landmark(LEFT), (-14, -10))
        tab.page.locator(".pd-target").wait_for()
        assert not tab.page.get_by_text("Runs as soon as").is_visible()
        tab.button("Run").click()
        tab.page.get_by_text("Runs as soon as the face is ready").wait_for()
        tab.button("Undo").click()
        tab.until("!document.querySelector('.pd-target')", "the point to go")
    tab.drag(tab.landmark(LEFT), (-14, -10))
    tab.button("Run").click()
    tab.page.get_by_text("Runs as soon as the face is ready").wait_for()
    tab.button("Continue").click()
    tab.status("Done")


def test_another_face_can_be_picked_meanwhile(studio, look, pair):
    tab = look(studio)
    tab.open(pair)
    hold(tab)
    first, second = (tab.page.locator(f".pd-face[data-face='{number}']") for number in (1, 2))
    assert first.get_attribute("aria-pressed") == "true"
    before = tab.landmark(LEFT)
    tab.drag(before, (-14, -10))  # through the box of the face that is begun
    tab.page.locator(".pd-target").wait_for()
    second.click()
    tab.until("document.querySelector('[data-face=\"2\"]').ariaPressed === 'true'", "the other")
    assert tab.page.locator(".pd-target").count() == 0
    assert tab.landmark(LEFT)[0] < before[0] - 100
    tab.button("Face 1").click()
    tab.until("document.querySelector('[data-face=\"1\"]').ariaPressed === 'true'", "the first")
    hold(tab)
    tab.button("Continue").click()
    tab.status("Drag from a place")
    assert tab.page.locator(".pd-face").count() == 0
    assert tab.button("Face 1").get_attribute("aria-pressed") == "true"
    tab.button("More").click()
    tab.page.get_by_text("Another face").click()
    tab.until(
        "[...document.querySelectorAll('.pd-chip')].find(one => one.innerText === 'Face 2')"
        ".ariaPressed === 'true'"
    )


def test_cancelling_leaves_the_choice(studio, look, small_portrait):
    tab = look(studio)
    tab.open(small_portrait)
    hold(tab)
    tab.button("Cancel").click()
    tab.status("Choose the face to begin.")
    assert tab.page.locator(".pd-landmark").count() == 0
    tab.button("Edit this face").wait_for()
    face = tab.page.locator(".pd-face")
    face.focus()
    tab.page.keyboard.press("Enter")
    hold(tab)
    tab.until("!document.querySelector('.pd-face')", "the box to go")
    tab.button("Continue").click()
    tab.status("Drag from a place")
