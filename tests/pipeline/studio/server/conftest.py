"""The studio as a person starts it, and a browser to look at it with."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)
_PATIENCE = 60  # seconds for anything that a test waits for


@dataclass
class Served:
    """A running `photodrag studio`."""

    process: subprocess.Popen
    url: str
    temporary: Path
    lines: list[str]
    reader: threading.Thread

    @property
    def origin(self):
        return self.url.partition("/?")[0]


@dataclass
class Looking:
    """One tab on the studio, and what it asked for."""

    page: object
    errors: list[str] = field(default_factory=list)
    hosts: set[str] = field(default_factory=set)

    def until(self, expression, what=""):
        """Wait until a JavaScript expression holds; its value."""
        end = time.monotonic() + _PATIENCE
        while not (value := self.page.evaluate(expression)):
            assert time.monotonic() < end, f"waited in vain for {what or expression}"
            time.sleep(0.05)
        return value

    def status(self, text):
        """Wait until the page says so."""
        self.page.locator(".pd-stage-words", has_text=text).wait_for(timeout=1000 * _PATIENCE)

    def open(self, path):
        """Choose a file, as with the button."""
        self.page.locator("input[data-chooser]").set_input_files(path)

    def open_face(self, path):
        """Open a photo, and wait until its largest face, which is begun by itself, is ready."""
        self.open(path)
        self.status("Drag from a place")

    def tab(self, name):
        self.page.get_by_role("tab", name=name, exact=True).click()

    def button(self, name):
        return self.page.get_by_role("button", name=name, exact=True)

    def landmark(self, number):
        """Where one of the small dots is in the window."""
        box = self.page.locator(".pd-stage").bounding_box()
        dot = self.page.locator(".pd-landmark").nth(number)
        x, y = (float(dot.get_attribute(name)) for name in ("cx", "cy"))
        return box["x"] + x, box["y"] + y

    def fingers(self):
        """Touch events at places (x, y) of the window, one for each finger."""
        session = self.page.context.new_cdp_session(self.page)

        def touch(kind, *positions):
            points = [{"x": x, "y": y, "id": index} for index, (x, y) in enumerate(positions)]
            session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        return touch

    def drag(self, begin, way):
        """Press, pull and let go."""
        x, y = begin
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + way[0] / 2, y + way[1] / 2)
        self.page.mouse.move(x + way[0], y + way[1])
        self.page.mouse.up()

    def pixels(self):
        """The stage as it is painted, as a text that is equal only if the pixels are."""
        return self.page.evaluate("document.querySelector('.pd-stage canvas').toDataURL()")

    def download(self, act):
        """What an act saves: the browser's name for it, and the bytes."""
        with self.page.expect_download(timeout=1000 * _PATIENCE) as waiting:
            act()
        return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


@pytest.fixture(scope="session")
def environment():
    """For the studio and the command line: the same number of threads, or pixels differ.

    And one time for the history that an edited photo carries.
    """
    return {**os.environ, "OMP_NUM_THREADS": "1", "SOURCE_DATE_EPOCH": "1785672000"}


@pytest.fixture(scope="session")
def serve(tmp_path_factory, environment):
    """Start a studio with these arguments; each is ended with Ctrl-C and must leave nothing."""
    running = []

    def start(*args):
        temporary = tmp_path_factory.mktemp("temporary")
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from photodrag.pipeline.cli import main; main()"),
                *("studio", "--no-browser", "--device", "cpu", "--no-cache", *map(str, args)),
            ],
            stderr=subprocess.PIPE,
            text=True,
            env={**environment, "TMPDIR": str(temporary)},
            cwd=temporary,
        )
        lines = []
        assert process.stderr is not None
        for line in process.stderr:
            lines.append(line)
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail(f"the studio did not start: {lines}")
        reader = threading.Thread(target=lambda: lines.extend(process.stderr), daemon=True)
        reader.start()
        served = Served(process, found[0], temporary, lines, reader)
        running.append(served)
        return served

    yield start
    for served in running:
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(_PATIENCE) == 0, served.lines
        served.reader.join()
        served.process.stderr.close()
        assert list(served.temporary.glob("photodrag*")) == []
        assert not any("Traceback" in line for line in served.lines), "".join(served.lines)


@pytest.fixture(scope="session")
def studio(serve, tiny_checkpoint):
    """One with the tiny generator, without a photo."""
    return serve("--checkpoint", tiny_checkpoint, "--pivot-steps", 2, "--tune-steps", 1)


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; skips where there is none."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if program is None:
        pytest.skip(f"there is no browser; install Debian's chromium ({', '.join(_BROWSERS)})")
    with playwright.sync_playwright() as runner:
        chromium = runner.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield chromium
        chromium.close()


@pytest.fixture
def look(browser):
    """Open a tab of its own on a studio; no tab may have errors or ask anyone else."""
    contexts, tabs = [], []

    def open_tab(served, **options):
        context = browser.new_context(viewport={"width": 1280, "height": 860}, **options)
        contexts.append(context)
        tab = Looking(context.new_page())
        tab.page.set_default_timeout(1000 * _PATIENCE)
        tab.page.on("pageerror", lambda error: tab.errors.append(str(error)))
        tab.page.on("request", lambda request: tab.hosts.add(request.url.split("/")[2]))
        tab.page.goto(served.url)
        tab.page.locator(".pd-top").wait_for()
        tabs.append((tab, served))
        return tab

    yield open_tab
    for context in contexts:
        context.close()
    for tab, served in tabs:
        assert tab.errors == []
        assert {host for host in tab.hosts if host} == {served.origin.removeprefix("http://")}
