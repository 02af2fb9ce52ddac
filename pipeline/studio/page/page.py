"""The page: the photo in the middle, what can be done with it around it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from nicegui import Client, ui

from photodrag.errors import PhotodragError

from ..protocol.views import SavedFile
from .canvas import Canvas
from .controller import Controller
from .draft import read_points, read_strokes
from .face_chips import FaceChips
from .panels import BRUSH, AdjustPanel, HistoryPanel, MaskPanel, PointsPanel
from .status_bar import StatusBar
from .texts import privacy_words
from .toolbar import Toolbar
from .widgets import ERASER, hint, icon_button, mark, text_button

OPENED = "image/*,.heic,.heif,.avif,.tif,.tiff,.zip,.json"
_TOOLS = (
    ("move", "pan_tool", "Move the photo", "V"),
    ("points", "adjust", "Place points", "P"),
    ("brush", "brush", "Paint the mask", "B"),
    ("eraser", ERASER, "Erase from the mask", "E"),
)
_PANELS = (("points", "Points"), ("adjust", "Adjust"), ("mask", "Mask"), ("history", "History"))


class Page:
    """One page on a visit; `client` is the browser's side of it."""

    def __init__(self, controller: Controller, client: Client):
        self._controller, self._client = controller, client
        self._tool, self._brush, self._snap, self._split = "points", 24.0, True, False
        with ui.element("div").classes("pd-page"):
            self._menus = Toolbar(controller)
            self._menus.bar(self)
            with ui.element("main").classes("pd-work"):
                self._stage()
                with ui.element("section").classes("pd-panel") as panel:
                    panel.props["aria-label"] = "StatusBar"
                    self._faces = FaceChips(controller)
                    self._panels()
                    self._controls = StatusBar(controller)
        client.on_exception(self._fail)
        controller.changed = self._changed
        controller.problem = self._problem
        controller.note = self._note
        controller.deliver = self._deliver
        self.refresh()

    def _stage(self) -> None:
        with ui.element("section").classes("pd-view") as view:
            view.props["aria-label"] = "Photo"
            self._canvas = Canvas(self._controller, self._hear)
            with ui.element("div").classes("pd-empty") as self._empty:
                ui.icon("face_retouching_natural").classes("pd-empty-icon").props(
                    "aria-hidden=true"
                )
                ui.label("Drop a portrait here").classes("pd-empty-title")
                button = text_button("Choose a photo", icon="add_photo_alternate", kind="main")
                mark(button, open=OPENED)
                hint(privacy_words(self._client.ip))
            with ui.element("div").classes("pd-float pd-rail") as rail:
                rail.props["role"] = "toolbar"
                rail.props["aria-label"] = "Tools"
                self._tools = {
                    name: icon_button(icon, label, partial(self._choose, name), key)
                    for name, icon, label, key in _TOOLS
                }
                ui.element("hr")
                self._snapper = icon_button("grain", "Snap to landmarks", self._toggle_snap, "S")
            with ui.element("div").classes("pd-float pd-zoom") as zoom:
                mark(icon_button("remove", "Zoom out", key="-"), zoom="out")
                label = ui.label("").classes("pd-percent")
                mark(label, zoom_label="")
                mark(icon_button("add", "Zoom in", key="+"), zoom="in")
                mark(icon_button("fit_screen", "Whole photo", key="0"), zoom="fit")
                mark(icon_button("center_focus_strong", "To the face", key="1"), zoom="face")
            self._floats = (rail, zoom)

    def _panels(self) -> None:
        self._tabs: dict[str, ui.button] = {}
        self._bodies: dict[str, ui.element] = {}
        with ui.element("div").classes("pd-tabs") as tabs:
            tabs.props["role"] = "tablist"
            for name, title in _PANELS:
                tab = text_button(title, partial(self._look_at, name)).classes("pd-tab")
                tab.props["role"] = "tab"
                tab.props["id"] = f"tab-{name}"
                tab.props["aria-controls"] = f"panel-{name}"
                self._tabs[name] = tab
        with ui.element("div").classes("pd-bodies"):
            for name, _ in _PANELS:
                with ui.element("div").classes("pd-body") as body:
                    body.props["role"] = "tabpanel"
                    body.props["id"] = f"panel-{name}"
                    body.props["aria-labelledby"] = f"tab-{name}"
                    self._bodies[name] = body
        with self._bodies["points"]:
            self._points = PointsPanel(self._controller)
        with self._bodies["adjust"]:
            self._adjust = AdjustPanel(self._controller)
        with self._bodies["mask"]:
            self._mask = MaskPanel(self._controller, self._choose, self._set_brush)
        with self._bodies["history"]:
            self._history = HistoryPanel(self._controller)
        self._turn_to("points")

    # -- showing

    def refresh(self) -> None:
        """Show everything anew."""
        controller = self._controller
        state = controller.workspace.state
        work = controller.work
        self._empty.set_visibility(state.photo is None and work is None)
        for part in self._floats:
            part.set_visibility(state.photo is not None)
        for panel in (self._faces, self._points, self._adjust, self._mask, self._history):
            panel.refresh()
        self._menus.refresh()
        self._controls.refresh()
        self._show_canvas()

    def _show_canvas(self) -> None:
        for name, button in self._tools.items():
            _press(button, name == self._tool)
        _press(self._snapper, self._snap)
        self._menus.show_split(self._split)
        tools = {"tool": self._tool, "brush": self._brush, "snap": self._snap, "split": self._split}
        self._canvas.show({**tools, "veiled": self._panel == "mask"})

    def _changed(self, what: str) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            if what == "all":
                self.refresh()
                return
            self._canvas.follow()
            if what == "work":
                self._controls.refresh()
                self._points.follow()

    def _fail(self) -> None:
        """A mistake of ours: it is in the log, and the page goes on."""
        self._problem("Something went wrong here. The terminal says what; the page goes on.")

    def _problem(self, message: str) -> None:
        self._notify(message, "error_outline", 15_000)

    def _note(self, message: str) -> None:
        self._notify(message, "info_outline", 8_000)

    def _notify(self, message: str, icon: str, time: int) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            ui.notify(
                message,
                icon=icon,
                position="top",
                timeout=time,
                close_button="OK",
                multi_line=True,
                classes=f"pd-note pd-{icon}",
            )

    def _deliver(self, file: SavedFile) -> None:
        if self._client.is_deleted:
            return
        with self._client:
            ui.download(f"/studio/{self._controller.key}/saved", file.name)

    # -- hearing

    def _hear(self, name: str, value: Any) -> None:
        """What the canvas tells; a page that sends nonsense gets a message, no more."""
        controller = self._controller
        try:
            match name:
                case "points":
                    self._take_points(value)
                case "strokes":
                    strokes = read_strokes(value)
                    controller.set_draft(replace(controller.draft, strokes=strokes), from_page=True)
                    controller.touched()
                case "face" if isinstance(value, int):
                    controller.choose_face(value)
                case "tool" if value in self._tools:
                    self._choose(value)
                case "brush" if isinstance(value, int | float):
                    self._set_brush(self._brush + value)
                case "act":
                    self.act(str(value))
                case "sending":
                    self._controls.send(value if isinstance(value, int | float) else 0)
                case "sent":
                    self._controls.send(None)
                case "problem":
                    self._problem(str(value)[:500])
        except PhotodragError as error:
            self._problem(str(error))

    def _take_points(self, value: Any) -> None:
        controller = self._controller
        if not isinstance(value, dict):
            return
        points = read_points(value.get("points"))
        controller.set_draft(replace(controller.draft, points=points), from_page=True)
        if value.get("dropped") is True:
            controller.touched()

    def act(self, name: str) -> None:
        """What a key or a button of the bar asks for."""
        controller = self._controller
        acts = {
            "run": controller.run,
            "pause": controller.pause,
            "stop": controller.stop,
            "new": controller.new_change,
            "undo": controller.undo,
            "redo": controller.redo,
            "snap": self._toggle_snap,
            "split": self.toggle_split,
            "save": self._menus.save,
            "keys": self._menus.keys.open,
        }
        if name in acts:
            acts[name]()

    def toggle_split(self) -> None:
        """Show before and after side by side, or not."""
        self._split = not self._split
        self._show_canvas()

    def _choose(self, tool: str) -> None:
        self._tool = tool
        if tool in ("brush", "eraser"):
            self._turn_to("mask")
        elif tool == "points":
            self._turn_to("points")
        self._show_canvas()

    def _toggle_snap(self) -> None:
        self._snap = not self._snap
        self._show_canvas()

    def _set_brush(self, size: float) -> None:
        self._brush = min(max(size, BRUSH[0]), BRUSH[1])
        self._mask.size.show(self._brush)
        self._show_canvas()

    def _look_at(self, panel: str) -> None:
        self._turn_to(panel)
        if panel != "mask" and self._tool in ("brush", "eraser"):
            self._tool = "points"
        self._show_canvas()

    def _turn_to(self, panel: str) -> None:
        self._panel = panel
        for name, body in self._bodies.items():
            body.set_visibility(name == panel)
            self._tabs[name].props["aria-selected"] = str(name == panel).lower()
            self._tabs[name].update()


def _press(button: ui.button, on: bool) -> None:
    button.props["aria-pressed"] = str(on).lower()
    button.classes(add="pd-on" if on else "", remove="" if on else "pd-on")
    button.update()
