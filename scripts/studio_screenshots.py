"""The pictures of docs/studio.md, taken of the real page; or how soon it moves.

    python -m scripts.studio_screenshots
    python -m scripts.studio_screenshots --measure 10

Needs the extra "dev", and Chromium on the path. The first use learns the example's face, which
takes a minute. With --measure, a point is dragged and let go so many times, and the milliseconds
from there to the first frame on the screen are printed; nothing is written.
"""

from __future__ import annotations

import argparse
import io
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
PORTRAIT = ROOT / "examples" / "portrait.jpg"
IMAGES = ROOT / "docs" / "images"
DESKTOP, PHONE = (1280, 800), (390, 780)
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
PATIENCE = 300_000  # milliseconds
QUALITY = 88
MOUTH_LEFT, MOUTH_RIGHT, BROW = 48, 54, 19


@contextmanager
def served() -> Iterator[str]:
    """The address of a studio that begins without a photo."""
    command = "from photodrag.pipeline.cli import main; main()"
    process = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", command, "studio", "--no-browser"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    try:
        for line in process.stderr:
            if found := re.search(r"http://\S+", line):
                yield found[0]
                return
        raise SystemExit("the studio did not start")
    finally:
        process.send_signal(signal.SIGINT)
        process.stderr.close()
        process.wait()


def open_page(browser: Browser, url: str, size: tuple[int, int], dark: bool = False) -> Page:
    """A tab of its own."""
    phone = size == PHONE
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2 if phone else 1.25,
        has_touch=phone,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(url)
    page.locator(".pd-top").wait_for()
    return page


def open_face(page: Page) -> None:
    """The example, with its face ready."""
    page.locator("input[data-chooser]").set_input_files(PORTRAIT)
    says(page, "Drag from a place")
    time.sleep(0.5)


def says(page: Page, text: str) -> None:
    """Wait for a text in the page's foot."""
    page.locator(".pd-stage-words", has_text=text).wait_for()


def spot(page: Page, landmark: int) -> tuple[float, float]:
    """Where one of the small dots is in the window."""
    box = page.locator(".pd-stage").bounding_box()
    dot = page.locator(".pd-landmark").nth(landmark)
    assert box is not None
    x, y = (float(dot.get_attribute(name) or 0) for name in ("cx", "cy"))
    return box["x"] + x, box["y"] + y


def drag(page: Page, landmark: int, way: tuple[int, int]) -> None:
    """Press on a landmark, pull and let go."""
    x, y = spot(page, landmark)
    page.mouse.move(x, y)
    page.mouse.down()
    for share in (0.3, 0.6, 1.0):
        page.mouse.move(x + share * way[0], y + share * way[1])
    page.mouse.up()


def keep(page: Page, name: str) -> None:
    """Write what the page shows."""
    if page.viewport_size != {"width": PHONE[0], "height": PHONE[1]}:
        page.mouse.move(4, DESKTOP[1] / 2)
    time.sleep(0.6)  # tips and buttons fade
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    picture.save(IMAGES / f"studio-{name}.jpg", quality=QUALITY, optimize=True)
    print(f"studio-{name}.jpg")


def tab(page: Page, name: str) -> None:
    """Turn to one of the panels."""
    page.get_by_role("tab", name=name, exact=True).click()


def button(page: Page, name: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=name, exact=True).click()


def take_pictures(browser: Browser, url: str) -> None:
    """Each step of an edit, as docs/studio.md tells it."""
    page = open_page(browser, url, DESKTOP)
    keep(page, "open")
    page.locator("input[data-chooser]").set_input_files(PORTRAIT)
    says(page, "Getting the face ready")
    keep(page, "face")
    says(page, "Drag from a place")
    page.get_by_text("Run when I let go").click()
    drag(page, MOUTH_LEFT, (-30, -26))
    drag(page, MOUTH_RIGHT, (30, -26))
    keep(page, "points")
    page.locator("summary", has_text="More").click()
    page.get_by_label("Show", exact=True).scroll_into_view_if_needed()
    keep(page, "more")
    page.locator("summary", has_text="More").click()
    button(page, "Run")
    page.locator(".pd-moving").first.wait_for(state="attached")
    keep(page, "live")
    says(page, "Done")
    button(page, "Before and after")
    keep(page, "compare")
    button(page, "Before and after")
    page.get_by_text("Run when I let go").click()
    button(page, "New change")
    tab(page, "Mask")
    button(page, "Brows")
    keep(page, "mask")
    tab(page, "Adjust")
    slider = page.get_by_role("slider", name=re.compile("^Brows raise"))
    for _ in range(14):
        slider.press("ArrowRight")
        says(page, "")
    says(page, "Done")
    keep(page, "adjust")
    button(page, "More")
    page.get_by_text("Show the command line").click()
    keep(page, "command")
    page.context.close()


def take_others(browser: Browser, url: str) -> None:
    """In the dark, and on a phone."""
    page = open_page(browser, url, DESKTOP, dark=True)
    open_face(page)
    drag(page, MOUTH_LEFT, (-30, -26))
    says(page, "Done")
    keep(page, "dark")
    page.context.close()

    page = open_page(browser, url, PHONE)
    open_face(page)
    fingers = page.context.new_cdp_session(page)
    x, y = spot(page, MOUTH_LEFT)
    for kind, share in (("touchStart", 0), ("touchMove", 0.5), ("touchMove", 1)):
        place = {"x": x - 14 * share, "y": y - 12 * share}
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [place]})
    keep(page, "loupe")
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    says(page, "Done")
    keep(page, "phone")
    page.context.close()


def measure(browser: Browser, url: str, repeats: int) -> None:
    """Milliseconds from letting go to the first frame on the screen."""
    page = open_page(browser, url, DESKTOP)
    open_face(page)
    found, wholes = [], []
    for _ in range(repeats):
        page.evaluate("performance.clearMarks()")
        drag(page, MOUTH_LEFT, (-30, -26))
        says(page, "Done")
        found.append(page.evaluate(FIRST))
        wholes.append(page.evaluate(FRAMES))
        button(page, "Undo")
        says(page, "Drag from a place")
        time.sleep(0.5)
    print("first frame, ms: " + " ".join(f"{one:.0f}" for one in found))
    print(f"median {statistics.median(found):.0f} ms; {statistics.median(wholes):.0f} frames")


FIRST = """performance.getEntriesByName("photodrag-frame")[0].startTime
    - performance.getEntriesByName("photodrag-release")[0].startTime"""
FRAMES = """performance.getEntriesByName("photodrag-frame").length"""


def main() -> None:
    """Start all, and end it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", type=int, metavar="N", help="measure instead")
    repeats = parser.parse_args().measure
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        raise SystemExit("chromium is not on the path")
    with sync_playwright() as runner, served() as url:
        browser = runner.chromium.launch(executable_path=program, args=list(FLAGS))
        if repeats is None:
            take_pictures(browser, url)
            take_others(browser, url)
        else:
            measure(browser, url, repeats)
        browser.close()


if __name__ == "__main__":
    main()
