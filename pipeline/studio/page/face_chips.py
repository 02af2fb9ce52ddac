"""A photo's faces by their numbers, to choose another one."""

from __future__ import annotations

from functools import partial

from nicegui import ui

from .controller import Controller
from .widgets import text_button


class FaceChips:
    """A row of the panel, shown where there are several faces, or one that is to be picked.

    It stays when a face is ready, so that nothing below it moves.
    """

    def __init__(self, controller: Controller):
        self._controller = controller
        self._chips: dict[int, ui.button] = {}
        with ui.element("div").classes("pd-faces") as self._row:
            self._title = ui.label("").classes("pd-name")
            self._list = ui.element("div").classes("pd-chips")

    def refresh(self) -> None:
        """Show the photo's faces; with edits at hand, another one is chosen in the menu only."""
        controller = self._controller
        state, work = controller.workspace.state, controller.work
        numbers = [face.index for face in state.faces]
        self._row.set_visibility(len(numbers) > 1 or controller.picks)
        self._title.set_text("Which face?" if len(numbers) > 1 else "One face was found.")
        if numbers != [*self._chips]:
            self._make(numbers)
        free = not state.edits and (work is None or work.ticket.job == "invert")
        text = "" if free else "To leave the edits of this face: Another face, in the menu"
        for number, chip in self._chips.items():
            on = state.chosen is not None and state.chosen.index == number
            chip.classes(add="pd-on" if on else "", remove="" if on else "pd-on")
            chip.props["aria-pressed"] = str(on).lower()
            chip.props["title"] = text
            chip.update()
            chip.set_enabled(free)

    def _make(self, numbers: list[int]) -> None:
        self._list.clear()
        single = len(numbers) == 1
        with self._list:
            self._chips = {
                number: text_button(
                    "Edit this face" if single else f"Face {number}",
                    partial(self._controller.choose_face, number),
                    kind="main" if single else "plain",
                ).classes("" if single else "pd-chip")
                for number in numbers
            }
