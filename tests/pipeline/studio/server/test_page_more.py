"""The smaller controls of the real page in a real browser."""

import json
import re

from PIL import Image

from photodrag.alignment import LANDMARK_NAMES

LEFT = LANDMARK_NAMES["mouth_left"]


def test_the_command_lines_options_are_folded_away_and_do_what_they_say(
    studio, look, small_portrait
):
    tab = look(studio)
    tab.open_face(small_portrait)
    show = tab.page.get_by_label("Show", exact=True)
    assert not show.is_visible()
    tab.page.locator("summary", has_text="More").press("Enter")
    show.select_option("painted pixels")
    landmarks = tab.page.get_by_label("Landmarks", exact=True)
    pull = tab.page.get_by_label("Pull", exact=True)
    pull.select_option("FreeDrag")  # which leaves no choice for landmarks
    tab.until("document.querySelector('.pd-select').disabled")
    assert landmarks.input_value() == "yes"
    pull.select_option("as it comes")
    tab.until("!document.querySelector('.pd-select').disabled")
    landmarks.select_option("by features")
    tab.page.get_by_label("Steps at most").select_option("10")
    tab.drag(tab.landmark(LEFT), (-14, -10))
    tab.status("Done")
    tab.page.get_by_label("Save as").click()
    _, recipe = tab.download(lambda: tab.page.get_by_text("Recipe", exact=True).click())
    settings = json.loads(recipe)["settings"]
    assert settings["composite"] == {"method": "paste"}
    assert settings["guide"] == {"steps": 0}
    assert settings["drag"] == {"max_steps": 10}
    tab.button("More").click()
    tab.page.get_by_text("Show the command line").click()
    text = tab.page.locator("#pd-command").inner_text()
    assert "--composite paste --set guide.steps=0" in text
    assert "--set drag.max_steps=10" in text
    tab.page.keyboard.press("Escape")
    tab.page.locator("#pd-command").wait_for(state="hidden")

    # another choice does the change anew; the choice stays for the next photo
    show.select_option("the photo's pixels")
    tab.status("Done")
    tab.open_face(small_portrait)
    assert tab.page.get_by_label("Landmarks", exact=True).input_value() == "yes"
    tab.button("As it was").click()
    tab.until("[...document.querySelectorAll('.pd-select')].every(one => one.selectedIndex === 0)")


def test_a_photo_without_a_face_is_shown_and_told_of(studio, look, tmp_path):
    Image.new("RGB", (64, 48), (200, 40, 40)).save(tmp_path / "nobody.png")
    tab = look(studio)
    empty = tab.pixels()
    tab.open(tmp_path / "nobody.png")
    tab.page.get_by_text(re.compile("^No face was found in this photo")).wait_for()
    assert tab.page.locator(".pd-title").inner_text().startswith("nobody.png")
    tab.until(f"document.querySelector('.pd-stage canvas').toDataURL() != {empty!r}", "the photo")
    assert not tab.page.get_by_text("Drop a portrait here").is_visible()


def test_a_loupe_shows_what_the_finger_hides(studio, look, small_portrait):
    tab = look(studio, has_touch=True)
    tab.open_face(small_portrait)
    tab.page.get_by_text("Run when I let go").click()
    touch = tab.fingers()
    x, y = tab.landmark(LEFT)
    loupe = tab.page.locator(".pd-loupe")

    assert not loupe.is_visible()
    touch("touchStart", (x, y))
    touch("touchMove", (x - 20, y - 20))
    loupe.wait_for()
    tab.until("!document.querySelector('.pd-loupe').hidden")
    box = loupe.bounding_box()
    assert box["y"] + box["height"] < y - 20
    assert box["x"] < x - 20 < box["x"] + box["width"]
    touch("touchEnd")
    loupe.wait_for(state="hidden")
    # the mouse needs none
    tab.page.mouse.move(x + 30, y)
    tab.page.mouse.down()
    tab.page.mouse.move(x + 60, y)
    assert not loupe.is_visible()
    tab.page.mouse.up()


def test_the_brush_has_keys_on_every_keyboard(studio, look, small_portrait):
    tab = look(studio)
    tab.open_face(small_portrait)
    tab.tab("Mask")
    size = tab.page.get_by_role("slider", name="Brush size")
    before = int(size.input_value())
    tab.page.locator(".pd-stage").focus()
    for key, by in ((".", 4), ("]", 8), (",", 4), ("[", 0)):
        tab.page.keyboard.press(key)
        tab.until(f"document.querySelector('[aria-label=\"Brush size\"]').value == {before + by}")
