"""The bar above the photo: open, undo, before and after, save, and the rest in a menu."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from nicegui import ui

from photodrag.errors import PhotodragError

from ..engine.exporting import SAVE_EXTENSIONS
from .controller import Controller
from .widgets import Dialog, hint, icon_button, mark, text_button

_OPENED = "image/*,.heic,.heif,.avif,.tif,.tiff"
_THEMES = (
    ("Follow the system", "brightness_auto", None),
    ("Light", "light_mode", False),
    ("Dark", "dark_mode", True),
)
_KEYS = (
    ("V", "move the photo; or hold the space bar"),
    ("P", "place points"),
    ("B, E", "paint the mask, erase from it"),
    ("[ ] or , .", "smaller or larger brush"),
    ("S", "snap to landmarks, or not"),
    ("Tab", "to the points; the arrow keys move one"),
    ("Shift, Alt + arrow", "ten pixels, a quarter of a pixel"),
    ("Delete", "remove the point"),
    ("Enter", "with the photo in focus: a point at the cross that the arrow keys move"),
    ("R", "run"),
    ("K", "pause or continue"),
    ("Esc", "stop"),
    ("N", "leave the change as it is and begin a new one"),
    ("X", "hold to see the photo before"),
    ("C", "before and after, side by side"),
    ("Ctrl + Z", "undo"),
    ("Ctrl + Y, Ctrl + Shift + Z", "redo"),
    ("Ctrl + S", "save the photo"),
    ("Ctrl + O", "open a file"),
    ("+ -", "zoom; so does the wheel"),
    ("0, 1", "the whole photo, the face"),
    ("?", "this list"),
)


class Acts(Protocol):
    """What the bar asks of the page."""

    def act(self, name: str) -> None:
        """Do something by its name."""

    def toggle_split(self) -> None:
        """Before and after side by side, or not."""


class Toolbar:
    """The bar, its menus and dialogs."""

    def __init__(self, controller: Controller):
        self._controller = controller
        self._dark = ui.dark_mode(None)
        self.keys = Dialog("Keyboard")
        with self.keys.body, ui.element("dl").classes("pd-keys"):
            for key, text in _KEYS:
                with ui.element("dt"):
                    ui.label(key).classes("pd-key")
                with ui.element("dd"):
                    ui.label(text)
        self._command = Dialog("The same on the command line", wide=True)

    def bar(self, page: Acts) -> None:
        """Build the bar."""
        controller = self._controller
        with ui.element("header").classes("pd-top"):
            ui.label("photodrag").classes("pd-brand")
            opener = text_button("Open", icon="add_photo_alternate")
            opener.props["aria-label"] = "Open a photo"
            mark(opener, open=_OPENED)
            self._title = ui.label("").classes("pd-title")
            ui.element("div").classes("pd-grow")
            self._undo = icon_button("undo", "Undo", controller.undo, "Ctrl+Z")
            self._redo = icon_button("redo", "Redo", controller.redo, "Ctrl+Y")
            self._before = icon_button("visibility", "Hold to see the photo before", key="X")
            mark(self._before, hold_before="")
            self._split = icon_button("compare", "Before and after", page.toggle_split, "C")
            self._save_menu()
            self._more_menu()

    def _save_menu(self) -> None:
        controller = self._controller
        with ui.element("div").classes("pd-save"):
            self._save = text_button("Save", self.save, "download", "main")
            more = text_button("", icon="expand_more", kind="main").classes("pd-save-more")
            more.props["aria-label"] = "Save as …"
            self._save_more = more
            with more, ui.menu().props("anchor='bottom right' self='top right'").classes("pd-menu"):
                for extension in SAVE_EXTENSIONS:
                    name = extension.lstrip(".").upper()
                    _item(f"Photo as {name}", partial(self.save, extension))
                ui.separator()
                _item("Session", lambda: controller.save(controller.workspace.save_session))
                self._recipe = _item(
                    "Recipe", lambda: controller.save(controller.workspace.save_recipe)
                )
                self._movie = _item("Movie of the last run", self._save_movie)

    def _more_menu(self) -> None:
        controller = self._controller
        more = icon_button("more_vert", "More")
        with more, ui.menu().props("anchor='bottom right' self='top right'").classes("pd-menu"):
            mark(_item("Open a photo …"), open=_OPENED)
            mark(_item("Open a session …"), open=".zip")
            mark(_item("Do a recipe …"), open=".json,.zip")
            ui.separator()
            self._other = _item("Another face", self._other_face)
            self._reset = _item("Back to the photo", controller.reset)
            ui.separator()
            _item("Show the command line", self._show_command)
            _item("Keyboard", self.keys.open)
            ui.separator()
            for text, icon, value in _THEMES:
                with _item("", partial(self._dark.set_value, value)):
                    ui.icon(icon).classes("pd-item-icon")
                    ui.label(text)

    def refresh(self) -> None:
        """Show the desk's state."""
        controller = self._controller
        state = controller.workspace.state
        photo = state.photo
        text = "" if photo is None else f"{photo.name} · {photo.size[0]}x{photo.size[1]}"
        self._title.set_text(text)
        self._undo.set_enabled(state.can_undo or not controller.draft.is_empty)
        self._redo.set_enabled(state.can_redo)
        for button in (self._before, self._split):
            button.set_enabled(state.can_undo or controller.work is not None)
        for button in (self._save, self._save_more):
            button.set_enabled(photo is not None)
        self._recipe.set_enabled(state.can_undo)
        self._movie.set_enabled(state.has_movie)
        self._other.set_enabled(len(state.faces) > 1)
        self._reset.set_enabled(state.can_undo)

    def show_split(self, on: bool) -> None:
        """Show whether before and after stand side by side."""
        self._split.props["aria-pressed"] = str(on).lower()
        self._split.classes(add="pd-on" if on else "", remove="" if on else "pd-on")
        self._split.update()

    def save(self, extension: str | None = None) -> None:
        """The photo, in its own format unless another is given."""
        if self._controller.workspace.state.photo is not None:
            self._controller.save(lambda: self._controller.workspace.save(extension))

    def _save_movie(self) -> None:
        extension = self._controller.workspace.state.movie_extensions[-1]
        self._controller.save(lambda: self._controller.workspace.save_movie(extension))

    def _other_face(self) -> None:
        """The next one; the edits of this one are left."""
        state = self._controller.workspace.state
        numbers = [face.index for face in state.faces]
        chosen = None if state.chosen is None else state.chosen.index
        at = numbers.index(chosen) if chosen in numbers else -1
        self._controller.choose_face(numbers[(at + 1) % len(numbers)])

    def _show_command(self) -> None:
        try:
            command = self._controller.workspace.command()
        except PhotodragError as error:
            self._controller.problem(str(error))
            return
        body = self._command.body
        body.clear()
        with body:
            hint("It does to the photo what was done here, pixel for pixel on this machine.")
            code = ui.element("pre").classes("pd-code")
            code.props["id"] = "pd-command"
            code.props["tabindex"] = "0"
            with code:
                ui.label(command.text)
            if command.files:
                names = ", ".join(name for name, _ in command.files)
                hint(f"It reads {names}: the recipe that can be saved here holds it, too.")
            copy = text_button("Copy", icon="content_copy", kind="main")
            mark(copy, copy="pd-command")
        self._command.open()


def _item(text: str, act: Callable[[], Any] | None = None) -> ui.menu_item:
    return ui.menu_item(text, act)
