"""The panels beside the photo: points, adjustments, mask, history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nicegui import ui

from photodrag.alignment import LANDMARK_NAMES

from ...request.adjustments import ADJUSTMENTS, Adjustment
from ...request.mask_names import MASKS
from .controller import Controller
from .draft import DraftPoint
from .method_panel import MethodPanel
from .slider import Slider
from .texts import change_words, distance_words, label_words, place_words
from .widgets import ERASER, heading, hint, icon_button, mark, text_button

_GROUPS = (
    ("Mouth", ("smile", "mouth_", "lip_")),
    ("Eyes and brows", ("eye", "gaze", "brow")),
    ("Shape", ("nose", "face", "jaw", "chin")),
    ("Head", ("yaw", "pitch", "roll")),
    ("More", ("",)),
)
BRUSH = (4, 120)  # CSS pixels
_NEW_WAY = 0.06  # of the face's width: where the target of a point from the list begins


class PointsPanel:
    """The points of the change, each with how far it still has to go."""

    def __init__(self, controller: Controller):
        self._controller = controller
        self._distances: list[ui.label] = []
        hint(
            "Press on the face and pull to where it should go. Handles snap to the small dots; "
            "hold Alt, or switch that off beside the photo, to place one freely."
        )
        self._list = ui.element("ol").classes("pd-list")
        with ui.element("div").classes("pd-row"):
            add = text_button("Add at …", icon="add")
            add.props["aria-label"] = "Add a point at a landmark"
            with add, ui.menu().props("max-height=50vh").classes("pd-menu"):
                for name in LANDMARK_NAMES:
                    ui.menu_item(name.replace("_", " "), partial(self._add, name))
            self._clear = text_button("Remove all", self._remove_all)
        self._more = MethodPanel(controller)

    def refresh(self) -> None:
        """Show the draft."""
        controller = self._controller
        points = controller.draft.points
        self._list.clear()
        self._distances = []
        with self._list:
            for index, point in enumerate(points, start=1):
                with ui.element("li").classes("pd-item"):
                    ui.label(str(index)).classes("pd-badge")
                    with ui.element("div").classes("pd-grow"):
                        ui.label(place_words(point)).classes("pd-name")
                        self._distances.append(ui.label("").classes("pd-hint"))
                    remove = icon_button("close", f"Remove point {index}")
                    mark(remove, remove=str(point.number))
        self._clear.set_visibility(bool(points))
        self._more.refresh()
        self.follow()

    def follow(self) -> None:
        """Show the distances, which change with every step."""
        words = distance_words(self._controller)
        for label, text in zip(self._distances, words, strict=False):
            label.set_text(text)

    def _add(self, name: str) -> None:
        controller = self._controller
        wanted = str(LANDMARK_NAMES[name])
        found = next((one for one in controller.landmarks() if one.name in (name, wanted)), None)
        face = controller.face()
        if found is None or face is None:
            controller.problem("Choose a face first; then its landmarks are known.")
            return
        x, y = found.place
        up = max(1.0, _NEW_WAY * (face.box[2] - face.box[0]))
        number = 1 + max((point.number for point in controller.draft.points), default=0)
        point = DraftPoint(number, (x, y), (x, max(0.0, y - up)), found.name)
        controller.set_draft(replace(controller.draft, points=(*controller.draft.points, point)))

    def _remove_all(self) -> None:
        self._controller.set_draft(replace(self._controller.draft, points=()))
        self._controller.touched()


class AdjustPanel:
    """A slider for each adjustment that has a name."""

    def __init__(self, controller: Controller):
        self._controller = controller
        self._sliders: dict[str, Slider] = {}
        left = list(ADJUSTMENTS.values())
        for title, beginnings in _GROUPS:
            group = [one for one in left if one.name.startswith(beginnings)]
            left = [one for one in left if one not in group]
            if group:
                heading(title)
                for one in group:
                    self._row(one)
        self._reset = text_button("All back to 0", self._reset_all)

    def _row(self, one: Adjustment) -> None:
        self._sliders[one.name] = Slider(
            label_words(one.name),
            (one.least, one.most, 0.5 if one.is_pose else 0.05),
            text=one.text,
            unit="°" if one.is_pose else "",
            released=partial(self._let_go, one.name),
        )

    def refresh(self) -> None:
        """Show the draft."""
        values = self._controller.draft.adjust or {}
        for name, slider in self._sliders.items():
            slider.show(values.get(name, 0), self._controller.can_change)
        self._reset.set_visibility(bool(values))

    def _let_go(self, name: str, value: float) -> None:
        self._controller.set_draft(self._controller.draft.adjusted(name, value))
        self._controller.touched()

    def _reset_all(self) -> None:
        self._controller.set_draft(replace(self._controller.draft, adjust=None))
        self._controller.touched()


class MaskPanel:
    """What may move: parts by name, and the brush."""

    def __init__(
        self, controller: Controller, tool: Callable[[str], None], brush: Callable[[float], None]
    ):
        self._controller = controller
        hint(
            "Only what stays clear may move; what is veiled stays as it is, to the pixel. "
            "Without a mask, whatever the change needs."
        )
        heading("Parts of the face")
        self._names: dict[str, ui.button] = {}
        with ui.element("div").classes("pd-chips"):
            for name, text in MASKS.items():
                chip = text_button(label_words(name), partial(self._toggle, name))
                chip.classes("pd-chip").props["title"] = text
                self._names[name] = chip
        heading("By hand")
        with ui.element("div").classes("pd-row"):
            text_button("Paint", lambda: tool("brush"), "brush")
            text_button("Erase", lambda: tool("eraser"), ERASER)
        self.size = Slider("Brush size", (*BRUSH, 1), 24, moved=brush)
        with ui.element("div").classes("pd-row"):
            self._back = text_button("Take back a stroke", self._take_back)
            self._clear = text_button("No mask", self._no_mask)

    def refresh(self) -> None:
        """Show the draft."""
        draft = self._controller.draft
        for name, chip in self._names.items():
            on = name in draft.mask_names
            chip.classes(add="pd-on" if on else "", remove="" if on else "pd-on")
            chip.props["aria-pressed"] = str(on).lower()
            chip.update()
            chip.set_enabled(self._controller.can_change)
        self._back.set_visibility(bool(draft.strokes))
        self._clear.set_visibility(draft.mask is not None)

    def _toggle(self, name: str) -> None:
        self._controller.set_draft(self._controller.draft.toggled(name))
        self._controller.touched()

    def _take_back(self) -> None:
        self._controller.set_draft(
            replace(self._controller.draft, strokes=self._controller.draft.strokes[:-1])
        )
        self._controller.touched()

    def _no_mask(self) -> None:
        self._controller.set_draft(replace(self._controller.draft, strokes=(), mask_names=()))
        self._controller.touched()


class HistoryPanel:
    """What was done, and what of it was undone."""

    def __init__(self, controller: Controller):
        self._controller = controller
        self._list = ui.element("ol").classes("pd-list")
        with ui.element("div").classes("pd-row"):
            self._reset = text_button("Back to the photo", controller.reset)

    def refresh(self) -> None:
        """Show the desk's edits."""
        state = self._controller.workspace.state
        self._list.clear()
        with self._list:
            if not state.edits:
                hint("Nothing was changed yet.")
            for index, edit in enumerate(state.edits):
                undone = index >= state.position
                item = ui.element("li").classes("pd-item" + (" pd-undone" if undone else ""))
                with item:
                    ui.label(str(index + 1)).classes("pd-badge")
                    with ui.element("div").classes("pd-grow"):
                        ui.label(change_words(edit.text)).classes("pd-name")
                        ui.label(_edit_remark(edit.arrived, edit.mask, undone)).classes("pd-hint")
        self._reset.set_visibility(state.can_undo)


def _edit_remark(arrived: bool, mask: bool, undone: bool) -> str:
    parts = ["undone" if undone else "arrived" if arrived else "not all the way"]
    return ", ".join(parts + (["with a mask"] if mask else []))
