"""The real page in a real browser, with a tiny generator behind it."""

import json
import re
import subprocess
import sys
import urllib.error
import urllib.request

import numpy as np
import pytest
from PIL import Image

from photodrag.alignment import LANDMARK_NAMES

LEFT, RIGHT = LANDMARK_NAMES["mouth_left"], LANDMARK_NAMES["mouth_right"]


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"), int)


def drag_the_mouth(tab):
    """Two points, and a run of both."""
    tab.page.get_by_text("Run when I let go").click()
    for landmark, across in ((LEFT, -14), (RIGHT, 14)):
        tab.drag(tab.landmark(landmark), (across, -10))
    assert tab.page.locator(".pd-handle").count() == 2
    tab.button("Run").click()
    tab.status("Done")


@pytest.mark.parametrize(
    "generator",
    ["tiny", pytest.param("default", marks=[pytest.mark.weights, pytest.mark.slow])],
)
def test_from_a_photo_to_the_command_lines_pixels(
    generator, serve, studio, look, small_portrait, environment, tmp_path
):
    if generator == "default":
        studio = serve("--inversion", "quick", "--pivot-steps", 1, "--tune-steps", 1)
    tab = look(studio)
    assert tab.page.url == studio.origin + "/"
    tab.open_face(small_portrait)
    before = tab.pixels()
    drag_the_mouth(tab)
    assert tab.page.evaluate("performance.getEntriesByName('photodrag-frame').length")
    assert tab.pixels() != before

    name, edited = tab.download(lambda: tab.button("Save").click())
    assert name == "small-edited.png"
    (tmp_path / "page.png").write_bytes(edited)
    assert (pixels(tmp_path / "page.png") != pixels(small_portrait)).any()

    tab.page.get_by_label("Save as").click()
    name, recipe = tab.download(lambda: tab.page.get_by_text("Recipe", exact=True).click())
    (tmp_path / "recipe.json").write_bytes(recipe)
    assert [drag.split("->")[0] for drag in json.loads(recipe)["drag"]] == [
        "mouth_left",
        "mouth_right",
    ]
    subprocess.run(
        [
            *(sys.executable, "-c", "from photodrag.pipeline.cli import main; main()"),
            *("apply", tmp_path / "recipe.json", small_portrait, "-o", tmp_path / "line.png"),
            *("--device", "cpu", "--no-cache", "--quiet"),
        ],
        env=environment,
        check=True,
    )
    assert (tmp_path / "line.png").read_bytes() == edited

    tab.button("Undo").click()
    tab.until("!document.querySelector('.pd-handle')", "the points to go")
    _, undone = tab.download(lambda: tab.button("Save").click())
    (tmp_path / "undone.png").write_bytes(undone)
    np.testing.assert_array_equal(pixels(tmp_path / "undone.png"), pixels(small_portrait))
    tab.button("Redo").click()
    tab.page.locator(".pd-handle").first.wait_for()
    assert tab.download(lambda: tab.button("Save").click())[1] == edited


def test_points_move_by_keyboard_and_all_buttons_have_names(studio, look, small_portrait):
    tab = look(studio)
    tab.open_face(small_portrait)
    tab.page.get_by_text("Run when I let go").click()
    tab.button("Add a point at a landmark").press("Enter")
    tab.page.get_by_role("menuitem", name="chin").or_(
        tab.page.locator(".q-item", has_text="chin")
    ).first.press("Enter")
    target = tab.page.locator(".pd-target")
    target.wait_for()
    place = target.get_attribute("aria-label")
    target.focus()
    for key in ("ArrowDown", "Shift+ArrowRight"):
        tab.page.keyboard.press(key)
    tab.until(f"document.querySelector('.pd-target').getAttribute('aria-label') != {place!r}")
    tab.page.get_by_text("Ready to run").wait_for()
    tab.page.keyboard.press("Delete")
    tab.until("!document.querySelector('.pd-target')", "the point to go")

    # a cross that the arrow keys move stands for the mouse
    tab.page.locator(".pd-stage").focus()
    for key in ("ArrowRight", "Enter", "ArrowDown", "ArrowDown", "Enter"):
        tab.page.keyboard.press(key)
    target.wait_for()
    tab.page.locator("summary", has_text="More").click()
    tab.page.get_by_label("Show", exact=True).wait_for()
    nameless = """[...document.querySelectorAll('button')].filter(one =>
        !one.getAttribute('aria-label') && !one.innerText.trim()).map(one => one.outerHTML)"""
    assert tab.page.evaluate(nameless) == []


def test_tabs_do_not_see_each_other_and_a_reload_keeps_the_work(studio, look, small_portrait):
    first, second = look(studio), look(studio)
    first.open_face(small_portrait)
    assert second.page.get_by_text("Drop a portrait here").is_visible()
    assert second.page.locator(".pd-title").inner_text() == ""
    first.page.reload()
    first.status("Drag from a place")
    assert "small.png" in first.page.locator(".pd-title").inner_text()


def test_what_cannot_be_used_is_told_and_the_studio_goes_on(studio, look, small_portrait, tmp_path):
    tab = look(studio)
    bad = tmp_path / "notes.png"
    bad.write_text("no picture at all", "utf-8")
    tab.open(bad)
    tab.page.get_by_text(re.compile("^notes.png: not an image")).wait_for()
    (tmp_path / "smile.json").write_text("{}", "utf-8")
    tab.open(tmp_path / "smile.json")
    tab.page.locator(".q-notification").nth(1).wait_for()
    tab.open_face(small_portrait)


def test_masks_by_name_and_by_brush_stay_in_the_recipe(studio, look, small_portrait):
    tab = look(studio)
    tab.open_face(small_portrait)
    tab.tab("Mask")
    plain = tab.pixels()
    tab.button("Mouth").click()
    tab.until(f"document.querySelector('.pd-stage canvas').toDataURL() != {plain!r}", "the mask")
    tab.tab("Adjust")
    tab.page.get_by_role("slider", name=re.compile("^Smile")).press("End")
    tab.status("Done")
    tab.tab("History")
    tab.page.get_by_text("with a mask").wait_for()
    tab.page.get_by_label("Save as").click()
    _, recipe = tab.download(lambda: tab.page.get_by_text("Recipe", exact=True).click())
    assert json.loads(recipe)["mask"] == "mouth"
    assert json.loads(recipe)["adjust"] == {"smile": 1.0}
    tab.button("More").click()
    tab.page.get_by_text("Show the command line").click()
    text = tab.page.locator("#pd-command").inner_text()
    assert "--adjust smile=1" in text
    assert "--mask mouth" in text


def test_a_stranger_gets_nothing(studio):
    def refused(request):
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)
        with caught.value as answer:
            return answer.code

    for path in ("/", "/studio/web/canvas.js", "/_nicegui_ws/socket.io/?EIO=4&transport=polling"):
        assert refused(studio.origin + path) == 403
    assert refused(urllib.request.Request(studio.url, headers={"Host": "evil.example"})) == 421


def test_two_fingers_zoom_and_one_places_a_point(studio, look, small_portrait):
    tab = look(studio, has_touch=True)
    tab.open_face(small_portrait)
    tab.page.get_by_text("Run when I let go").click()
    touch = tab.fingers()
    x, y = tab.landmark(LEFT)

    touch("touchStart", (x, y))
    touch("touchMove", (x - 20, y - 20))
    touch("touchEnd")
    tab.page.locator(".pd-target").wait_for()
    before = int(tab.page.locator(".pd-percent").inner_text().split()[0])
    touch("touchStart", (x, y), (x + 60, y))
    touch("touchMove", (x - 30, y), (x + 90, y))
    touch("touchEnd")
    tab.until(f"parseInt(document.querySelector('.pd-percent').innerText) > 1.5 * {before}")
    assert tab.page.locator(".pd-handle").count() == 1
